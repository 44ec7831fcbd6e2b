// src/camera/libcamera/camera.h where the build has no libcamera, or one older than 0.4.
#include "src/camera/libcamera/camera.h"

namespace pistream {
namespace {

tl::unexpected<Error> NoLibcamera() {
  return Fail(
      "this build has no libcamera: it was built on a machine without libcamera 0.4 or later; use "
      "--source simulated, or build for the Pi with --config=rpi");
}

}  // namespace

std::optional<std::string> LibcameraVersion() { return std::nullopt; }

Result<std::vector<CameraDescription>> ListLibcameraCameras() { return NoLibcamera(); }

Result<std::unique_ptr<CameraSource>> MakeLibcameraSource(const std::string& /*id*/,
                                                          Clock& /*clock*/) {
  return NoLibcamera();
}

Result<std::unique_ptr<CameraSource>> FindLibcameraSource(Clock& /*clock*/) {
  return NoLibcamera();
}

}  // namespace pistream
