// libcamera's CameraManager: one at a time in a process (libcamera's rule), for all its cameras.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/camera/libcamera/abandoned_camera.h"
#include "src/camera/libcamera/camera_description.h"

namespace libcamera {
class Camera;  // NOLINT(cppcoreguidelines-virtual-class-destructor): not ours
}

namespace pistream {

// Keeps the process's CameraManager: started by the first lease, stopped and destroyed with the
// last. A lease outlives each libcamera::Camera that was obtained through it. Thread-safe.
//
// What happens to one camera does not affect the others (docs/decisions/0007): a lost camera is
// hidden while the CameraManager serves the others.
class LibcameraManager {
 public:
  // Starts the CameraManager, which looks for the cameras, where no lease was held before.
  static Result<std::shared_ptr<LibcameraManager>> Lease();

  LibcameraManager(const LibcameraManager&) = delete;
  LibcameraManager& operator=(const LibcameraManager&) = delete;
  ~LibcameraManager();

  // The cameras that libcamera knows of, but for those that were hidden.
  std::vector<std::shared_ptr<libcamera::Camera>> Cameras() const;

  // The camera was unplugged, whether or not libcamera noticed. It stays hidden as long as the
  // CameraManager exists. A USB camera that is plugged in again is a new libcamera::Camera.
  void Hide(const std::shared_ptr<libcamera::Camera>& camera);
  // Hides what is left of a camera, and keeps it until the CameraManager has ended.
  void Abandon(AbandonedCamera camera);
  // Whether a camera of this ID is hidden that libcamera still lists: it cannot be opened again
  // before all leases have ended.
  bool IsHidden(std::string_view id) const;

 private:
  LibcameraManager() = default;
};

CameraDescription Describe(const libcamera::Camera& camera);

// The kernel's devices behind the camera; none for virtual ones.
std::vector<dev_t> DevicesOf(const libcamera::Camera& camera);

}  // namespace pistream
