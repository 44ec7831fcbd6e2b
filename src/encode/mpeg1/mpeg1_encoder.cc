#include "src/encode/mpeg1/mpeg1_encoder.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>
#include <vector>

#include "src/convert/halve.h"
#include "src/encode/mpeg1/bitrate.h"
#include "src/encode/mpeg1/picture_syntax.h"

namespace pistream {
namespace {

// A macroblock of an I picture of one colour: address increment and type 1 bit each, four luma DCs
// of 3, two chroma DCs of 2, an end of block of 2 for each of the six (tables B.1 to B.5).
constexpr int64_t kFlatMacroblockBits = 2 + 4 * 3 + 2 * 2 + 6 * 2;
// All headers, and the first macroblock's DCs.
constexpr int64_t kIntraOverheadBits = 64 * 8;

int64_t SmallestIntraBits(Size size) {
  return MacroblockCount(size) * kFlatMacroblockBits + kIntraOverheadBits;
}

int64_t Bits(std::span<const uint8_t> bytes) { return static_cast<int64_t>(bytes.size()) * 8; }

int64_t RepeatBits(Size size) {
  std::vector<uint8_t> picture;
  WriteRepeatPicture(size, picture);
  return Bits(picture);
}

int64_t RoundUpToThousand(int64_t number) { return (number + 999) / 1000 * 1000; }

Size PictureSize(const EncoderConfig& config) {
  Size size = config.format.size;
  for (int halving = 0; halving < config.halvings; ++halving) {
    size = Half(size);
  }
  return size;
}

RateControlConfig ToRateControl(const EncoderConfig& config) {
  return {.bitrate_bps = config.bitrate_bps,
          .framerate = config.format.framerate,
          .gop_pictures = config.gop_pictures,
          .smallest_intra_bits = SmallestIntraBits(PictureSize(config)),
          .repeat_bits = RepeatBits(PictureSize(config)),
          .largest_picture_bits = int64_t{8 * Mpeg1Encoder::kMaximumPictureBytes}};
}

}  // namespace

Result<void> Mpeg1Encoder::Check(const EncoderConfig& config) {
  const VideoFormat format{.size = PictureSize(config), .framerate = config.format.framerate};
  if (auto checked = CheckFormat(format); !checked) {
    return checked;
  }
  if (format.size.width > kMaximumSize.width || format.size.height > kMaximumSize.height) {
    return FailUsage("size {} is too large for MPEG-1: at most {}; choose a smaller size",
                     ToString(format.size), ToString(kMaximumSize));
  }
  if (config.gop_pictures < 1) {
    return FailUsage("gop {} is not possible: it must be at least 1", config.gop_pictures);
  }
  if (config.bitrate_bps < 1 || config.bitrate_bps > kMaximumBitrate) {
    return FailUsage("bitrate {} is not possible with MPEG-1: it must be from 1 to {} bit/s",
                     config.bitrate_bps, kMaximumBitrate);
  }
  const int64_t minimum = RateControl::MinimumBitrate(ToRateControl(config));
  if (config.bitrate_bps < minimum) {
    return FailUsage(
        "bitrate {} is too low for {} at {} frames/s with an I picture every {}: MPEG-1 needs at "
        "least {}; raise the bitrate or choose a smaller size",
        BitrateText(config.bitrate_bps), ToString(format.size), ToString(format.framerate),
        config.gop_pictures, BitrateText(RoundUpToThousand(minimum)));
  }
  return {};
}

int64_t Mpeg1Encoder::SufficientBitrateFor(const EncoderConfig& config) {
  return SufficientBitrate({.size = PictureSize(config), .framerate = config.format.framerate},
                           config.gop_pictures);
}

Result<std::unique_ptr<Encoder>> Mpeg1Encoder::Create(const EncoderConfig& config, Clock& clock) {
  if (auto checked = Check(config); !checked) {
    return tl::unexpected(std::move(checked).error());
  }
  auto codec = Mpeg1Codec::Open({.size = PictureSize(config), .framerate = config.format.framerate},
                                config.bitrate_bps);
  if (!codec) {
    return tl::unexpected(std::move(codec).error());
  }
  return std::unique_ptr<Encoder>(new Mpeg1Encoder(config, *std::move(codec), clock));
}

Mpeg1Encoder::Mpeg1Encoder(const EncoderConfig& config, std::unique_ptr<Mpeg1Codec> codec,
                           Clock& clock)
    : config_(config),
      size_(PictureSize(config)),
      clock_(clock),
      codec_(std::move(codec)),
      rate_(ToRateControl(config)),
      pixelator_(size_),
      converter_(config.halvings) {}

void Mpeg1Encoder::SetBitrateLimit(std::optional<int64_t> bitrate_bps) {
  if (std::exchange(bitrate_limit_bps_, bitrate_bps) != bitrate_bps) {
    rate_.SetLimit(bitrate_bps);
  }
}

bool Mpeg1Encoder::IsIntraPlanned() const {
  const bool is_long = bitrate_limit_bps_ && block_size_ == 1;
  return position_ >= (is_long ? rate_.LimitedGopPictures() : config_.gop_pictures);
}

Result<void> Mpeg1Encoder::Encode(Frame frame, const EncodeOptions& options, PictureSink& sink) {
  if (frame.size() != config_.format.size) {
    return Fail("the encoder was made for {} and got a frame of {}", ToString(config_.format.size),
                ToString(frame.size()));
  }
  const FrameInfo info = frame.info();
  rate_.Advance(info.captured);
  auto picture = pool_.Make();
  if (auto encoded = EncodeFrame(std::move(frame), options.keyframe, *picture); !encoded) {
    return encoded;
  }
  if (picture->type == PictureType::kIntra) {
    position_ = 0;
  }
  SetTemporalReference(picture->bytes, position_ % 1024);
  ++position_;
  if (!picture->repeats) {
    displayed_captured_ = info.captured;
  }
  picture->size = size_;
  picture->sequence = info.sequence;
  picture->captured = displayed_captured_;
  picture->duration = config_.format.framerate.FrameTime();
  picture->encoded = clock_.Now();
  sink.OnPicture(std::move(picture));
  return {};
}

Result<void> Mpeg1Encoder::EncodeFrame(Frame frame, bool keyframe, Picture& picture) {
  const bool is_planned = keyframe || IsIntraPlanned();
  // Decided before the conversion, which a repeat does not need.
  if (!is_planned && !(reference_in_sync_ ? rate_.PredictedFits() : rate_.IntraFits())) {
    EncodeRepeat(picture);
    return {};
  }
  const auto pixels = converter_.Convert(std::move(frame));
  if (!pixels) {
    return tl::unexpected(pixels.error());
  }
  return EncodePlanes(pixels->planes(), is_planned, picture);
}

Result<void> Mpeg1Encoder::EncodePlanes(const Planes& planes, bool is_planned_intra,
                                        Picture& picture) {
  if (is_planned_intra) {
    return EncodeIntra(planes, picture);
  }
  if (reference_in_sync_) {
    auto sent = TryPredicted(planes, picture);
    if (!sent || *sent) {
      return sent.map([](bool) {});
    }
  }
  if (rate_.IntraFits()) {
    return EncodeIntra(planes, picture);
  }
  EncodeRepeat(picture);
  return {};
}

// Encodes the frame again until the picture keeps to its limit, which is possible because an I
// picture has no reference: first with coarser quantisers, then with larger blocks, which P
// pictures keep until the next I picture.
Result<void> Mpeg1Encoder::EncodeIntra(const Planes& planes, Picture& picture) {
  const int64_t limit = rate_.Limit(PictureType::kIntra);
  block_size_ = std::max(1, block_size_ / 2);
  int quantiser = rate_.Quantiser(PictureType::kIntra);
  for (;;) {
    const auto bytes = Attempt(planes, PictureType::kIntra, quantiser);
    if (!bytes) {
      return tl::unexpected(bytes.error());
    }
    const int64_t bits = Bits(*bytes);
    rate_.OnAttempt(PictureType::kIntra, quantiser, bits);
    if (bits <= limit ||
        (quantiser == RateControl::kCoarsest && block_size_ == pixelator_.LargestBlockSize())) {
      Store(*bytes, PictureType::kIntra, picture);
      rate_.OnSent(PictureType::kIntra, bits);
      reference_in_sync_ = true;
      return {};
    }
    if (quantiser == RateControl::kCoarsest) {
      block_size_ *= 2;
      continue;
    }
    const double enough =
        std::ceil(quantiser * static_cast<double>(bits) / static_cast<double>(limit));
    quantiser = static_cast<int>(std::clamp<double>(enough, quantiser + 1, RateControl::kCoarsest));
  }
}

// Whether the picture can be sent. If not, it is libavcodec's reference, but not what viewers
// display: only an I picture can follow.
Result<bool> Mpeg1Encoder::TryPredicted(const Planes& planes, Picture& picture) {
  const int quantiser = rate_.Quantiser(PictureType::kPredicted);
  const auto bytes = Attempt(planes, PictureType::kPredicted, quantiser);
  if (!bytes) {
    return tl::unexpected(bytes.error());
  }
  const int64_t bits = Bits(*bytes);
  const bool fits = bits <= rate_.Limit(PictureType::kPredicted);
  const bool is_cut = rate_.IsSceneCut(quantiser, bits);
  reference_in_sync_ = fits && !(is_cut && rate_.IntraFits());
  if (reference_in_sync_ || !is_cut) {
    rate_.OnAttempt(PictureType::kPredicted, quantiser, bits);
  }
  if (reference_in_sync_) {
    Store(*bytes, PictureType::kPredicted, picture);
    rate_.OnSent(PictureType::kPredicted, bits);
  }
  return reference_in_sync_;
}

Result<std::span<const uint8_t>> Mpeg1Encoder::Attempt(const Planes& planes, PictureType type,
                                                       int quantiser) {
  return codec_->Encode(pixelator_.Pixelate(planes, block_size_), type, quantiser);
}

// Bypasses libavcodec, whose reference stays the picture that viewers display.
void Mpeg1Encoder::EncodeRepeat(Picture& picture) {
  WriteRepeatPicture(size_, picture.bytes);
  picture.type = PictureType::kPredicted;
  picture.repeats = true;
  rate_.OnRepeatSent(Bits(picture.bytes));
}

void Mpeg1Encoder::Store(std::span<const uint8_t> bytes, PictureType type, Picture& picture) const {
  // Rounded up, so that a pooled picture's memory does not grow for every new largest size.
  picture.bytes.reserve(std::bit_ceil(bytes.size()));
  picture.bytes.assign(bytes.begin(), bytes.end());
  picture.type = type;
  picture.is_pixelated = block_size_ > 1;
}

}  // namespace pistream
