#include "src/stream/latest_frame.h"

#include <utility>

namespace pistream {

Frame LatestFrame::Put(Frame frame) {
  {
    const MutexLock lock(mutex_);
    std::swap(frame_, frame);
  }
  changed_.NotifyOne();
  return frame;
}

Frame LatestFrame::Take() {
  const MutexLock lock(mutex_);
  changed_.Wait(mutex_, [this]() PISTREAM_REQUIRES(mutex_) { return frame_ || is_interrupted_; });
  if (std::exchange(is_interrupted_, false)) {
    return {};
  }
  return std::exchange(frame_, {});
}

void LatestFrame::Interrupt() {
  {
    const MutexLock lock(mutex_);
    is_interrupted_ = true;
  }
  changed_.NotifyOne();
}

void LatestFrame::Drop() {
  Frame dropped;  // after the lock is released
  const MutexLock lock(mutex_);
  std::swap(frame_, dropped);
}

}  // namespace pistream
