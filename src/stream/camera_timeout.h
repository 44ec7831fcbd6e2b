// How long to wait for a camera's next frame.
#pragma once

#include <algorithm>
#include <chrono>

#include "src/base/clock.h"
#include "src/media/video_format.h"

namespace pistream {

// A camera that gives no frame for this long is considered lost: 4 frame times, at least 3 s.
// Precondition: `framerate` is not default-made.
inline Duration CameraTimeout(FrameRate framerate) {
  constexpr int kFrameTimes = 4;
  return std::max<Duration>(std::chrono::seconds(3), kFrameTimes * framerate.FrameTime());
}

}  // namespace pistream
