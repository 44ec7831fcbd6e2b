// Makes Frames of a camera's completed requests.
#pragma once

#include <memory>
#include <optional>

#include "src/base/result.h"
#include "src/camera/libcamera/frame_counter.h"
#include "src/camera/libcamera/request_queue.h"
#include "src/camera/libcamera/stream.h"
#include "src/convert/i420_pool.h"
#include "src/convert/pixel_converter.h"
#include "src/media/frame.h"

namespace pistream {

// Not thread-safe.
class FrameMaker {
 public:
  static Result<FrameMaker> Make(const LibcameraStream& stream,
                                 std::shared_ptr<RequestQueue> requests);

  // A frame of the completed request `slot`, which returns to the queue with the frame's end or
  // before. Empty if there is no memory for a converted frame: all are out.
  Frame MakeFrame(int slot, const FrameCounter::Numbered& numbered);

 private:
  FrameMaker(Size size, std::shared_ptr<RequestQueue> requests)
      : size_(size), requests_(std::move(requests)) {}

  Frame Convert(int slot, Frame::Contents contents);

  Size size_;
  std::shared_ptr<RequestQueue> requests_;
  // For pixels that are not I420 already.
  std::optional<PixelConverter> converter_;
  std::shared_ptr<I420Pool> converted_;
};

}  // namespace pistream
