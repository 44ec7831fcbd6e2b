// The signals of one of libcamera's cameras, forwarded to the session that runs it.
//
// A slot of libcamera's signals can be disconnected safely only on the thread that emits them:
// Signal::emit() calls a copy of its list of slots, which disconnect() has deleted meanwhile
// (libcamera's base/signal.cpp, 0.4 to 0.7.1). A camera may be unplugged at any moment, so each
// libcamera::Camera is connected once, and stays connected until libcamera destroys it.
#pragma once

#include <memory>

#include "src/base/mutex.h"
#include "src/base/thread_annotations.h"

namespace libcamera {
class Camera;  // NOLINT(cppcoreguidelines-virtual-class-destructor): not ours
class Request;
}  // namespace libcamera

namespace pistream {

// Called on libcamera's thread, and kept alive during a call.
class CameraListener {
 public:
  virtual ~CameraListener() = default;

  virtual void OnRequestCompleted(libcamera::Request& request) = 0;
  // libcamera knows that the camera was unplugged.
  virtual void OnDisconnected() = 0;
};

// Thread-safe.
class CameraSignals {
 public:
  // The same object for as long as the camera exists.
  static std::shared_ptr<CameraSignals> Of(libcamera::Camera& camera);

  // From now on `listener` is called, in place of the one before, for as long as it exists. A call
  // that has begun may still be under way.
  void SetListener(std::weak_ptr<CameraListener> listener);

 private:
  static void Connect(libcamera::Camera& camera, const std::shared_ptr<CameraSignals>& signals);
  std::shared_ptr<CameraListener> Listener() const;

  mutable Mutex mutex_;
  std::weak_ptr<CameraListener> listener_ PISTREAM_GUARDED_BY(mutex_);
};

}  // namespace pistream
