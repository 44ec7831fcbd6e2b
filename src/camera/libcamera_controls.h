// What a camera of libcamera's is set to when it starts.
#pragma once

#include <optional>

#include "src/camera/libcamera_format.h"

namespace libcamera {
class ControlInfoMap;
class ControlList;
}  // namespace libcamera

namespace pistream {

// Nothing where the camera takes no frame time.
std::optional<FrameTimeLimits> FrameTimeLimitsOf(const libcamera::ControlInfoMap& offered);

// Of what the camera offers: the frame time, and focus that follows the scene (libcamera's default
// leaves the lens where it is). All else stays libcamera's default. `offered` outlives the list.
libcamera::ControlList StartControls(const libcamera::ControlInfoMap& offered,
                                     const FrameTimeChoice& time);

}  // namespace pistream
