// Converts a camera's time stamps to the steady clock.
#pragma once

#include <cstdint>

#include "src/base/clock.h"

namespace pistream {

// The kernel's two clocks, read at one moment.
struct ClockReading {
  SteadyTime steady;     // CLOCK_MONOTONIC: stops while the machine sleeps
  Duration ahead_by{0};  // how far CLOCK_BOOTTIME, which does not stop, is ahead of it; >= 0
};

ClockReading ReadClocks();

// The steady time of a stamp in nanoseconds.
//
// libcamera's SensorTimestamp is defined to be of CLOCK_BOOTTIME, yet some of its pipelines pass on
// V4L2's stamps, which are of CLOCK_MONOTONIC (as is FrameMetadata::timestamp). The two differ by
// the time the machine has slept, and a stamp is of the recent past: the later reading that is not
// in the future is the right one. An invalid stamp (0, in the future, older than ten
// seconds) gives `now.steady`.
SteadyTime SteadyTimeOfStamp(int64_t stamp_ns, const ClockReading& now);

}  // namespace pistream
