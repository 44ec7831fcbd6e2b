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

struct EncodeOptions {
  // The frame becomes an I picture, whatever the GOP's plan says; the GOP starts over with it.
  bool keyframe = false;
};

// Receives what an encoder makes.
class PictureSink {
 public:
  virtual ~PictureSink() = default;

  // Called within Encode or Flush, on the calling thread, in coding order.
  virtual void OnPicture(PicturePtr picture) = 0;
};

// Not thread-safe: one thread owns it. After an error it is unusable and must be recreated.
class Encoder {
 public:
  virtual ~Encoder() = default;

  // Encodes one frame of the configured size. `sink` receives the pictures that are ready: one, or
  // none if the encoder holds frames back, or several. Each carries the sequence of its frame. The
  // encoder may keep the frame until its picture is out.
  virtual Result<void> Encode(Frame frame, const EncodeOptions& options, PictureSink& sink) = 0;

  // Gives `sink` the pictures of all frames held back.
  virtual Result<void> Flush(PictureSink& /*sink*/) { return {}; }
};

}  // namespace pistream
