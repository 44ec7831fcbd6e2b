#include "src/camera/libcamera/frame_counter.h"

#include <algorithm>
#include <chrono>

namespace pistream {
namespace {

// More than this at once is a count that was reset or is garbage, not a loss (a minute at 120/s).
constexpr uint64_t kLargestStep = 7200;

uint64_t StepByCount(const FrameReport& last, const FrameReport& frame) {
  if (!last.camera_sequence || !frame.camera_sequence) {
    return 1;
  }
  const uint32_t step = *frame.camera_sequence - *last.camera_sequence;
  return step <= kLargestStep ? step : 1;
}

uint64_t StepByTime(const FrameReport& last, const FrameReport& frame) {
  const Duration gone = frame.captured - last.captured;
  if (!frame.frame_duration || *frame.frame_duration <= Duration(0) || gone <= Duration(0)) {
    return 1;
  }
  const auto step =
      static_cast<uint64_t>((gone + *frame.frame_duration / 2) / *frame.frame_duration);
  return step <= kLargestStep ? step : 1;
}

}  // namespace

FrameCounter::Numbered FrameCounter::Number(const FrameReport& frame) {
  if (last_) {
    numbered_.sequence +=
        std::max({StepByCount(*last_, frame), StepByTime(*last_, frame), lost_ + 1});
    numbered_.captured = std::max(frame.captured, numbered_.captured + Duration(1));
  } else {
    numbered_ = {lost_, frame.captured};
  }
  last_ = frame;
  lost_ = 0;
  return numbered_;
}

}  // namespace pistream
