// When a camera that does not keep time by itself may make its next frame.
#pragma once

#include <cstdint>

#include "src/base/clock.h"

namespace pistream {

// A real sensor keeps the rate it was set to: a buffer goes back to it as soon as it is free. Some
// cameras fill a buffer the moment they get it (libcamera's virtual one: thousands a second),
// others cannot be set to the rate asked for. Those are held: they get one buffer each frame time,
// at absolute deadlines, so that no frame is made in vain and errors of one wait do not add up.
//
// Whether a camera must be held is known at the start (`hold`) or found out from its frames.
//
// Pure: told the time, never asks for it. Not thread-safe.
class CameraPacer {
 public:
  CameraPacer(Duration frame_time, bool hold);

  // Judges a frame by its capture time. False: it came before its time and is not wanted; enough of
  // those in a row, and the camera is held from then on. What a held camera makes when it is told
  // to is always wanted.
  bool Accept(SteadyTime captured);

  bool holding() const { return holding_; }

  // Whether it makes a frame whenever it is told to. A held camera may also have a time of its own,
  // which may be slower than asked.
  bool is_unpaced() const { return early_ == kEarlyFramesThatProve; }

  // Held cameras only, below.

  // When the next buffer may be given to the camera.
  SteadyTime NextDeadline() const;

  // To be called at `now`, when that deadline has passed. Returns how many deadlines more have
  // passed already: the frames of those times are lost, not made up for in a burst.
  int64_t Pass(SteadyTime now);

 private:
  // One frame too early may be a slip of the camera's clock.
  static constexpr int kEarlyFramesThatProve = 2;

  const Duration frame_time_;
  bool holding_;
  int early_ = 0;              // frames in a row that came before their time
  SteadyTime last_accepted_;   // capture time; the epoch before the first
  SteadyTime unwanted_until_;  // frames made before the camera was held
  SteadyTime origin_;          // deadlines are whole frame times after it; the epoch: at once
  int64_t passed_ = 0;         // frame times
};

}  // namespace pistream
