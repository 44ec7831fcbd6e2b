// Flips of a camera's picture.
#pragma once

#include "src/base/result.h"

namespace libcamera {
enum class Orientation;
}

namespace pistream {

libcamera::Orientation Flipped(libcamera::Orientation upright, bool hflip, bool vflip);

// Fails where the camera delivers another orientation than `requested`, and says which flip it does
// not support.
Result<void> CheckOrientation(libcamera::Orientation requested, libcamera::Orientation delivered);

}  // namespace pistream
