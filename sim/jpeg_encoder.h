// Pictures as JPEG files: libavcodec's mjpeg.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "sim/planes.h"
#include "src/base/result.h"
#include "src/media/video_format.h"

namespace pistream::sim {

// Of one size, at the finest quantizer. The samples are coded as they are, whatever a JPEG's are
// said to mean (BT.601, full range). One thread at a time.
class JpegEncoder {
 public:
  // `size` is even.
  static Result<JpegEncoder> Make(Size size);

  JpegEncoder(JpegEncoder&& other) noexcept;
  JpegEncoder& operator=(JpegEncoder&& other) noexcept;
  JpegEncoder(const JpegEncoder&) = delete;
  JpegEncoder& operator=(const JpegEncoder&) = delete;
  ~JpegEncoder();

  // `paint` gets planes of that size and fills them. Returns a whole file.
  Result<std::vector<uint8_t>> Encode(const std::function<void(const MutablePlanes&)>& paint);

 private:
  struct Libav;
  explicit JpegEncoder(std::unique_ptr<Libav> libav);

  std::unique_ptr<Libav> libav_;
};

}  // namespace pistream::sim
