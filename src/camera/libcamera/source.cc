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
  LibcameraSource(std::string id, Clock& clock) : id_(std::move(id)), clock_(clock) {}

  // The camera held the last lease, unless the process uses another one: so what is opened anew is
  // looked for anew, by a new manager, and a fault inside libcamera ends with it.
  Result<std::unique_ptr<Camera>> Open() override {
    auto manager = LibcameraManager::Lease();
    if (!manager) {
      return tl::unexpected(std::move(manager.error()));
    }
    auto cameras = (*manager)->Cameras();
    const auto chosen = ChooseCamera(DescribeAll(cameras), id_);
    if (!chosen) {
      return tl::unexpected(chosen.error());
    }
    return MakeLibcameraCamera(*std::move(manager), std::move(cameras[*chosen]), clock_);
  }

  std::string Name() const override { return id_.empty() ? "libcamera" : "libcamera:" + id_; }

 private:
  const std::string id_;
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
  return std::make_unique<LibcameraSource>(id, clock);
}

}  // namespace pistream
