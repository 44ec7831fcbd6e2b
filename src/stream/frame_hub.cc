#include "src/stream/frame_hub.h"

#include <utility>

namespace pistream {

FrameHub::FrameHub(Events events, StreamMetrics& metrics, Clock& clock)
    : events_(std::move(events)),
      metrics_(metrics),
      clock_(clock),
      last_sign_of_life_(clock.Now().time_since_epoch().count()) {}

void FrameHub::Attach(LatestFrame& slot) {
  const MutexLock lock(mutex_);
  slots_.push_back(&slot);
}

void FrameHub::Detach(LatestFrame& slot) {
  const MutexLock lock(mutex_);
  std::erase(slots_, &slot);
}

void FrameHub::OnCameraStarting() {
  last_sequence_.reset();
  has_delivered_ = false;
  last_sign_of_life_ = clock_.Now().time_since_epoch().count();
}

void FrameHub::OnFrame(Frame frame) noexcept {
  CountLost(frame.sequence());
  metrics_.frames_captured.Increment();
  last_sign_of_life_ = clock_.Now().time_since_epoch().count();
  if (!has_delivered_.exchange(true)) {
    events_.on_first_frame();
  }
  Distribute(frame);
  displaced_.clear();  // after the lock: each goes back to the camera, which takes its time
}

void FrameHub::Distribute(const Frame& frame) {
  const MutexLock lock(mutex_);
  if (slots_.empty()) {
    metrics_.frames_unwatched.Increment();
  }
  for (LatestFrame* const slot : slots_) {
    if (Frame displaced = slot->Put(frame)) {
      metrics_.frames_displaced.Increment();
      displaced_.push_back(std::move(displaced));
    }
  }
}

void FrameHub::CountLost(uint64_t sequence) {
  if (last_sequence_ && sequence > *last_sequence_ + 1) {
    metrics_.frames_lost_in_camera.Increment(static_cast<double>(sequence - *last_sequence_ - 1));
  }
  last_sequence_ = sequence;
}

void FrameHub::OnCameraLost(const Error& error) noexcept { events_.on_lost(error); }

}  // namespace pistream
