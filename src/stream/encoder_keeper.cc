#include "src/stream/encoder_keeper.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace pistream {
namespace {

int PicturesPerSecond(const FrameRate& framerate) {
  return std::max(1, (framerate.numerator + framerate.denominator / 2) / framerate.denominator);
}

}  // namespace

EncoderKeeper::EncoderKeeper(EncoderFactory make, int64_t bitrate_bps, int gop_pictures,
                             Metrics& metrics, Clock& clock)
    : make_(std::move(make)),
      bitrate_bps_(bitrate_bps),
      gop_pictures_(gop_pictures),
      metrics_(metrics),
      clock_(clock) {}

Result<void> EncoderKeeper::Prepare(const VideoFormat& format) {
  if (encoder_ && format == format_) {
    return {};
  }
  encoder_.reset();
  format_ = format;
  auto encoder = make_({
      .format = format,
      .bitrate_bps = bitrate_bps_,
      .gop_pictures = gop_pictures_ > 0 ? gop_pictures_ : PicturesPerSecond(format.framerate),
  });
  if (!encoder) {
    return tl::unexpected(encoder.error());
  }
  encoder_ = *std::move(encoder);
  return {};
}

Result<void> EncoderKeeper::Encode(Frame frame, bool keyframe, PictureSink& sink) {
  sink_ = &sink;
  auto encoded = EncodeTimed(std::move(frame), keyframe);
  if (!encoded) {
    encoder_.reset();
    metrics_.encoder_errors.Increment();
  }
  return encoded;
}

Result<void> EncoderKeeper::EncodeTimed(Frame frame, bool keyframe) {
  const bool fits = encoder_ && frame.size() == format_.size;
  if (!fits) {
    auto prepared = Prepare({frame.size(), format_.framerate});
    if (!prepared) {
      return prepared;
    }
  }
  const SteadyTime begin = clock_.Now();
  auto encoded = encoder_->Encode(std::move(frame), {.keyframe = keyframe || !fits}, *this);
  metrics_.encode_seconds.Observe(Seconds(clock_.Now() - begin));
  return encoded;
}

void EncoderKeeper::OnPicture(PicturePtr picture) {
  Count(*picture);
  sink_->OnPicture(std::move(picture));
}

void EncoderKeeper::Count(const Picture& picture) {
  metrics_.encoded_bytes.Increment(static_cast<double>(picture.bytes.size()));
  if (picture.repeats) {
    metrics_.pictures_encoded_repeated.Increment();
    return;
  }
  auto& counter = picture.type == PictureType::kIntra ? metrics_.pictures_encoded_intra
                                                      : metrics_.pictures_encoded_predicted;
  counter.Increment();
  if (picture.is_coarsened) {
    metrics_.pictures_coarsened.Increment();
  }
  metrics_.capture_to_encoded_seconds.Observe(Seconds(picture.encoded - picture.captured));
}

}  // namespace pistream
