// Numbers a camera's frames so that every loss shows as a gap.
#pragma once

#include <cstdint>
#include <optional>

#include "src/base/clock.h"

namespace pistream {

// What a camera says about one frame. Of a camera that is held (camera_pacer.h) only the capture
// time: it counts only what it was asked for, and its sensor may be faster than is asked.
struct FrameReport {
  // The camera's own count, modulo 2^32.
  std::optional<uint32_t> camera_sequence;
  SteadyTime captured;
  // How long the sensor takes for a frame, if the camera tells.
  std::optional<Duration> frame_duration;
};

// Not thread-safe.
class FrameCounter {
 public:
  struct Numbered {
    uint64_t sequence = 0;
    SteadyTime captured;  // made to rise strictly
  };

  // Frames were lost, and perhaps neither the camera's count nor its time stamps will tell.
  void CountLost(int64_t frames = 1) { lost_ += static_cast<uint64_t>(frames); }

  // The gap before this frame is the largest that the evidence shows: the camera's count (USB
  // cameras count all), the distance in time (the Pi's image processor counts only what it got
  // buffers for, but the sensor's clock goes on), or those reported as lost.
  Numbered Number(const FrameReport& frame);

 private:
  std::optional<FrameReport> last_;
  Numbered numbered_;
  uint64_t lost_ = 0;
};

}  // namespace pistream
