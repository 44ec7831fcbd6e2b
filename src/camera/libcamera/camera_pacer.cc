#include "src/camera/libcamera/camera_pacer.h"

#include <algorithm>

namespace pistream {

CameraPacer::CameraPacer(Duration frame_time, bool throttle)
    : frame_time_(frame_time), throttled_(throttle) {}

bool CameraPacer::Accept(SteadyTime captured) {
  if (throttled_) {
    return captured >= unwanted_until_;
  }
  const bool first = last_accepted_ == SteadyTime();
  if (first || captured - last_accepted_ >= frame_time_ / 2) {
    early_ = 0;
    last_accepted_ = captured;
    return true;
  }
  if (++early_ == kEarlyFramesThatProve) {
    throttled_ = true;
    origin_ = last_accepted_;
    unwanted_until_ = last_accepted_ + frame_time_ / 2;
  }
  return false;
}

SteadyTime CameraPacer::NextDeadline() const {
  return origin_ == SteadyTime() ? SteadyTime() : origin_ + (passed_ + 1) * frame_time_;
}

int64_t CameraPacer::Pass(SteadyTime now) {
  if (origin_ == SteadyTime()) {
    origin_ = now;
    return 0;
  }
  const int64_t due = passed_ + 1;
  passed_ = std::max<int64_t>(due, (now - origin_) / frame_time_);
  return passed_ - due;
}

}  // namespace pistream
