#include "src/camera/libcamera/abandoned_camera.h"

#include <libcamera/camera.h>

#include <utility>
#include <vector>

namespace pistream {

AbandonedCamera::AbandonedCamera(std::shared_ptr<libcamera::Camera> device,
                                 std::shared_ptr<RequestQueue> requests)
    : device_(std::move(device)), requests_(std::move(requests)) {}

void AbandonedCamera::Free() {
  requests_->FreeRequests();
  static auto* const kKept = new std::vector<std::shared_ptr<libcamera::Camera>>;
  kKept->push_back(std::move(device_));
}

}  // namespace pistream
