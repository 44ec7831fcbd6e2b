// When a camera that does not keep time by itself may make its next frame.
#pragma once

#include <cstdint>

#include "src/base/clock.h"

namespace pistream {

// A real sensor keeps the rate it was set to: a buffer goes back to it as soon as it is free. Some
// cameras fill a buffer the moment they get it (libcamera's virtual one: thousands a second),
// others cannot be set to the requested rate. Those are throttled: they get one buffer each frame
// time, at absolute deadlines, so that no frame is wasted and errors of one wait do not add up.
//
// Whether a camera must be throttled is known at the start (`throttle`) or found out from its
// frames.
//
// Pure: takes the time as an argument. Not thread-safe.
class CameraPacer {
 public:
  CameraPacer(Duration frame_time, bool throttle);

  // Judges a frame by its capture time. False: it came too early and is not wanted; after enough
  // of those in a row the camera is throttled. A throttled camera's frames are always wanted, but
  // for those it had begun before.
  bool Accept(SteadyTime captured);

  bool is_throttled() const { return throttled_; }

  // Whether it fills each buffer as soon as it gets it. A throttled camera may also keep a rate of
  // its own, which may be lower than the requested one.
  bool is_free_running() const { return early_ == kEarlyFramesThatProve; }

  // For throttled cameras only, below.

  // When the next buffer may be given to the camera.
  SteadyTime NextDeadline() const;

  // To be called at `now`, when that deadline has passed. Returns how many more deadlines have
  // passed: the frames of those times are lost, not made up for in a burst.
  int64_t Pass(SteadyTime now);

 private:
  // One frame too early may be a slip of the camera's clock.
  static constexpr int kEarlyFramesThatProve = 2;

  const Duration frame_time_;
  bool throttled_;
  int early_ = 0;              // frames in a row that came before their time
  SteadyTime last_accepted_;   // capture time; the epoch before the first
  SteadyTime unwanted_until_;  // of frames begun before the camera was throttled
  SteadyTime origin_;          // deadlines are whole frame times after it; the epoch: at once
  int64_t passed_ = 0;         // frame times
};

}  // namespace pistream
