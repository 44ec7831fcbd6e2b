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

#include <condition_variable>
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
#include "src/media/frame.h"
#include "src/media/pixel_layout.h"
#include "src/media/plane.h"
#include "src/media/video_format.h"

namespace libcamera {
class ControlList;
}  // namespace libcamera

namespace pistream {

// What was negotiated with the camera.
struct LibcameraStream {
  std::shared_ptr<libcamera::Camera> device;  // acquired and configured
  libcamera::Stream* stream = nullptr;
  Size size;
  PixelLayout layout = PixelLayout::kI420;
  ColorSpace color_space;
  int stride = 0;  // bytes a row of the first plane
  Duration frame_time{0};
  bool hold = false;  // paced from the start
};

// The pool of its frames: those that point into the camera's own buffers keep it, and with it the
// memory they are in, alive after End. All else of libcamera's is gone by then, or by Abandon's
// end.
class LibcameraSession final : public FramePool {
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
  // More than any camera of libcamera's has.
  static constexpr int kMostBuffers = 32;

  enum class State { kFree, kAtCamera, kInFrame };

  // One request and its buffer.
  struct Slot {
    std::unique_ptr<libcamera::Request> request;  // until End or Abandon
    std::optional<MappedBuffer> memory;           // until then, or until its frame dies if later
    Planes planes;
    State state = State::kFree;
  };

  LibcameraSession(LibcameraStream stream, FrameSink& sink, Clock& clock);

  void BeginRead(int slot) noexcept override;
  void EndRead(int slot) noexcept override;

  Result<void> Prepare();
  Result<Slot> MakeSlot(const libcamera::FrameBuffer& buffer) const;
  Result<void> MakeRequest(size_t slot, libcamera::FrameBuffer* buffer);

  // On libcamera's thread.
  void OnRequestCompleted(libcamera::Request* request);
  void OnDisconnected();
  void Deliver(int slot, const FrameReport& report);
  void DropFailed(int slot);
  void ReportLost(Error error);

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
  RateLimit failures_log_;
  std::unique_ptr<libcamera::FrameBufferAllocator> allocator_;

  Mutex calls_ PISTREAM_ACQUIRED_BEFORE(mutex_);  // held throughout whatever may call the sink
  FrameMaker frames_ PISTREAM_GUARDED_BY(calls_);
  int failures_ PISTREAM_GUARDED_BY(calls_) = 0;  // requests in a row

  mutable Mutex mutex_;
  ConditionVariable disconnected_;
  State state_ PISTREAM_GUARDED_BY(mutex_) = State::kPrepared;
  FrameCounter counter_ PISTREAM_GUARDED_BY(mutex_);

  PacingThread pacing_;  // last: its thread uses what is above
};

}  // namespace pistream
