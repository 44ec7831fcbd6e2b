// libavcodec's MPEG-1 encoder, with the type and quantiser of each picture set by the caller.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "src/base/result.h"
#include "src/media/picture.h"
#include "src/media/plane.h"
#include "src/media/video_format.h"

namespace pistream {

// Returns exactly one picture for each frame, with one slice; every I picture has a sequence header
// and the header of a closed GOP before it. Not thread-safe.
class Mpeg1Codec {
 public:
  // Fails if libavcodec does. `bitrate_bps` only determines the bit rate and the size of the
  // decoder's buffer in the sequence header.
  static Result<std::unique_ptr<Mpeg1Codec>> Open(const VideoFormat& format, int64_t bitrate_bps);

  ~Mpeg1Codec();

  // `quantiser`: quantizer_scale of 2.4.3.6, 1 to 31. The planes are read only during the call;
  // libavcodec copies them once, to add the borders that its motion search needs. The returned
  // bytes are valid until the next call. After an error the codec is unusable.
  Result<std::span<const uint8_t>> Encode(const Planes& planes, PictureType type, int quantiser);

 private:
  class Libav;
  explicit Mpeg1Codec(std::unique_ptr<Libav> libav);
  std::unique_ptr<Libav> libav_;
};

}  // namespace pistream
