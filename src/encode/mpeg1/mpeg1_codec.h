// libavcodec's mpeg1video, told what to do picture by picture.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "src/base/result.h"
#include "src/media/picture.h"
#include "src/media/plane.h"
#include "src/media/video_format.h"

namespace pistream {

// Decides nothing by itself: type and quantiser of every picture are the caller's. One picture in,
// one out, one slice a picture, a sequence header and the header of a closed GOP in front of every
// I picture. Not thread-safe.
class Mpeg1Codec {
 public:
  // `bitrate_bps` only sets the size of the decoder's buffer that the sequence header asks for.
  static Result<std::unique_ptr<Mpeg1Codec>> Open(const VideoFormat& format, int64_t bitrate_bps);

  ~Mpeg1Codec();

  // `quantiser`: quantizer_scale of 2.4.3.6, 1 to 31. The planes are read during the call only;
  // libavcodec copies them once, into a frame with the borders that its motion search needs.
  // The bytes live until the next call. After an error the codec is unusable.
  Result<std::span<const uint8_t>> Encode(const Planes& planes, PictureType type, int quantiser);

 private:
  class Libav;
  explicit Mpeg1Codec(std::unique_ptr<Libav> libav);
  std::unique_ptr<Libav> libav_;
};

}  // namespace pistream
