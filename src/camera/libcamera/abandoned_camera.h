// What is left of a camera that was unplugged while it was running, without libcamera (0.7.1)
// noticing: libcamera can neither stop nor destroy it.
#pragma once

#include <memory>

#include "src/camera/libcamera/request_queue.h"

namespace libcamera {
class Camera;  // NOLINT(cppcoreguidelines-virtual-class-destructor): not ours
}

namespace pistream {

// Move-only.
class AbandonedCamera {
 public:
  // `requests` are closed.
  AbandonedCamera(std::shared_ptr<libcamera::Camera> device,
                  std::shared_ptr<RequestQueue> requests);

  // Frees what can be freed. To be called once libcamera's manager, and with it libcamera's thread,
  // has ended. The libcamera::Camera itself is never destroyed: its destructor does not end its
  // threads.
  void Free();

  const std::shared_ptr<libcamera::Camera>& device() const { return device_; }

 private:
  std::shared_ptr<libcamera::Camera> device_;
  std::shared_ptr<RequestQueue> requests_;
};

}  // namespace pistream
