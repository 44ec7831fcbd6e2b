// libcamera's virtual camera, treated as one that delivers I420.
//
// Real cameras deliver frames that refer to their own buffers, but the virtual camera supports only
// NV12, which is converted. Here its buffers are interpreted as I420 (of the same length): luma is
// correct, chroma is not, and everything else behaves as with a real camera.
#pragma once

#include <memory>

#include "src/camera/camera_source.h"

namespace pistream {

std::unique_ptr<CameraSource> MakeInPlaceSource(Clock& clock);

}  // namespace pistream
