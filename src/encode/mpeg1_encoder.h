// MPEG-1 video (ISO/IEC 11172-2) by libavcodec.
#pragma once

#include <memory>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/encode/encoder.h"

namespace pistream {

// No B pictures, no frame held back, one slice a picture, a sequence header and a GOP header in
// front of every I picture. Rate control keeps any 10 s within 110 % of the asked bitrate and an I
// picture within 8 mean pictures and kMaximumPictureBytes.
//
// Frame rates outside MPEG-1's table (2.4.3.2) are written as the nearest rate of the table, which
// players of a live stream ignore; the bitrate is kept by the real one.
class Mpeg1Encoder final : public Encoder {
 public:
  // The classic player's receive buffer.
  static constexpr size_t kMaximumPictureBytes = 512 * 1024;

  // Fails, naming the fault, for sides that are odd or outside MPEG-1's limits, a bitrate outside
  // what the header can tell, or a GOP of no pictures.
  static Result<std::unique_ptr<Encoder>> Create(const EncoderConfig& config, Clock& clock);

  ~Mpeg1Encoder() override;
  Result<PicturePtr> Encode(const Frame& frame, bool keyframe) override;

 private:
  class Codec;
  explicit Mpeg1Encoder(std::unique_ptr<Codec> codec);
  std::unique_ptr<Codec> codec_;
};

}  // namespace pistream
