// The interface of encoders.
#pragma once

#include <cstdint>
#include <optional>

#include "src/base/result.h"
#include "src/media/frame.h"
#include "src/media/picture.h"
#include "src/media/video_format.h"

namespace pistream {

struct EncoderConfig {
  VideoFormat format;  // of the frames
  // How often the size of the frames is halved (src/convert/halve.h) before they are encoded.
  int halvings = 0;
  int64_t bitrate_bps = 0;
  int gop_pictures = 0;  // an I picture at least this often
};

struct EncodeOptions {
  // Encodes the frame as an I picture, with which a new GOP begins.
  bool keyframe = false;
};

// Receives the pictures of an encoder.
class PictureSink {
 public:
  virtual ~PictureSink() = default;

  // Called during Encode or Flush, on the calling thread, in coding order.
  virtual void OnPicture(PicturePtr picture) = 0;
};

// Not thread-safe: owned by one thread. After an error it is unusable and must be recreated.
class Encoder {
 public:
  virtual ~Encoder() = default;

  // Encodes one frame of the configured size. `sink` receives the pictures that are ready: one, or
  // none if the encoder holds frames back, or several. Each has the sequence number of its frame.
  // The encoder may keep the frame until its picture is ready.
  virtual Result<void> Encode(Frame frame, const EncodeOptions& options, PictureSink& sink) = 0;

  // Limits the pictures from the next one on to what a line carries: `bitrate_bps` bits a second,
  // above 0, without bursts that would take long on such a line. Nothing: no limit but the
  // configured bitrate, as in the beginning. An encoder that cannot do it ignores it.
  virtual void SetBitrateLimit(std::optional<int64_t> /*bitrate_bps*/) {}

  // Passes the pictures of all frames held back to `sink`. The next Encode begins a GOP: a drained
  // encoder cannot refer to what came before, so the caller sets `keyframe` then.
  virtual Result<void> Flush(PictureSink& /*sink*/) { return {}; }
};

}  // namespace pistream
