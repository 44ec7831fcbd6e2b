// Makes I420 of what a camera delivers, at the same size.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "src/base/result.h"
#include "src/media/frame.h"
#include "src/media/pixel_layout.h"
#include "src/media/video_format.h"

namespace pistream {

// One plane to write to; rows are `stride` bytes apart.
struct WritablePlane {
  uint8_t* data = nullptr;
  int stride = 0;  // bytes
};

// Not thread-safe.
class PixelConverter {
 public:
  // Fails where libswscale cannot do it.
  static Result<PixelConverter> Make(PixelLayout layout, SampleMeaning meaning, Size size);

  PixelConverter(PixelConverter&&) noexcept;
  PixelConverter& operator=(PixelConverter&&) noexcept;
  PixelConverter(const PixelConverter&) = delete;
  PixelConverter& operator=(const PixelConverter&) = delete;
  ~PixelConverter();

  // `from` has the planes of the layout (NV12: two, YUYV: one), the others are ignored. `to`
  // becomes limited range BT.601, as Frame wants it.
  void Convert(const std::array<Plane, 3>& from, const std::array<WritablePlane, 3>& to);

 private:
  struct Scaler;
  explicit PixelConverter(std::unique_ptr<Scaler> scaler);

  std::unique_ptr<Scaler> scaler_;
};

}  // namespace pistream
