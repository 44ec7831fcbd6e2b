#include "src/encode/mpeg1/mpeg1_encoder.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "src/convert/frame_converter.h"
#include "src/encode/mpeg1/coarsener.h"
#include "src/encode/mpeg1/mpeg1_codec.h"
#include "src/encode/mpeg1/picture_syntax.h"
#include "src/encode/mpeg1/rate_control.h"
#include "src/media/picture_pool.h"
#include "src/media/plane.h"

namespace pistream {
namespace {

// Of an I picture of one colour, a macroblock takes: address increment and type 1 bit each, four
// luma DCs of 3, two chroma DCs of 2, an end of block of 2 for each of the six (tables B.1 to B.5).
constexpr int64_t kFlatMacroblockBits = 2 + 4 * 3 + 2 * 2 + 6 * 2;
// All headers, and the first macroblock's DCs.
constexpr int64_t kIntraOverheadBits = 64 * 8;

int64_t SmallestIntraBits(Size size) {
  const int64_t macroblocks = int64_t{(size.width + 15) / 16} * ((size.height + 15) / 16);
  return macroblocks * kFlatMacroblockBits + kIntraOverheadBits;
}

int64_t Bits(std::span<const uint8_t> bytes) { return static_cast<int64_t>(bytes.size()) * 8; }

int64_t RepeatBits(Size size) {
  std::vector<uint8_t> picture;
  WriteRepeatPicture(size, picture);
  return Bits(picture);
}

RateControlConfig ToRateControl(const EncoderConfig& config) {
  return {.bitrate_bps = config.bitrate_bps,
          .framerate = config.format.framerate,
          .gop_pictures = config.gop_pictures,
          .smallest_intra_bits = SmallestIntraBits(config.format.size),
          .repeat_bits = RepeatBits(config.format.size),
          .largest_picture_bits = int64_t{8 * Mpeg1Encoder::kMaximumPictureBytes}};
}

}  // namespace

class Mpeg1Encoder::Session {
 public:
  Session(const EncoderConfig& config, std::unique_ptr<Mpeg1Codec> codec, Clock& clock)
      : config_(config),
        clock_(clock),
        codec_(std::move(codec)),
        rate_(ToRateControl(config)),
        coarsener_(config.format.size) {}

  Result<PicturePtr> Encode(Frame frame, const EncodeOptions& options) {
    if (frame.size() != config_.format.size) {
      return Fail("the encoder was made for {} and got a frame of {}",
                  ToString(config_.format.size), ToString(frame.size()));
    }
    const FrameInfo info = frame.info();
    rate_.Advance(info.captured);
    auto picture = pool_.Make();
    if (auto coded = Code(std::move(frame), options.keyframe, *picture); !coded) {
      return tl::unexpected(std::move(coded).error());
    }
    if (picture->type == PictureType::kIntra) {
      position_ = 0;
    }
    SetTemporalReference(picture->bytes, position_ % 1024);
    ++position_;
    if (!picture->repeats) {
      shown_captured_ = info.captured;
    }
    picture->size = info.size;
    picture->sequence = info.sequence;
    picture->captured = shown_captured_;
    picture->duration = config_.format.framerate.FrameTime();
    picture->encoded = clock_.Now();
    return picture;
  }

 private:
  Result<void> Code(Frame frame, bool keyframe, Picture& picture) {
    const bool is_planned = keyframe || position_ >= config_.gop_pictures;
    // Pixels that will not be coded are not converted either.
    if (!is_planned && !(in_step_ ? rate_.PredictedFits() : rate_.IntraFits())) {
      Repeat(picture);
      return {};
    }
    const auto pixels = converter_.Convert(std::move(frame));
    if (!pixels) {
      return tl::unexpected(pixels.error());
    }
    return CodePixels(pixels->planes(), is_planned, picture);
  }

  Result<void> CodePixels(const Planes& planes, bool is_planned_intra, Picture& picture) {
    if (is_planned_intra) {
      return CodeIntra(planes, picture);
    }
    if (in_step_) {
      auto fits = CodePredicted(planes, picture);
      if (!fits || *fits) {
        return fits.map([](bool) {});
      }
    }
    if (rate_.IntraFits()) {
      return CodeIntra(planes, picture);
    }
    Repeat(picture);
    return {};
  }

  // Attempts until the picture keeps to its limit: I pictures look at nothing before them. First
  // coarser by the quantiser, then by taking out detail, which stays out until the next I picture.
  Result<void> CodeIntra(const Planes& planes, Picture& picture) {
    const int64_t limit = rate_.Limit(PictureType::kIntra);
    coarseness_ = std::max(0, coarseness_ - 1);
    int quantiser = rate_.Quantiser(PictureType::kIntra);
    for (;;) {
      const auto bytes = Attempt(planes, PictureType::kIntra, quantiser);
      if (!bytes) {
        return tl::unexpected(bytes.error());
      }
      const int64_t bits = Bits(*bytes);
      rate_.Tried(PictureType::kIntra, quantiser, bits);
      if (bits <= limit ||
          (quantiser == RateControl::kCoarsest && coarseness_ == coarsener_.flat())) {
        Take(*bytes, PictureType::kIntra, picture);
        rate_.SentIntra(bits);
        in_step_ = true;
        return {};
      }
      if (quantiser == RateControl::kCoarsest) {
        ++coarseness_;
        continue;
      }
      const double enough =
          std::ceil(quantiser * static_cast<double>(bits) / static_cast<double>(limit));
      quantiser =
          static_cast<int>(std::clamp<double>(enough, quantiser + 1, RateControl::kCoarsest));
    }
  }

  // Whether the picture was sent. If not, libavcodec has it as its reference and the viewers do
  // not: only an I picture can follow.
  Result<bool> CodePredicted(const Planes& planes, Picture& picture) {
    const int quantiser = rate_.Quantiser(PictureType::kPredicted);
    const auto bytes = Attempt(planes, PictureType::kPredicted, quantiser);
    if (!bytes) {
      return tl::unexpected(bytes.error());
    }
    const int64_t bits = Bits(*bytes);
    const bool fits = bits <= rate_.Limit(PictureType::kPredicted);
    const bool cut = rate_.IsCut(quantiser, bits);
    in_step_ = fits && !(cut && rate_.IntraFits());
    if (in_step_ || !cut) {
      rate_.Tried(PictureType::kPredicted, quantiser, bits);
    }
    if (in_step_) {
      Take(*bytes, PictureType::kPredicted, picture);
      rate_.SentPredicted(bits);
    }
    return in_step_;
  }

  Result<std::span<const uint8_t>> Attempt(const Planes& planes, PictureType type, int quantiser) {
    return codec_->Encode(coarsener_.Coarsen(planes, coarseness_), type, quantiser);
  }

  // libavcodec sees nothing of it: to it, the next frame follows on the one before.
  void Repeat(Picture& picture) {
    WriteRepeatPicture(config_.format.size, picture.bytes);
    picture.type = PictureType::kPredicted;
    picture.repeats = true;
    rate_.SentRepeat(Bits(picture.bytes));
  }

  void Take(std::span<const uint8_t> bytes, PictureType type, Picture& picture) const {
    // Rounded up: sizes vary, and a picture's memory is not to grow each time one is the largest.
    picture.bytes.reserve(std::bit_ceil(bytes.size()));
    picture.bytes.assign(bytes.begin(), bytes.end());
    picture.type = type;
    picture.is_coarsened = coarseness_ > 0;
  }

  const EncoderConfig config_;
  Clock& clock_;
  const std::unique_ptr<Mpeg1Codec> codec_;
  RateControl rate_;
  Coarsener coarsener_;
  FrameConverter converter_;
  PicturePool pool_;
  int position_ = INT32_MAX;   // in the GOP, of the next picture: the first is an I picture
  int coarseness_ = 0;         // of the GOP
  bool in_step_ = false;       // libavcodec's reference is the picture that viewers have
  SteadyTime shown_captured_;  // of the picture that viewers have
};

Mpeg1Encoder::Mpeg1Encoder(std::unique_ptr<Session> session) : session_(std::move(session)) {}
Mpeg1Encoder::~Mpeg1Encoder() = default;

Result<void> Mpeg1Encoder::Check(const EncoderConfig& config) {
  const VideoFormat& format = config.format;
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
        "least {} bit/s; raise the bitrate or choose a smaller size",
        config.bitrate_bps, ToString(format.size), ToString(format.framerate), config.gop_pictures,
        minimum);
  }
  return {};
}

Result<std::unique_ptr<Encoder>> Mpeg1Encoder::Create(const EncoderConfig& config, Clock& clock) {
  if (auto checked = Check(config); !checked) {
    return tl::unexpected(std::move(checked).error());
  }
  auto codec = Mpeg1Codec::Open(config.format, config.bitrate_bps);
  if (!codec) {
    return tl::unexpected(std::move(codec).error());
  }
  return std::unique_ptr<Encoder>(
      new Mpeg1Encoder(std::make_unique<Session>(config, *std::move(codec), clock)));
}

Result<void> Mpeg1Encoder::Encode(Frame frame, const EncodeOptions& options, PictureSink& sink) {
  auto picture = session_->Encode(std::move(frame), options);
  if (!picture) {
    return tl::unexpected(std::move(picture).error());
  }
  sink.OnPicture(*std::move(picture));
  return {};
}

}  // namespace pistream
