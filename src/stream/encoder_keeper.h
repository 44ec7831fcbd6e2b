// The encoder, always one that fits the frames: made anew when their size changes and after errors.
#pragma once

#include <cstdint>
#include <memory>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/encode/encoder.h"
#include "src/encode/encoder_factory.h"
#include "src/media/frame.h"
#include "src/media/picture.h"
#include "src/media/video_format.h"
#include "src/metrics/metrics.h"

namespace pistream {

// Belongs to one thread.
class EncoderKeeper : private PictureSink {
 public:
  // `gop_pictures` 0: as many as are one second. References outlive this.
  EncoderKeeper(EncoderFactory make, int64_t bitrate_bps, int gop_pictures, Metrics& metrics,
                Clock& clock);

  // Makes the encoder for what the camera delivers, unless there is one already.
  Result<void> Prepare(const VideoFormat& format);

  // Encodes a frame of any size. The first picture of each size is an I picture, and so is the
  // first one after an error. Precondition: Prepare was called, even in vain.
  Result<void> Encode(Frame frame, bool keyframe, PictureSink& sink);

 private:
  Result<void> EncodeTimed(Frame frame, bool keyframe);
  void OnPicture(PicturePtr picture) override;
  void Count(const Picture& picture);

  const EncoderFactory make_;
  const int64_t bitrate_bps_;
  const int gop_pictures_;
  Metrics& metrics_;
  Clock& clock_;

  VideoFormat format_;
  PictureSink* sink_ = nullptr;       // of the Encode under way
  std::unique_ptr<Encoder> encoder_;  // for `format_`; none after an error
};

}  // namespace pistream
