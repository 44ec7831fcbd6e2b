#include "src/convert/frame_converter.h"

#include "src/convert/halve.h"

namespace pistream {

Result<I420View> FrameConverter::Convert(Frame frame) {
  Size size = frame.size();
  auto view = ConvertPixels(std::move(frame));
  if (!view || halved_.empty()) {
    return view;
  }
  Planes planes = view->planes();
  for (I420Buffer& buffer : halved_) {
    size = Half(size);
    if (buffer.size() != size) {
      buffer = I420Buffer(size);
    }
    HalveI420(planes, buffer.planes(), size);
    planes = std::as_const(buffer).planes();
  }
  return I420View(planes);
}

Result<I420View> FrameConverter::ConvertPixels(Frame frame) {
  FrameView view(std::move(frame));
  const FrameInfo& info = view.info();
  if (info.layout == PixelLayout::kI420 && info.color_space == ColorSpace()) {
    return I420View(std::move(view));
  }
  if (auto prepared = PrepareFor(info); !prepared) {
    return tl::unexpected(std::move(prepared).error());
  }
  converter_->Convert(view.planes(), buffer_.planes());
  return I420View(std::as_const(buffer_).planes());
}

Result<void> FrameConverter::PrepareFor(const FrameInfo& info) {
  if (converter_ && prepared_.size == info.size && prepared_.layout == info.layout &&
      prepared_.color_space == info.color_space) {
    return {};
  }
  converter_.reset();
  auto converter = PixelConverter::Make(info.layout, info.color_space, info.size);
  if (!converter) {
    return tl::unexpected(std::move(converter).error());
  }
  if (buffer_.size() != info.size) {
    buffer_ = I420Buffer(info.size);
  }
  converter_ = *std::move(converter);
  prepared_ = info;
  return {};
}

}  // namespace pistream
