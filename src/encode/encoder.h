// The encoder, as the rest of pistream sees it.
#pragma once

#include <cstdint>

#include "src/base/result.h"
#include "src/media/frame.h"
#include "src/media/picture.h"
#include "src/media/video_format.h"

namespace pistream {

struct EncoderConfig {
  VideoFormat format;
  int64_t bitrate_bps = 0;
  int gop_pictures = 0;  // an I picture at least this often
};

// Not thread-safe: one thread owns it.
class Encoder {
 public:
  virtual ~Encoder() = default;

  // Encodes one frame of the configured size: exactly one picture comes out for each that goes in,
  // none is held back. The picture carries the frame's sequence and capture time. `keyframe` makes
  // it an I picture whatever the plan says; the GOP starts over with it. After an error the encoder
  // is unusable and is to be made anew.
  virtual Result<PicturePtr> Encode(const Frame& frame, bool keyframe) = 0;
};

}  // namespace pistream
