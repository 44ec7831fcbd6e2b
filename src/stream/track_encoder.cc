#include "src/stream/track_encoder.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "src/base/log.h"
#include "src/base/thread_name.h"

namespace pistream {

TrackEncoder::TrackEncoder(std::string stream, VideoScale scale, const TrackEncoderConfig& config,
                           std::shared_ptr<Track> track, Environment environment)
    : stream_(std::move(stream)),
      scale_(scale),
      track_(std::move(track)),
      environment_(std::move(environment)),
      metrics_(environment_.metrics, stream_, TrackName(scale)),
      orders_{.format = {}, .config = config},
      fault_lines_(environment_.clock),
      config_(config) {
  track_->SetProducer(this);
}

TrackEncoder::~TrackEncoder() { Stop(); }

EncoderConfig TrackEncoder::Complete(const TrackEncoderConfig& config,
                                     const VideoFormat& format) const {
  const int gop =
      config.gop_pictures > 0 ? config.gop_pictures : OneSecondOfPictures(format.framerate);
  return {.format = format,
          .halvings = static_cast<int>(scale_),
          .bitrate_bps = config.bitrate_bps > 0
                             ? config.bitrate_bps
                             : environment_.encoders.default_bitrate(format, gop),
          .gop_pictures = gop};
}

int64_t TrackEncoder::SufficientBitrate(const VideoFormat& format) const {
  // Limited streams have I pictures so seldom that these need next to nothing.
  constexpr int kSecondsWithoutIntra = 10;
  const int divisor = 1 << static_cast<int>(scale_);
  if (std::min(format.size.width, format.size.height) < kMinimumSide * divisor) {
    return 0;
  }
  return environment_.encoders.sufficient_bitrate(
      {.format = format,
       .halvings = static_cast<int>(scale_),
       .gop_pictures = kSecondsWithoutIntra * OneSecondOfPictures(format.framerate)});
}

Result<void> TrackEncoder::Prepare(const VideoFormat& format) {
  ordered_ = format;
  format_ = format;
  {
    const MutexLock lock(mutex_);
    orders_.format = format;
  }
  return Recreate();
}

void TrackEncoder::Start() {
  if (!thread_.joinable()) {
    thread_ = std::thread([this] { Run(); });
  }
}

void TrackEncoder::Stop() {
  track_->SetProducer(nullptr);
  if (thread_.joinable()) {
    Order([](Orders& orders) { orders.stop = true; });
    thread_.join();
  }
  SetAttached(false);
}

void TrackEncoder::SetFormat(const VideoFormat& format) {
  Order([&](Orders& orders) {
    orders.format = format;
    orders.is_paused = false;
  });
}

void TrackEncoder::SetConfig(const TrackEncoderConfig& config) {
  Order([&](Orders& orders) { orders.config = config; });
}

void TrackEncoder::Pause() {
  latest_.Drop();
  if (!thread_.joinable()) {
    return Order([](Orders& orders) { orders.is_paused = true; });
  }
  int awaited = 0;
  Order([&](Orders& orders) {
    awaited = ++orders.pauses;
    orders.is_paused = true;
  });
  const MutexLock lock(mutex_);
  paused_.Wait(mutex_, [&]() PISTREAM_REQUIRES(mutex_) { return pauses_done_ >= awaited; });
}

bool TrackEncoder::is_watched() const { return orders().is_watched; }

void TrackEncoder::OnDemand(const TrackDemand& demand) noexcept {
  bool has_changed = false;
  Order([&](Orders& orders) {
    orders.max_bitrate_bps = demand.max_bitrate_bps;
    has_changed = std::exchange(orders.is_watched, demand.is_watched) != demand.is_watched;
    if (has_changed && !demand.is_watched) {
      ++orders.pauses;
    }
  });
  if (has_changed) {
    // Here and not on the encoder's thread: the next frame is not to be missed.
    SetAttached(demand.is_watched);
    environment_.on_watched_changed();
  }
}

void TrackEncoder::SetAttached(bool is_attached) {
  if (std::exchange(is_attached_, is_attached) == is_attached) {
    return;
  }
  if (is_attached) {
    environment_.frames.Attach(latest_);
  } else {
    environment_.frames.Detach(latest_);
    latest_.Drop();
  }
}

template <typename Change>
void TrackEncoder::Order(Change change) {
  {
    const MutexLock lock(mutex_);
    change(orders_);
  }
  latest_.Interrupt();
}

TrackEncoder::Orders TrackEncoder::orders() const {
  const MutexLock lock(mutex_);
  return orders_;
}

void TrackEncoder::Run() {
  // The kernel keeps 15 characters, so the scale comes first.
  constexpr std::array kNames = {"enc-", "enc2-", "enc4-"};
  SetThreadName(kNames[static_cast<size_t>(scale_)] + stream_);
  Frame waiting;  // for the end of a pause
  for (int pauses = 0;;) {
    if (Frame taken = latest_.Take()) {
      waiting = std::move(taken);
    }
    const Orders orders = this->orders();
    if (orders.stop) {
      return;
    }
    Adopt(orders);
    if (orders.pauses != pauses) {
      waiting = {};  // from before
      pauses = orders.pauses;
      PauseTrack(orders);
    } else if (waiting && !orders.is_paused) {
      EncodeFor(orders, std::exchange(waiting, {}));
    }
  }
}

void TrackEncoder::Adopt(const Orders& orders) {
  if (orders.format != ordered_ || orders.config != config_) {
    Flush();
    ordered_ = orders.format;
    format_ = orders.format;
    config_ = orders.config;
    encoder_.reset();
  }
}

// The next picture is one that new viewers can begin with. They get nothing from before a stop of
// the camera; where only nobody has watched, the track knows what is old.
void TrackEncoder::PauseTrack(const Orders& orders) {
  Flush();  // what the encoder holds back is from before the pause
  is_continuous_ = false;
  if (orders.is_paused) {
    track_->Pause();
  }
  // Here and not in OnDemand: the frame under way may have failed since.
  if (!orders.is_watched && scale_ != VideoScale::kFull) {
    environment_.health.SetHealthy(part());  // nobody misses its pictures
  }
  {
    const MutexLock lock(mutex_);
    pauses_done_ = orders.pauses;
  }
  paused_.NotifyAll();
}

// After a skipped frame the next one becomes a P picture all the same: viewers miss nothing that it
// refers to.
void TrackEncoder::EncodeFor(const Orders& orders, Frame frame) {
  if (orders.max_bitrate_bps == 0) {
    metrics_.frames_skipped_for_lines.Increment();
    return;
  }
  max_bitrate_bps_ = orders.max_bitrate_bps;
  Encode(std::move(frame));
}

void TrackEncoder::Encode(Frame frame) {
  if (const auto encoded = TryEncode(std::move(frame)); !encoded) {
    OnFault(encoded.error());
  }
}

// The next frame must be an I picture then, because of is_continuous_ or of a new encoder.
void TrackEncoder::Flush() {
  if (encoder_) {
    if (const auto flushed = encoder_->Flush(*this); !flushed) {
      OnFault(flushed.error());
    }
  }
}

Result<void> TrackEncoder::TryEncode(Frame frame) {
  // A camera may change its size without being started again.
  if (!encoder_ || frame.size() != format_.size) {
    Flush();
    format_.size = frame.size();
    is_continuous_ = false;
    if (auto created = Recreate(); !created) {
      return created;
    }
  }
  encoder_->SetBitrateLimit(max_bitrate_bps_);
  const bool keyframe = !is_continuous_ || track_->TakeKeyframeRequest();
  const SteadyTime begin = environment_.clock.Now();
  auto encoded = encoder_->Encode(std::move(frame), {.keyframe = keyframe}, *this);
  metrics_.encode_seconds.Observe(Seconds(environment_.clock.Now() - begin));
  is_continuous_ = encoded.has_value();  // even if the picture comes later
  return encoded;
}

Result<void> TrackEncoder::Recreate() {
  encoder_.reset();
  auto encoder = environment_.encoders.create(Complete(config_, format_));
  if (!encoder) {
    return tl::unexpected(std::move(encoder).error());
  }
  encoder_ = *std::move(encoder);
  return {};
}

Health::Part TrackEncoder::part() const {
  constexpr std::array kParts = {Health::Part::kEncoder, Health::Part::kHalfEncoder,
                                 Health::Part::kQuarterEncoder};
  return kParts[static_cast<size_t>(scale_)];
}

void TrackEncoder::OnPicture(PicturePtr picture) {
  Count(*picture);
  environment_.health.SetHealthy(part());
  track_->Publish(picture);
}

void TrackEncoder::OnFault(const Error& error) {
  encoder_.reset();
  metrics_.encoder_errors.Increment();
  environment_.health.SetUnhealthy(part(), fmt::format("the encoder fails: {}", error.message));
  if (const auto count = fault_lines_.Pass()) {
    // The name of the thread does not suffice: Linux keeps 15 bytes of it.
    const std::string track =
        scale_ == VideoScale::kFull ? "" : fmt::format(", track {}", TrackName(scale_));
    log::Error("stream {}{}: the encoder failed ({} times since the last such line): {}", stream_,
               track, *count, error.message);
  }
}

void TrackEncoder::Count(const Picture& picture) {
  metrics_.encoded_bytes.Increment(static_cast<double>(picture.bytes.size()));
  if (picture.is_pixelated) {
    metrics_.pictures_coarsened.Increment();
  }
  if (picture.repeats) {
    metrics_.pictures_encoded_repeated.Increment();
    return;
  }
  (picture.type == PictureType::kIntra ? metrics_.pictures_encoded_intra
                                       : metrics_.pictures_encoded_predicted)
      .Increment();
  metrics_.capture_to_encoded_seconds.Observe(Seconds(picture.encoded - picture.captured));
}

}  // namespace pistream
