#include "src/camera/libcamera/manager.h"

#include <libcamera/camera.h>
#include <libcamera/camera_manager.h>
#include <libcamera/property_ids.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "src/base/log.h"
#include "src/base/mutex.h"
#include "src/base/thread_annotations.h"
#include "src/camera/libcamera/log.h"
#include "src/camera/libcamera/silence.h"

namespace pistream {
namespace {

using CameraPointer = std::shared_ptr<libcamera::Camera>;

// Of the process. The lock is also held while a CameraManager starts and stops, so that there are
// never two of them.
struct SharedState {
  Mutex mutex;
  std::unique_ptr<libcamera::CameraManager> manager PISTREAM_GUARDED_BY(mutex);
  int leases PISTREAM_GUARDED_BY(mutex) = 0;
  // What follows is of this CameraManager's cameras.
  std::vector<std::weak_ptr<libcamera::Camera>> hidden PISTREAM_GUARDED_BY(mutex);
  std::vector<AbandonedCamera> abandoned PISTREAM_GUARDED_BY(mutex);
};

SharedState& Shared() {
  static SharedState shared;
  return shared;
}

bool IsAmongHidden(const SharedState& shared, const CameraPointer& camera)
    PISTREAM_REQUIRES(shared.mutex) {
  return std::ranges::any_of(shared.hidden,
                             [&](const auto& hidden) { return hidden.lock() == camera; });
}

void AddHidden(SharedState& shared, const CameraPointer& camera) PISTREAM_REQUIRES(shared.mutex) {
  if (IsAmongHidden(shared, camera)) {
    return;
  }
  shared.hidden.push_back(camera);
  const auto known = shared.manager->cameras();
  if (shared.leases > 1 && std::ranges::find(known, camera) != known.end()) {
    log::Warning(
        "libcamera does not drop camera '{}' while other cameras are open: restart pistream before "
        "it is plugged in again, or libcamera will end the program then",
        camera->id());
  }
}

}  // namespace

Result<std::shared_ptr<LibcameraManager>> LibcameraManager::Lease() {
  RouteLibcameraLog();
  SharedState& shared = Shared();
  MutexLock lock(shared.mutex);
  if (shared.leases == 0) {
    auto manager = std::make_unique<libcamera::CameraManager>();
    if (const int error = manager->start(); error < 0) {
      return Fail("libcamera cannot look for cameras: {}", strerror(-error));
    }
    shared.manager = std::move(manager);
  }
  ++shared.leases;
  return std::shared_ptr<LibcameraManager>(new LibcameraManager);
}

LibcameraManager::~LibcameraManager() {
  SharedState& shared = Shared();
  MutexLock lock(shared.mutex);
  if (--shared.leases > 0) {
    return;
  }
  shared.manager.reset();
  shared.hidden.clear();
  for (AbandonedCamera& camera : shared.abandoned) {
    camera.Free();
  }
  shared.abandoned.clear();
}

std::vector<std::shared_ptr<libcamera::Camera>> LibcameraManager::Cameras() const {
  SharedState& shared = Shared();
  MutexLock lock(shared.mutex);
  auto cameras = shared.manager->cameras();
  const auto is_hidden = [&](const CameraPointer& camera) PISTREAM_REQUIRES(shared.mutex) {
    return IsAmongHidden(shared, camera);
  };
  std::erase_if(cameras, is_hidden);
  return cameras;
}

void LibcameraManager::Hide(const std::shared_ptr<libcamera::Camera>& camera) {
  SharedState& shared = Shared();
  MutexLock lock(shared.mutex);
  AddHidden(shared, camera);
}

void LibcameraManager::Abandon(AbandonedCamera camera) {
  SharedState& shared = Shared();
  MutexLock lock(shared.mutex);
  SilenceDevices(DevicesOf(*camera.device()));
  AddHidden(shared, camera.device());
  shared.abandoned.push_back(std::move(camera));
}

bool LibcameraManager::IsHidden(std::string_view id) const {
  SharedState& shared = Shared();
  MutexLock lock(shared.mutex);
  const auto is_meant = [&](const CameraPointer& camera) PISTREAM_REQUIRES(shared.mutex) {
    return camera->id() == id && IsAmongHidden(shared, camera);
  };
  return std::ranges::any_of(shared.manager->cameras(), is_meant);
}

CameraDescription Describe(const libcamera::Camera& camera) {
  CameraDescription description{.id = camera.id(), .model = {}};
  if (const auto model = camera.properties().get(libcamera::properties::Model)) {
    description.model = std::string(*model);
  }
  return description;
}

std::vector<dev_t> DevicesOf(const libcamera::Camera& camera) {
  const auto devices = camera.properties().get(libcamera::properties::SystemDevices);
  return devices ? std::vector<dev_t>(devices->begin(), devices->end()) : std::vector<dev_t>();
}

}  // namespace pistream
