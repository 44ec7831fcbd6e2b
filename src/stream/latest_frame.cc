#include "src/stream/latest_frame.h"

#include <utility>

namespace pistream {

bool LatestFrame::Put(Frame frame) {
  {
    std::lock_guard lock(mutex_);
    std::swap(frame_, frame);
  }
  changed_.notify_one();
  return static_cast<bool>(frame);
}

Frame LatestFrame::Take(SteadyTime deadline, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  clock_.WaitUntil(lock, changed_, deadline, stop, [this] { return frame_ || interrupted_; });
  if (std::exchange(interrupted_, false) || stop.stop_requested()) {
    return {};
  }
  return std::move(frame_);
}

void LatestFrame::Interrupt() {
  {
    std::lock_guard lock(mutex_);
    interrupted_ = true;
  }
  changed_.notify_one();
}

void LatestFrame::Clear() {
  Frame dropped;
  std::lock_guard lock(mutex_);
  std::swap(frame_, dropped);
  interrupted_ = false;
}

}  // namespace pistream
