// Converts a camera's pixels to I420 of the same size.
#pragma once

#include <memory>

#include "src/base/result.h"
#include "src/media/pixel_layout.h"
#include "src/media/plane.h"
#include "src/media/video_format.h"

namespace pistream {

// Not thread-safe.
class PixelConverter {
 public:
  // Fails if libswscale does not support the conversion.
  static Result<PixelConverter> Make(PixelLayout layout, ColorSpace color_space, Size size);

  PixelConverter(PixelConverter&&) noexcept;
  PixelConverter& operator=(PixelConverter&&) noexcept;
  PixelConverter(const PixelConverter&) = delete;
  PixelConverter& operator=(const PixelConverter&) = delete;
  ~PixelConverter();

  // `from` has the planes of the layout; other planes are ignored. `to` becomes BT.601 of limited
  // range.
  void Convert(const Planes& from, const MutablePlanes& to);

 private:
  struct Scaler;
  explicit PixelConverter(std::unique_ptr<Scaler> scaler);

  std::unique_ptr<Scaler> scaler_;
};

}  // namespace pistream
