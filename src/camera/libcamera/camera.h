// Cameras by libcamera: the Pi's, USB ones, libcamera's own virtual ones.
//
// Exposure, white balance and the like are left to libcamera. One that can focus by itself (Camera
// Module 3) does so all the time; others keep the focus that they have.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/camera/camera_source.h"
#include "src/camera/libcamera/camera_description.h"

namespace pistream {

// libcamera's version as linked ("0.7.1"), or nothing where this build is without libcamera.
std::optional<std::string> LibcameraVersion();

// The cameras there are now. Fails where this build is without libcamera, saying so.
Result<std::vector<CameraDescription>> ListLibcameraCameras();

// The camera with this ID, or the first one if `id` is empty. Fails where this build is without
// libcamera, saying so; that no such camera is present is told by Open().
Result<std::unique_ptr<CameraSource>> MakeLibcameraSource(const std::string& id, Clock& clock);

}  // namespace pistream
