// MPEG-1 video (ISO/IEC 11172-2) by libavcodec.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/encode/encoder.h"
#include "src/media/video_format.h"

namespace pistream {

// No B pictures, no frame held back, one slice a picture, a sequence header and a GOP header in
// front of every I picture. libavcodec copies each frame once, to put a border around it.
//
// The rate is bounded whatever the camera sees (docs/decisions/0003-rate-control.md):
// - any 10 s, by the frames' capture times, take at most 109 % of the asked bitrate, keyframes
//   being asked for at most each half second;
// - an I picture takes at most 8 times bitrate / frame rate, or, where that is less than the
//   smallest I picture of its size takes, that;
// - no picture takes more than kMaximumPictureBytes.
// The first holds from about 1.3 times the least bitrate that Create() takes; at less, keyframes
// that are asked for right behind those of the plan can take 12 % more than was asked for, and at a
// few frames a second 36 %: flat pictures, but too many of them. Where even the coarsest quantiser
// takes too much, pictures repeat the one before, I pictures lose detail, and a P picture that came
// out too large, or is the first behind a cut, is replaced by an I picture out of turn.
//
// Frame rates outside MPEG-1's table (2.4.3.2) are written as the nearest rate of the table, which
// players of a live stream ignore; the bitrate is kept by the real one.
class Mpeg1Encoder final : public Encoder {
 public:
  // The classic player's receive buffer.
  static constexpr size_t kMaximumPictureBytes = 512 * 1024;

  // The width has 12 bits (2.4.3.2), and must be even; slice start codes number at most 175 rows of
  // macroblocks (2.4.2.6).
  static constexpr Size kMaximumSize{4094, 2800};
  // bit_rate of 2.4.3.2: 18 bits of 400 bit/s; all ones mean that it varies.
  static constexpr int64_t kMaximumBitrate = int64_t{0x3FFFE} * 400;

  // Whether Create() takes it. The error names the option at fault and its limit.
  static Result<void> Check(const EncoderConfig& config);

  // Fails for what Check() refuses. `clock` stamps the pictures.
  static Result<std::unique_ptr<Encoder>> Create(const EncoderConfig& config, Clock& clock);

  ~Mpeg1Encoder() override;
  // Besides libavcodec's own failures, fails for a frame of another size.
  Result<void> Encode(Frame frame, const EncodeOptions& options, PictureSink& sink) override;

 private:
  class Session;
  explicit Mpeg1Encoder(std::unique_ptr<Session> session);
  std::unique_ptr<Session> session_;
};

}  // namespace pistream
