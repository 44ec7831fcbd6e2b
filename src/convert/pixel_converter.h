// Makes I420 of what a camera delivers, at the same size.
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
  // Fails where libswscale cannot do it.
  static Result<PixelConverter> Make(PixelLayout layout, ColorSpace color_space, Size size);

  PixelConverter(PixelConverter&&) noexcept;
  PixelConverter& operator=(PixelConverter&&) noexcept;
  PixelConverter(const PixelConverter&) = delete;
  PixelConverter& operator=(const PixelConverter&) = delete;
  ~PixelConverter();

  // `from` has the planes of the layout, the others are ignored. `to` becomes limited range BT.601.
  void Convert(const Planes& from, const MutablePlanes& to);

 private:
  struct Scaler;
  explicit PixelConverter(std::unique_ptr<Scaler> scaler);

  std::unique_ptr<Scaler> scaler_;
};

}  // namespace pistream
