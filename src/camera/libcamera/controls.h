// The controls that a camera is started with.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "src/base/result.h"
#include "src/camera/libcamera/format.h"

namespace libcamera {
class ControlInfoMap;
class ControlList;
}  // namespace libcamera

namespace pistream {

// Nothing if the camera's frame time cannot be set.
std::optional<FrameTimeLimits> FrameTimeLimitsOf(const libcamera::ControlInfoMap& offered);

// Of what the camera offers: the frame time, focus that follows the scene (libcamera's default
// leaves the lens where it is), and the `requested` values by name (CameraConfig). All else stays
// libcamera's default. An Error lists the controls and values that are possible. `offered` outlives
// the list.
Result<libcamera::ControlList> StartControls(const libcamera::ControlInfoMap& offered,
                                             const FrameTimeChoice& time,
                                             const std::map<std::string, double>& requested);

}  // namespace pistream
