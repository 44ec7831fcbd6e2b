// Cameras by libcamera: the Pi's, USB ones, libcamera's own virtual ones. Any number of them may be
// open at once.
//
// Exposure, white balance and the like are left to libcamera. A camera that can focus by itself
// (Camera Module 3) does so continuously; others keep the focus that they have.
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

// The cameras that are present now. Fails in a build without libcamera.
Result<std::vector<CameraDescription>> ListLibcameraCameras();

// The camera with this ID, or the first one if `id` is empty. Open() fails if there is no such
// camera. Fails in a build without libcamera.
Result<std::unique_ptr<CameraSource>> MakeLibcameraSource(const std::string& id, Clock& clock);

// The first camera. Fails if there is none now, and in a build without libcamera. libcamera looks
// for the cameras here, and not again for the first Open().
Result<std::unique_ptr<CameraSource>> FindLibcameraSource(Clock& clock);

}  // namespace pistream
