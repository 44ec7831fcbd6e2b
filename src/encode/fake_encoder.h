// Encoders that make pictures of nothing, keep to the contract, and fail when a test says so.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "src/encode/encoder_factory.h"

namespace pistream {

// Makes the encoders and controls them. Thread-safe; outlives them. An encoder's first picture is
// an I picture, then every `gop_pictures`th; its bytes are `kIntraBytes` or `kPredictedBytes` long.
class FakeEncoders {
 public:
  static constexpr size_t kIntraBytes = 400;
  static constexpr size_t kPredictedBytes = 100;

  explicit FakeEncoders(Clock& clock) : clock_(clock) {}

  EncoderFactory Factory() {
    return [this](const EncoderConfig& config) { return Make(config); };
  }

  // Until set to nothing, no encoder can be made.
  void SetMakeError(std::optional<std::string> error) {
    std::lock_guard lock(mutex_);
    make_error_ = std::move(error);
  }
  // The next Encode fails with this.
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
  // Blocks until Encode has been called `count` times in all, returned or not.
  void AwaitEncodes(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return encodes_ >= count; });
  }

  // Of each encoder made, in order.
  std::vector<EncoderConfig> configs() const {
    std::lock_guard lock(mutex_);
    return configs_;
  }

 private:
  class FakeEncoder final : public Encoder {
   public:
    FakeEncoder(FakeEncoders& control, int gop_pictures)
        : control_(control), gop_pictures_(gop_pictures) {}

    Result<PicturePtr> Encode(const Frame& frame, bool keyframe) override {
      if (auto error = control_.EnterEncode()) {
        return Fail("{}", *error);
      }
      const bool intra = keyframe || since_intra_ == gop_pictures_;
      since_intra_ = intra ? 1 : since_intra_ + 1;
      auto picture = std::make_shared<Picture>();
      picture->bytes.resize(intra ? kIntraBytes : kPredictedBytes);
      picture->type = intra ? PictureType::kIntra : PictureType::kPredicted;
      picture->size = frame.size();
      picture->sequence = frame.sequence();
      picture->captured = frame.captured();
      picture->encoded = control_.clock_.Now();
      return picture;
    }

   private:
    FakeEncoders& control_;
    const int gop_pictures_;
    int since_intra_ = gop_pictures_;
  };

  Result<std::unique_ptr<Encoder>> Make(const EncoderConfig& config) {
    std::lock_guard lock(mutex_);
    if (make_error_) {
      return Fail("{}", *make_error_);
    }
    configs_.push_back(config);
    return std::make_unique<FakeEncoder>(*this, config.gop_pictures);
  }

  std::optional<std::string> EnterEncode() {
    std::unique_lock lock(mutex_);
    ++encodes_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !held_; });
    return std::exchange(encode_error_, std::nullopt);
  }

  Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::string> make_error_;
  std::optional<std::string> encode_error_;
  bool held_ = false;
  int encodes_ = 0;
  std::vector<EncoderConfig> configs_;
};

}  // namespace pistream
