// One run of a camera of libcamera's, from Start to Stop: its buffers, its requests, its frames.
//
//   libcamera's thread: request completes -> Frame -> sink          a Frame dies, on any thread:
//                            ^                                      Release -> the request is free
//                            |                                          |
//                            +---- queueRequest <-- at once, or at <----+
//                                                   the next frame time (camera_pacer.h)
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "src/base/clock.h"
#include "src/base/rate_limit.h"
#include "src/base/result.h"
#include "src/camera/camera.h"
#include "src/camera/libcamera/buffers.h"
#include "src/camera/libcamera/camera_pacer.h"
#include "src/camera/libcamera/frame_counter.h"
#include "src/media/frame.h"
#include "src/media/pixel_layout.h"
#include "src/media/plane.h"
#include "src/media/video_format.h"

namespace libcamera {
class Camera;  // NOLINT(cppcoreguidelines-virtual-class-destructor): not ours
class ControlList;
class FrameBuffer;
class FrameBufferAllocator;
class Request;
class Stream;
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
  ~LibcameraSession() override;

  // Starts the camera. To be called once. After an error End is still to be called.
  Result<void> Begin(const libcamera::ControlList& controls);

  // Stops and releases the camera; no call to the sink is under way or to come afterwards. To be
  // called once, after Make, by whoever owns the camera. False, if `devices_gone`: libcamera was
  // not told that they are, so the camera can be neither stopped nor released, and Abandon is still
  // to be called.
  [[nodiscard]] bool End(bool devices_gone);

  // To be called once libcamera's manager, and with it libcamera's thread, has ended. The camera
  // itself stays for good, with its open files (10 of vimc's): libcamera destroys none that runs.
  void Abandon();

  // Any thread. Tells the sink, if the camera runs.
  void OnDevicesGone();

  // Any thread.
  void Release(int slot) noexcept override;

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

  bool AwaitDisconnected();
  void FreeRequests();

  // On the pacer's thread, which sleeps unless the camera is held.
  void Pace(std::stop_token stop);

  // With mutex_ held.
  //
  // From now on no request is queued and no frame delivered. Whether that is new.
  bool Cease();
  void BecomeFree(Slot& slot);
  void Queue(Slot& slot);
  void QueueOneFree();

  LibcameraStream stream_;  // without its device after End or Abandon
  FrameSink& sink_;
  Clock& clock_;
  RateLimit failures_log_;
  std::unique_ptr<libcamera::FrameBufferAllocator> allocator_;

  std::mutex calls_;  // held throughout whatever may call the sink; taken before mutex_
  std::mutex mutex_;
  std::condition_variable_any holding_;
  std::condition_variable disconnection_;
  bool disconnected_ = false;
  bool running_ = false;  // from Begin to End, or to the camera's loss
  int failures_ = 0;      // requests in a row
  CameraPacer pacer_;
  FrameCounter counter_;
  std::unique_ptr<const libcamera::ControlList> first_controls_;  // until a request has taken them
  std::vector<Slot> slots_;  // as many as there were at Begin; by a request's cookie

  std::jthread pace_;
};

}  // namespace pistream
