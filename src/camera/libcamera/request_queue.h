// A camera's requests, each with its buffer, and who has each of them.
//
//            to the camera: at once, or by QueueOne()
//      free ------------------------------------------> at the camera
//        ^                                                    |
//        | Release: the frame's last owner drops it           | request completes
//        |                                                    v
//        +------------- in a frame <---- MakeFrame() --- completed ---- Return() ----> free
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "src/base/clock.h"
#include "src/base/mutex.h"
#include "src/base/rate_limit.h"
#include "src/base/result.h"
#include "src/base/thread_annotations.h"
#include "src/camera/libcamera/buffers.h"
#include "src/camera/libcamera/frame_counter.h"
#include "src/camera/libcamera/stream.h"
#include "src/media/frame.h"
#include "src/media/plane.h"

namespace libcamera {
class ControlList;
class FrameBuffer;
class FrameBufferAllocator;
class Request;
}  // namespace libcamera

namespace pistream {

// Thread-safe. The pool of the frames that point into the camera's own buffers, which keep it, and
// with it the memory they are in, after the camera has gone.
class RequestQueue final : public FramePool {
 public:
  enum class Queued {
    kYes,
    kAllAtCamera,  // there is no free request: the camera works on some
    kStarved,      // there is no free request, and the camera has none: all are in frames
  };

  // Allocates and maps the buffers, and makes a request for each.
  static Result<std::shared_ptr<RequestQueue>> Make(const LibcameraStream& stream, Clock& clock);
  RequestQueue(const RequestQueue&) = delete;
  RequestQueue& operator=(const RequestQueue&) = delete;
  ~RequestQueue() override;

  int size() const { return static_cast<int>(slots_.size()); }

  // The camera runs from now on. What is free goes to it at once, or by QueueOne() if `throttled`.
  // The first request carries `controls`: some cameras (vimc) take them only so.
  void Open(const libcamera::ControlList& controls, bool throttled);
  // From now on what becomes free waits for QueueOne().
  void Throttle();
  Queued QueueOne();
  // From now on nothing is queued.
  void Close();
  // Frees all that is libcamera's, and each buffer that is not in a frame. The camera must have
  // stopped, or libcamera's thread have ended.
  void FreeRequests();

  // For completed requests, by their cookies: these two.
  //
  // The frame of the request, in the camera's own buffer; its end returns it.
  Frame MakeFrame(int slot, const FrameCounter::Numbered& numbered);
  void Return(int slot);

 private:
  // More than any camera of libcamera's has.
  static constexpr int kMostBuffers = 32;

  enum class Holder { kNobody, kCamera, kFrame };
  enum class Mode { kClosed, kQueuesAtOnce, kThrottled };

  // One request and its buffer.
  struct Slot {
    std::unique_ptr<libcamera::Request> request;  // until FreeRequests
    std::optional<MappedBuffer> memory;           // until then, or until its frame dies if later
    Planes planes;
    Holder holder = Holder::kNobody;
  };

  RequestQueue(LibcameraStream stream, Clock& clock);

  void BeginRead(int slot) noexcept override;
  void EndRead(int slot) noexcept override;
  void Release(int slot) noexcept override;

  Result<void> Prepare();
  Result<Slot> MakeSlot(libcamera::FrameBuffer& buffer, uint64_t cookie) const;

  void ReturnSlot(Slot& slot) PISTREAM_REQUIRES(mutex_);
  void Queue(Slot& slot) PISTREAM_REQUIRES(mutex_);

  LibcameraStream stream_;  // without its device after FreeRequests
  RateLimit failures_log_;

  Mutex mutex_;
  Mode mode_ PISTREAM_GUARDED_BY(mutex_) = Mode::kClosed;
  std::unique_ptr<libcamera::FrameBufferAllocator> allocator_;    // until FreeRequests
  std::unique_ptr<const libcamera::ControlList> first_controls_;  // until a request has taken them
  // As many as there were at first; by a request's cookie. mutex_ guards who holds each; the rest
  // is used by its holder.
  std::vector<Slot> slots_;
};

}  // namespace pistream
