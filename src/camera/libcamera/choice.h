// The choice of a camera by its ID. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "src/base/result.h"
#include "src/camera/libcamera/camera_description.h"

namespace pistream {

// The index of the camera called `id`; the first if `id` is empty. The error lists the IDs of those
// present.
Result<size_t> ChooseCamera(std::span<const CameraDescription> present, std::string_view id);

}  // namespace pistream
