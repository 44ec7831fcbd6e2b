// libcamera's virtual camera, taken for one that delivers I420.
//
// Frames that point into the camera's own buffers are what real cameras give, but the virtual
// camera has only NV12, which is converted. Here its buffers are read as if they were I420 (of the
// same length): luma is right, chroma is not, and everything else is as it would be.
#pragma once

#include <memory>

#include "src/camera/camera_source.h"

namespace pistream {

std::unique_ptr<CameraSource> MakeInPlaceSource(Clock& clock);

}  // namespace pistream
