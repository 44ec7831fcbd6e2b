#include "src/camera/libcamera/camera_signals.h"

#include <libcamera/camera.h>

#include <map>
#include <utility>

namespace pistream {
namespace {

// The slots own the signals, and libcamera's camera owns the slots.
struct Connected {
  Mutex mutex;
  std::map<const libcamera::Camera*, std::weak_ptr<CameraSignals>> signals
      PISTREAM_GUARDED_BY(mutex);
};

Connected& AllConnected() {
  // Never destroyed: libcamera's thread may outlive main().
  static auto* const kConnected = new Connected;
  return *kConnected;
}

}  // namespace

std::shared_ptr<CameraSignals> CameraSignals::Of(libcamera::Camera& camera) {
  Connected& all = AllConnected();
  MutexLock lock(all.mutex);
  std::erase_if(all.signals, [](const auto& entry) { return entry.second.expired(); });
  if (auto known = all.signals[&camera].lock()) {
    return known;
  }
  auto signals = std::make_shared<CameraSignals>();
  Connect(camera, signals);
  all.signals[&camera] = signals;
  return signals;
}

void CameraSignals::SetListener(std::weak_ptr<CameraListener> listener) {
  MutexLock lock(mutex_);
  listener_ = std::move(listener);
}

void CameraSignals::Connect(libcamera::Camera& camera,
                            const std::shared_ptr<CameraSignals>& signals) {
  camera.requestCompleted.connect(signals.get(), [signals](libcamera::Request* request) {
    if (const auto listener = signals->Listener()) {
      listener->OnRequestCompleted(*request);
    }
  });
  camera.disconnected.connect(signals.get(), [signals] {
    if (const auto listener = signals->Listener()) {
      listener->OnDisconnected();
    }
  });
}

std::shared_ptr<CameraListener> CameraSignals::Listener() const {
  MutexLock lock(mutex_);
  return listener_.lock();
}

}  // namespace pistream
