#include "src/camera/libcamera/manager.h"

#include <libcamera/camera.h>
#include <libcamera/camera_manager.h>
#include <libcamera/property_ids.h>

#include <cstring>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "src/camera/libcamera/log.h"

namespace pistream {
namespace {

// Of the process. The lock is also held while a manager starts and stops, so that there are never
// two of them.
struct Shared {
  std::mutex mutex;
  std::unique_ptr<libcamera::CameraManager> manager;
  int leases = 0;
  std::vector<std::function<void()>> once_ended;
};

Shared& TheOne() {
  static Shared shared;
  return shared;
}

}  // namespace

Result<std::shared_ptr<LibcameraManager>> LibcameraManager::Lease() {
  RouteLibcameraLog();
  Shared& shared = TheOne();
  std::lock_guard lock(shared.mutex);
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
  Shared& shared = TheOne();
  std::lock_guard lock(shared.mutex);
  if (--shared.leases == 0) {
    shared.manager.reset();
    for (const auto& call : std::exchange(shared.once_ended, {})) {
      call();
    }
  }
}

std::vector<std::shared_ptr<libcamera::Camera>> LibcameraManager::Cameras() const {
  Shared& shared = TheOne();
  std::lock_guard lock(shared.mutex);
  return shared.manager->cameras();
}

void LibcameraManager::OnceEnded(std::function<void()> call) {
  Shared& shared = TheOne();
  std::lock_guard lock(shared.mutex);
  shared.once_ended.push_back(std::move(call));
}

CameraDescription Describe(const libcamera::Camera& camera) {
  CameraDescription description{.id = camera.id(), .model = {}};
  if (const auto model = camera.properties().get(libcamera::properties::Model)) {
    description.model = std::string(*model);
  }
  return description;
}

}  // namespace pistream
