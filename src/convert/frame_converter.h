// Converts any frame to what encoders take: I420, limited range, BT.601, at the encoder's size.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "src/base/result.h"
#include "src/convert/pixel_converter.h"
#include "src/media/frame.h"
#include "src/media/i420_buffer.h"
#include "src/media/plane.h"

namespace pistream {

// Read access to the planes of one frame while the view exists.
class I420View {
 public:
  // Refers to the frame's own planes, and keeps the frame.
  explicit I420View(FrameView frame) : frame_(std::move(frame)), planes_(frame_->planes()) {}
  // Refers to the converter's buffer; the frame is released.
  explicit I420View(const Planes& planes) : planes_(planes) {}

  const Planes& planes() const { return planes_; }

 private:
  std::optional<FrameView> frame_;
  Planes planes_;
};

// Not thread-safe: each encoder has one. Allocates only for the first frame that must be
// converted, and when size or pixels change.
class FrameConverter {
 public:
  // `halvings`: how often the size is halved (halve.h).
  explicit FrameConverter(int halvings = 0) : halved_(static_cast<size_t>(halvings)) {}

  // One view at a time. Fails if libswscale cannot convert such frames.
  Result<I420View> Convert(Frame frame);

 private:
  Result<I420View> ConvertPixels(Frame frame);
  Result<void> PrepareFor(const FrameInfo& info);

  std::optional<PixelConverter> converter_;  // for frames like `prepared_`
  FrameInfo prepared_;
  I420Buffer buffer_;
  std::vector<I420Buffer> halved_;  // half the size, a quarter ...
};

}  // namespace pistream
