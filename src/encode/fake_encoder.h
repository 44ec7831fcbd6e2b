// Fake encoders for tests: they follow the contract, produce pictures without content, and fail on
// request.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "src/encode/encoder_factory.h"

namespace pistream {

// Creates the encoders and controls them. Thread-safe; outlives them. An encoder's first picture is
// an I picture, and then every `gop_pictures`th; pictures have `kIntraBytes` or `kPredictedBytes`.
class FakeEncoders {
 public:
  static constexpr size_t kIntraBytes = 400;
  static constexpr size_t kPredictedBytes = 100;

  static int64_t DefaultBitrate(const VideoFormat& format) {
    return int64_t{format.size.width} * format.size.height;
  }

  explicit FakeEncoders(Clock& clock) : clock_(clock) {}

  EncoderFactory Factory() {
    return {.default_bitrate = [](const VideoFormat& format,
                                  int /*gop_pictures*/) { return DefaultBitrate(format); },
            .sufficient_bitrate =
                [](const EncoderConfig& config) {
                  return DefaultBitrate(config.format) >> (1 + 2 * config.halvings);
                },
            .warning = [](const EncoderConfig& /*config*/) { return std::nullopt; },
            .create = [this](const EncoderConfig& config) { return Make(config); }};
  }

  // Until it is set to nothing, creating an encoder fails.
  void SetMakeError(std::optional<std::string> error) {
    std::lock_guard lock(mutex_);
    make_error_ = std::move(error);
  }
  // Lets the next Encode fail with this error.
  void FailNextEncode(const std::string& error) {
    std::lock_guard lock(mutex_);
    encode_error_ = error;
  }
  // Encode blocks until Release.
  void Hold() {
    std::lock_guard lock(mutex_);
    held_ = true;
  }
  void Release() {
    std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  // From the next Encode on, pictures are delayed by this many frames; Flush returns the rest.
  void SetDelay(size_t frames) {
    std::lock_guard lock(mutex_);
    behavior_.delay = frames;
  }
  // From the next Encode on, a call returns this many pictures or none.
  void SetBatch(size_t pictures) {
    std::lock_guard lock(mutex_);
    behavior_.batch = pictures;
  }
  // From the next Encode on, P pictures repeat the previous picture, with its capture time.
  void SetRepeats(bool repeats) {
    std::lock_guard lock(mutex_);
    behavior_.repeats = repeats;
  }
  // From the next Encode on, pictures are marked as pixelated.
  void SetPixelates(bool pixelates) {
    std::lock_guard lock(mutex_);
    behavior_.pixelates = pixelates;
  }

  // Blocks until Encode has been called `count` times in all, returned or not.
  void AwaitEncodes(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return encodes_ >= count; });
  }

  // Blocks until there have been `count` attempts in all to create an encoder.
  void AwaitMakes(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return makes_ >= count; });
  }

  // Of the last call of any encoder's SetBitrateLimit.
  std::optional<int64_t> bitrate_limit_bps() const {
    std::lock_guard lock(mutex_);
    return bitrate_limit_bps_;
  }

  // Of each encoder created, in order.
  std::vector<EncoderConfig> configs() const {
    std::lock_guard lock(mutex_);
    return configs_;
  }

 private:
  struct Behavior {
    size_t delay = 0;
    size_t batch = 1;
    bool repeats = false;
    bool pixelates = false;
  };

  class FakeEncoder final : public Encoder {
   public:
    FakeEncoder(FakeEncoders& control, const EncoderConfig& config)
        : control_(control), config_(config), since_intra_(config.gop_pictures) {}

    Result<void> Encode(Frame frame, const EncodeOptions& options, PictureSink& sink) override {
      const auto behavior = control_.EnterEncode();
      if (!behavior) {
        return tl::unexpected(behavior.error());
      }
      ready_.push_back(MakePicture(frame, options.keyframe, *behavior));
      while (ready_.size() >= behavior->delay + behavior->batch) {
        Give(behavior->batch, sink);
      }
      return {};
    }

    void SetBitrateLimit(std::optional<int64_t> bitrate_bps) override {
      std::lock_guard lock(control_.mutex_);
      control_.bitrate_limit_bps_ = bitrate_bps;
    }

    Result<void> Flush(PictureSink& sink) override {
      Give(ready_.size(), sink);
      since_intra_ = config_.gop_pictures;
      return {};
    }

   private:
    std::shared_ptr<Picture> MakePicture(const Frame& frame, bool keyframe,
                                         const Behavior& behavior) {
      const bool intra = keyframe || since_intra_ >= config_.gop_pictures;
      since_intra_ = intra ? 1 : since_intra_ + 1;
      auto picture = std::make_shared<Picture>();
      picture->bytes.resize(intra ? kIntraBytes : kPredictedBytes);
      picture->type = intra ? PictureType::kIntra : PictureType::kPredicted;
      picture->repeats = behavior.repeats && !intra;
      picture->is_pixelated = behavior.pixelates && !picture->repeats;
      if (!picture->repeats) {
        shown_captured_ = frame.captured();
      }
      picture->size = frame.size();
      picture->size.width >>= config_.halvings;
      picture->size.height >>= config_.halvings;
      picture->sequence = frame.sequence();
      picture->captured = shown_captured_;
      picture->duration = config_.format.framerate.FrameTime();
      return picture;
    }

    void Give(size_t pictures, PictureSink& sink) {
      for (; pictures > 0; --pictures) {
        ready_.front()->encoded = control_.clock_.Now();
        sink.OnPicture(std::move(ready_.front()));
        ready_.pop_front();
      }
    }

    FakeEncoders& control_;
    const EncoderConfig config_;
    int since_intra_;
    SteadyTime shown_captured_;
    std::deque<std::shared_ptr<Picture>> ready_;
  };

  Result<std::unique_ptr<Encoder>> Make(const EncoderConfig& config) {
    std::lock_guard lock(mutex_);
    ++makes_;
    changed_.notify_all();
    if (make_error_) {
      return Fail("{}", *make_error_);
    }
    configs_.push_back(config);
    return std::make_unique<FakeEncoder>(*this, config);
  }

  // The behavior for this call, or the error that it must return.
  Result<Behavior> EnterEncode() {
    std::unique_lock lock(mutex_);
    ++encodes_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !held_; });
    if (const auto error = std::exchange(encode_error_, std::nullopt)) {
      return Fail("{}", *error);
    }
    return behavior_;
  }

  Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::string> make_error_;
  std::optional<std::string> encode_error_;
  bool held_ = false;
  Behavior behavior_;
  int encodes_ = 0;
  int makes_ = 0;
  std::vector<EncoderConfig> configs_;
  std::optional<int64_t> bitrate_limit_bps_;
};

}  // namespace pistream
