// libcamera's CameraManager: one at a time in a process (libcamera's rule), for all who need it.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "src/base/result.h"
#include "src/camera/libcamera/camera_description.h"

namespace libcamera {
class Camera;  // NOLINT(cppcoreguidelines-virtual-class-destructor): not ours
}

namespace pistream {

// Keeps the process's CameraManager: started by the first lease, stopped and destroyed with the
// last. Whoever holds a libcamera::Camera holds a lease longer. Thread-safe.
class LibcameraManager {
 public:
  // Looks for the cameras where no lease was held before; else those known to the manager.
  static Result<std::shared_ptr<LibcameraManager>> Lease();

  LibcameraManager(const LibcameraManager&) = delete;
  LibcameraManager& operator=(const LibcameraManager&) = delete;
  ~LibcameraManager();

  std::vector<std::shared_ptr<libcamera::Camera>> Cameras() const;

  // `call` is called once the CameraManager, and with it libcamera's thread, has ended. It must not
  // lease another.
  void OnceEnded(std::function<void()> call);

 private:
  LibcameraManager() = default;
};

CameraDescription Describe(const libcamera::Camera& camera);

}  // namespace pistream
