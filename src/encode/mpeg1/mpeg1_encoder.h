// MPEG-1 video (ISO/IEC 11172-2) by libavcodec.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/convert/frame_converter.h"
#include "src/encode/encoder.h"
#include "src/encode/mpeg1/mpeg1_codec.h"
#include "src/encode/mpeg1/pixelator.h"
#include "src/encode/mpeg1/rate_control.h"
#include "src/media/picture_pool.h"
#include "src/media/plane.h"
#include "src/media/video_format.h"

namespace pistream {

// No B pictures, no frame held back, one slice a picture, a sequence header and a GOP header before
// every I picture. libavcodec copies each frame once, to add a border around it.
//
// The rate is bounded whatever the camera sees (docs/decisions/0003-rate-control.md):
// - any 10 s, by the frames' capture times, take at most 109 % of the configured bitrate, if
//   keyframes are requested at most each half second;
// - an I picture takes at most 8 times bitrate / frame rate, or the size of the smallest possible I
//   picture of the frame size, whichever is larger;
// - no picture takes more than kMaximumPictureBytes.
// The first bound holds from about 1.3 times the lowest bitrate that Create() accepts. Below that,
// keyframes requested right after planned ones can exceed the bitrate by 12 %, and by 36 % at a few
// frames a second: each is as small as possible, but there are too many of them. Where the coarsest
// quantiser is not enough, frames are encoded as repeats of the previous picture, I pictures are
// pixelated, and a P picture that is too large, or follows a scene cut, is replaced by an unplanned
// I picture.
//
// With a bitrate limit the bounds are those of RateControl::SetLimit.
//
// Frame rates outside MPEG-1's table (2.4.3.2) are written as the nearest rate of the table, which
// players of a live stream ignore; rate control uses the configured one.
class Mpeg1Encoder final : public Encoder {
 public:
  // The classic player's receive buffer.
  static constexpr size_t kMaximumPictureBytes = 512 * 1024;

  // The width has 12 bits (2.4.3.2), and must be even; slice start codes number at most 175 rows of
  // macroblocks (2.4.2.6).
  static constexpr Size kMaximumSize{4094, 2800};
  // bit_rate of 2.4.3.2: 18 bits of 400 bit/s; all ones mean a variable rate.
  static constexpr int64_t kMaximumBitrate = int64_t{0x3FFFE} * 400;

  // Whether Create() accepts `config`. The error names the offending option and its limit.
  static Result<void> Check(const EncoderConfig& config);

  // SufficientBitrate() for the pictures of `config`.
  static int64_t SufficientBitrateFor(const EncoderConfig& config);

  // Fails if Check() does, or if libavcodec cannot open its encoder. `clock` outlives the encoder;
  // it sets Picture::encoded.
  static Result<std::unique_ptr<Encoder>> Create(const EncoderConfig& config, Clock& clock);

  // Fails if libavcodec does, or if the frame's size is not the configured one.
  Result<void> Encode(Frame frame, const EncodeOptions& options, PictureSink& sink) override;

  // Besides what RateControl::SetLimit does, I pictures come each ten seconds instead of each GOP:
  // on a thin line each delays the pictures after it, and without loss nobody needs them. One that
  // is pixelated is replaced after a GOP.
  void SetBitrateLimit(std::optional<int64_t> bitrate_bps) override;

 private:
  Mpeg1Encoder(const EncoderConfig& config, std::unique_ptr<Mpeg1Codec> codec, Clock& clock);

  bool IsIntraPlanned() const;
  Result<void> EncodeFrame(Frame frame, bool keyframe, Picture& picture);
  Result<void> EncodePlanes(const Planes& planes, bool is_planned_intra, Picture& picture);
  Result<void> EncodeIntra(const Planes& planes, Picture& picture);
  Result<bool> TryPredicted(const Planes& planes, Picture& picture);
  Result<std::span<const uint8_t>> Attempt(const Planes& planes, PictureType type, int quantiser);
  void EncodeRepeat(Picture& picture);
  void Store(std::span<const uint8_t> bytes, PictureType type, Picture& picture) const;

  const EncoderConfig config_;
  const Size size_;  // of the pictures
  Clock& clock_;
  const std::unique_ptr<Mpeg1Codec> codec_;
  RateControl rate_;
  Pixelator pixelator_;
  FrameConverter converter_;
  PicturePool pool_;
  std::optional<int64_t> bitrate_limit_bps_;
  int position_ = INT32_MAX;  // of the next picture in the GOP; the first one is an I picture
  int block_size_ = 1;        // of the Pixelator, for all pictures of the GOP
  // libavcodec's reference is the picture that viewers display.
  bool reference_in_sync_ = false;
  SteadyTime displayed_captured_;  // of the picture that viewers display
};

}  // namespace pistream
