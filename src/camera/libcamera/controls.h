// What a camera of libcamera's is set to when it starts.
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

// Nothing where the camera takes no frame time.
std::optional<FrameTimeLimits> FrameTimeLimitsOf(const libcamera::ControlInfoMap& offered);

// Of what the camera offers: the frame time, focus that follows the scene (libcamera's default
// leaves the lens where it is), and what is `asked` for by name (CameraConfig). All else stays
// libcamera's default. An Error says what can be asked for. `offered` outlives the list.
Result<libcamera::ControlList> StartControls(const libcamera::ControlInfoMap& offered,
                                             const FrameTimeChoice& time,
                                             const std::map<std::string, double>& asked);

}  // namespace pistream
