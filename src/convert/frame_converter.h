// Converts the pixels of any frame to the format of encoders: I420, limited range, BT.601.
#pragma once

#include <optional>
#include <utility>

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
  // One view at a time. Fails if libswscale cannot convert such frames.
  Result<I420View> Convert(Frame frame);

 private:
  Result<void> PrepareFor(const FrameInfo& info);

  std::optional<PixelConverter> converter_;  // for frames like `prepared_`
  FrameInfo prepared_;
  I420Buffer buffer_;
};

}  // namespace pistream
