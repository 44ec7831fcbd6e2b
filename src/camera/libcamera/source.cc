// Listing and choosing cameras.
#include <libcamera/camera.h>
#include <libcamera/camera_manager.h>

#include <utility>

#include "src/camera/libcamera/camera.h"
#include "src/camera/libcamera/choice.h"
#include "src/camera/libcamera/device.h"
#include "src/camera/libcamera/manager.h"

namespace pistream {
namespace {

std::vector<CameraDescription> DescribeAll(
    const std::vector<std::shared_ptr<libcamera::Camera>>& cameras) {
  std::vector<CameraDescription> descriptions;
  for (const auto& camera : cameras) {
    descriptions.push_back(Describe(*camera));
  }
  return descriptions;
}

class LibcameraSource final : public CameraSource {
 public:
  // `lease` may be none. It is kept until the first Open, so that libcamera looks for the cameras
  // once when the program starts.
  LibcameraSource(std::string id, std::shared_ptr<LibcameraManager> lease, Clock& clock)
      : id_(std::move(id)), lease_(std::move(lease)), clock_(clock) {}

  // If no other camera of libcamera's is open, the manager ended with the camera that was opened
  // before. A new manager then looks for the cameras, and a fault inside libcamera ended with the
  // old one. Otherwise the manager continues for the others; it notices USB cameras by itself.
  Result<std::unique_ptr<Camera>> Open() override {
    auto manager = lease_ ? Result<std::shared_ptr<LibcameraManager>>(std::move(lease_))
                          : LibcameraManager::Lease();
    lease_.reset();
    if (!manager) {
      return tl::unexpected(std::move(manager.error()));
    }
    auto cameras = (*manager)->Cameras();
    const auto chosen = ChooseCamera(DescribeAll(cameras), id_);
    if (!chosen && (*manager)->IsHidden(id_)) {
      return Fail(
          "camera '{}' was unplugged, and libcamera cannot look for it again while other cameras "
          "are open: restart pistream once it is plugged in",
          id_);
    }
    if (!chosen) {
      return tl::unexpected(chosen.error());
    }
    return MakeLibcameraCamera(*std::move(manager), std::move(cameras[*chosen]), clock_);
  }

  std::string Name() const override { return id_.empty() ? "libcamera" : "libcamera:" + id_; }

 private:
  const std::string id_;
  std::shared_ptr<LibcameraManager> lease_;
  Clock& clock_;
};

}  // namespace

std::optional<std::string> LibcameraVersion() {
  // "v0.7.1+3-1a2b3c"
  std::string version = libcamera::CameraManager::version();
  version.erase(0, version.starts_with('v') ? 1 : 0);
  return version.substr(0, version.find('+'));
}

Result<std::vector<CameraDescription>> ListLibcameraCameras() {
  const auto manager = LibcameraManager::Lease();
  if (!manager) {
    return tl::unexpected(manager.error());
  }
  return DescribeAll((*manager)->Cameras());
}

Result<std::unique_ptr<CameraSource>> MakeLibcameraSource(const std::string& id, Clock& clock) {
  return std::make_unique<LibcameraSource>(id, nullptr, clock);
}

Result<std::unique_ptr<CameraSource>> FindLibcameraSource(Clock& clock) {
  auto manager = LibcameraManager::Lease();
  if (!manager) {
    return tl::unexpected(std::move(manager.error()));
  }
  if ((*manager)->Cameras().empty()) {
    return Fail("no camera found: connect one, or use --source simulated for a test picture");
  }
  return std::make_unique<LibcameraSource>("", *std::move(manager), clock);
}

}  // namespace pistream
