// Numbers a camera's frames so that every loss shows as a gap.
#pragma once

#include <cstdint>
#include <optional>

#include "src/base/clock.h"

namespace pistream {

// What a camera reports of one frame. Of a throttled camera (camera_pacer.h) only the capture time:
// it counts only the frames that it got buffers for, and its sensor may be faster than requested.
struct FrameReport {
  // The camera's own count, modulo 2^32.
  std::optional<uint32_t> camera_sequence;
  SteadyTime captured;
  // How long the sensor takes for a frame, if the camera reports it.
  std::optional<Duration> frame_duration;
};

// Not thread-safe.
class FrameCounter {
 public:
  struct Numbered {
    uint64_t sequence = 0;
    SteadyTime captured;  // made to rise strictly
  };

  // Frames were lost, which neither the camera's count nor its time stamps need show.
  void CountLost(int64_t frames = 1) { lost_ += static_cast<uint64_t>(frames); }

  // The gap before this frame is the largest that the evidence shows: the camera's count, the
  // distance in time (the Pi's image processor counts only what it got buffers for, but the
  // sensor's clock goes on), or those reported as lost.
  Numbered Number(const FrameReport& frame);

 private:
  std::optional<FrameReport> last_;
  Numbered numbered_;
  uint64_t lost_ = 0;
};

}  // namespace pistream
