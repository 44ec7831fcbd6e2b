// One camera of libcamera's as a Camera; made by source.cc.
#pragma once

#include <memory>

#include "src/base/clock.h"
#include "src/camera/camera.h"
#include "src/camera/libcamera/manager.h"

namespace pistream {

// The camera is acquired from Start to Stop only: between them other programs may use it. `manager`
// is the lease that keeps `device` alive; `clock` outlives the camera, but not its frames.
std::unique_ptr<Camera> MakeLibcameraCamera(std::shared_ptr<LibcameraManager> manager,
                                            std::shared_ptr<libcamera::Camera> device,
                                            Clock& clock);

}  // namespace pistream
