// Which of the cameras that are present is meant. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "src/base/result.h"
#include "src/camera/libcamera/camera_description.h"

namespace pistream {

// The index of the camera called `id`; the first if `id` is empty. Fails with the IDs there are.
Result<size_t> ChooseCamera(std::span<const CameraDescription> present, std::string_view id);

}  // namespace pistream
