// Encodes pictures as JPEG files by libavcodec.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "sim/planes.h"
#include "src/base/result.h"
#include "src/media/video_format.h"

namespace pistream::sim {

// For pictures of one size, at the finest quantiser. Samples are encoded unchanged, although JPEG
// files are defined as BT.601 of full range. Used by one thread at a time.
class JpegEncoder {
 public:
  // Precondition: `size` is even. Fails if libavcodec does.
  static Result<JpegEncoder> Make(Size size);

  JpegEncoder(JpegEncoder&& other) noexcept;
  JpegEncoder& operator=(JpegEncoder&& other) noexcept;
  JpegEncoder(const JpegEncoder&) = delete;
  JpegEncoder& operator=(const JpegEncoder&) = delete;
  ~JpegEncoder();

  // Calls `paint` to fill planes of that size, and returns the JPEG file. Fails if libavcodec does.
  Result<std::vector<uint8_t>> Encode(const std::function<void(const MutablePlanes&)>& paint);

 private:
  struct Libav;
  explicit JpegEncoder(std::unique_ptr<Libav> libav);

  std::unique_ptr<Libav> libav_;
};

}  // namespace pistream::sim
