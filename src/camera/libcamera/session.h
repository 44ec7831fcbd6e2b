// One run of a camera of libcamera's, from Start to Stop.
//
//   libcamera's thread: request completes -> FrameMaker -> sink     a Frame's last owner drops it,
//                            ^                                      on any thread
//                            |                                          |
//                            +------------- RequestQueue <--------------+
//                                                ^
//                                                | one each frame time, if throttled
//                                           PacingThread
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "src/base/clock.h"
#include "src/base/mutex.h"
#include "src/base/result.h"
#include "src/base/thread_annotations.h"
#include "src/camera/camera.h"
#include "src/camera/libcamera/abandoned_camera.h"
#include "src/camera/libcamera/camera_signals.h"
#include "src/camera/libcamera/frame_counter.h"
#include "src/camera/libcamera/pacing_thread.h"
#include "src/camera/libcamera/request_queue.h"
#include "src/camera/libcamera/stream.h"

namespace libcamera {
class ControlList;
}  // namespace libcamera

namespace pistream {

// Begin and End have one caller; thread-safe otherwise. Frames outlive it.
class LibcameraSession final : public CameraListener,
                               public std::enable_shared_from_this<LibcameraSession> {
 public:
  // Allocates and maps the buffers. `sink` and `clock` outlive the matching End.
  static Result<std::shared_ptr<LibcameraSession>> Make(LibcameraStream stream, FrameSink& sink,
                                                        Clock& clock);
  LibcameraSession(const LibcameraSession&) = delete;
  LibcameraSession& operator=(const LibcameraSession&) = delete;
  ~LibcameraSession() override;

  // Starts the camera. To be called once. After an error End is still to be called.
  Result<void> Begin(const libcamera::ControlList& controls);

  // Stops and releases the camera; no call to the sink is under way or to come afterwards. To be
  // called once, after Make, by whoever owns the camera. If `devices_gone`, and libcamera does not
  // know it, the camera can be neither stopped nor released: what is left of it is returned, for
  // LibcameraManager::Abandon.
  [[nodiscard]] std::optional<AbandonedCamera> End(bool devices_gone);

  // Tells the sink that the camera is lost, if it is streaming. Harmless after End.
  void OnDevicesGone();

  // On libcamera's thread.
  void OnRequestCompleted(libcamera::Request& request) override;
  void OnDisconnected() override;

 private:
  //               Begin                   lost, or End
  //   kPrepared ---------> kStreaming -------------------> kQuiet ------+
  //       |                                                  |          | End
  //       |  OnDisconnected, at any time                     v          v
  //       +------------------------------------------> kDisconnected -> kEnded
  enum class State {
    kPrepared,
    kStreaming,     // frames go to the sink
    kQuiet,         // nothing goes to the sink: the camera was lost or is being stopped
    kDisconnected,  // kQuiet, and libcamera knows that the camera was unplugged
    kEnded,         // nothing of libcamera's is left
  };

  LibcameraSession(LibcameraStream stream, FrameSink& sink, Clock& clock,
                   std::shared_ptr<RequestQueue> requests);

  void DropFailed(int slot) PISTREAM_REQUIRES(calls_);
  void OnDeadline(int64_t missed);
  void ReportLost(const std::string& reason) PISTREAM_REQUIRES(calls_);
  // From now on no request is queued and no frame delivered. Whether it was streaming until now.
  bool StopDelivery();
  bool IsStreaming() const;
  bool AwaitDisconnected();
  FrameCounter::Numbered Number(const FrameReport& report);

  const std::string id_;
  FrameSink& sink_;
  Clock& clock_;
  const std::shared_ptr<RequestQueue> requests_;
  std::shared_ptr<libcamera::Camera> device_;  // until End
  const std::shared_ptr<CameraSignals> signals_;

  Mutex calls_ PISTREAM_ACQUIRED_BEFORE(mutex_);  // held throughout whatever may call the sink
  int failures_ PISTREAM_GUARDED_BY(calls_) = 0;  // requests in a row

  mutable Mutex mutex_;
  ConditionVariable disconnected_;
  State state_ PISTREAM_GUARDED_BY(mutex_) = State::kPrepared;
  FrameCounter counter_ PISTREAM_GUARDED_BY(mutex_);

  PacingThread pacing_;  // last: its thread uses what is above
};

}  // namespace pistream
