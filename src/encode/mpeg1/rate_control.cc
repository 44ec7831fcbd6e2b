#include "src/encode/mpeg1/rate_control.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pistream {
namespace {

constexpr double kBucketSeconds = 0.9;
// How full the bucket should be in front of an I picture. The rest is room for P pictures that
// turn out small: what overflows is lost quality.
constexpr double kTargetFill = 0.8;
// The bound, and what is aimed at.
constexpr double kIntraMeans = 8;
constexpr double kAim = 0.9;
// To refine a coarse picture of a still scene takes up to about this part of what an I picture
// takes at the finer quantiser (measured: 0.25 to 0.36), all in one P picture.
constexpr double kRefineShare = 0.4;
// The quantiser of a P picture and the one before it.
constexpr double kStepFiner = 0.75;
constexpr double kStepCoarser = 1.4;
// Parts of what an I picture takes: a P picture that takes more than the one, where those before it
// took less than the other, is of another scene.
constexpr double kUnpredictable = 0.9;
constexpr double kPredictable = 0.5;
// P pictures leave the next I picture what its coarsest takes, or this part of all that is there
// until then.
constexpr double kReserve = 0.5;
// After so many frames without one a P picture is tried whatever the last took: they may have
// become cheap.
constexpr int kTryAgain = 12;
// Over how few pictures a deviation is made up for, at the end of a GOP.
constexpr int kShortestHorizon = 6;
constexpr double kNewest = 0.4;  // weight of the newest P picture in the estimate
constexpr double kNewestIncome = 0.1;
// First guesses: bits of a macroblock times quantiser; a typical I picture, 1/4 of it for a P.
constexpr double kGuessOverSmallest = 40;

double MeanBits(const RateControlConfig& config) {
  return static_cast<double>(config.bitrate_bps) * config.framerate.denominator /
         config.framerate.numerator;
}

int ToQuantiser(double cost, double bits) {
  if (cost <= 0) {
    return RateControl::kFinest;
  }
  if (bits <= 0 || cost / bits >= RateControl::kCoarsest) {
    return RateControl::kCoarsest;
  }
  return std::max(RateControl::kFinest, static_cast<int>(std::lround(cost / bits)));
}

}  // namespace

RateControl::RateControl(const RateControlConfig& config)
    : config_(config),
      mean_bits_(MeanBits(config)),
      capacity_(kBucketSeconds * static_cast<double>(config.bitrate_bps)),
      level_(kTargetFill * capacity_),
      income_(mean_bits_),
      intra_cost_(kGuessOverSmallest * static_cast<double>(config.smallest_intra_bits)),
      predicted_cost_(intra_cost_ / 4) {}

int64_t RateControl::MinimumBitrate(const RateControlConfig& config) {
  const double frames_per_second =
      static_cast<double>(config.framerate.numerator) / config.framerate.denominator;
  const double intras_per_second =
      std::min(frames_per_second, 2 * std::ceil(frames_per_second / 2 / config.gop_pictures));
  const double smallest = static_cast<double>(config.smallest_intra_bits);
  return static_cast<int64_t>(
      std::ceil(smallest * std::max(intras_per_second, 1 / kBucketSeconds) +
                static_cast<double>(config.repeat_bits) * frames_per_second));
}

void RateControl::Advance(SteadyTime captured) {
  if (last_captured_) {
    const double seconds = Seconds(captured - *last_captured_);
    const double arrived =
        std::clamp(seconds * static_cast<double>(config_.bitrate_bps), 0.0, capacity_);
    level_ = std::min(capacity_, level_ + arrived);
    income_ += kNewestIncome * (arrived - income_);
  }
  last_captured_ = captured;
}

double RateControl::IntraCap() const {
  return std::min(
      {kIntraMeans * mean_bits_, capacity_, static_cast<double>(config_.largest_picture_bits)});
}

int64_t RateControl::Limit(PictureType type) const {
  const double smallest = static_cast<double>(config_.smallest_intra_bits);
  const double limit =
      type == PictureType::kIntra
          ? std::max(std::min(IntraCap(), level_), smallest)
          : std::min(level_ - smallest, static_cast<double>(config_.largest_picture_bits));
  return static_cast<int64_t>(std::max(limit, 0.0));
}

// One quantiser for the whole GOP, such that the bucket is as full behind it as it should be.
double RateControl::ShareOfIntra() const {
  const double whole = level_ + (config_.gop_pictures - 1) * income_ - kTargetFill * capacity_;
  const double cost = intra_cost_ + (config_.gop_pictures - 1) * predicted_cost_;
  const double share = whole * intra_cost_ / cost;
  return std::min(share, kAim * static_cast<double>(Limit(PictureType::kIntra)));
}

// Up to the next I picture, or as many as the bucket can hold.
int RateControl::PicturesToPlan() const {
  const int most = std::max(1, static_cast<int>(capacity_ / mean_bits_));
  return std::clamp(config_.gop_pictures - 1 - since_intra_, 1, most);
}

double RateControl::ShareOfPredicted() const {
  const int horizon = std::max(kShortestHorizon, PicturesToPlan());
  const double share = (level_ + (horizon - 1) * income_ - kTargetFill * capacity_) / horizon;
  return std::min(share, kAim * static_cast<double>(Limit(PictureType::kPredicted)));
}

int RateControl::Quantiser(PictureType type) const {
  if (type == PictureType::kIntra) {
    return ToQuantiser(intra_cost_, ShareOfIntra());
  }
  int quantiser = ToQuantiser(predicted_cost_, ShareOfPredicted());
  if (last_quantiser_ > 0) {
    const int finest = std::max(kFinest, static_cast<int>(kStepFiner * last_quantiser_));
    const int coarsest =
        std::min(kCoarsest, static_cast<int>(std::ceil(kStepCoarser * last_quantiser_)));
    quantiser = std::clamp(quantiser, finest, coarsest);
  }
  while (quantiser < seen_quantiser_ && !CanRefineTo(quantiser)) {
    ++quantiser;
  }
  return quantiser;
}

// Whether it leaves enough for an I picture out of turn, and for a good one in its turn.
bool RateControl::CanRefineTo(int quantiser) const {
  const double left = level_ - kRefineShare * intra_cost_ / quantiser;
  const int pictures = std::max(0, config_.gop_pictures - 1 - since_intra_);
  const double smallest = static_cast<double>(config_.smallest_intra_bits);
  return left >= smallest + mean_bits_ && left + pictures * income_ >= smallest + IntraCap();
}

// Where not even the coarsest can all be paid, every second, third ... is coded.
bool RateControl::PredictedFits() const {
  const int pictures = PicturesToPlan();
  const double until_intra = level_ + pictures * income_;
  const double intra = std::min(intra_cost_ / kCoarsest, IntraCap());
  const double share = (until_intra - std::min(intra, kReserve * until_intra)) / pictures;
  const double most =
      std::min(share * (repeats_ + 1), static_cast<double>(Limit(PictureType::kPredicted)));
  return predicted_cost_ / kCoarsest <= most || untried_ >= kTryAgain;
}

bool RateControl::IntraFits() const {
  const double saved = static_cast<double>(config_.smallest_intra_bits) + IntraCap() / 2;
  return level_ >= std::min(saved, kTargetFill * capacity_);
}

// Right behind an I picture there is none: where P pictures are always dear, as in noise, an I
// picture is no better, and each frame would be coded twice.
bool RateControl::IsCut(int quantiser, int64_t bits) const {
  const double cost = static_cast<double>(bits) * quantiser;
  const bool was_predictable = predicted_cost_ < kPredictable * intra_cost_;
  return was_predictable && since_intra_ > 0 && cost > kUnpredictable * intra_cost_;
}

void RateControl::Tried(PictureType type, int quantiser, int64_t bits) {
  const double cost = static_cast<double>(bits) * quantiser;
  if (type == PictureType::kIntra) {
    intra_cost_ = cost;
  } else {
    predicted_cost_ += kNewest * (cost - predicted_cost_);
    untried_ = 0;
  }
  // It can take macroblocks as an I picture does.
  predicted_cost_ = std::min(predicted_cost_, intra_cost_);
  last_quantiser_ = quantiser;
  const bool much = static_cast<double>(bits) > mean_bits_ / 2;
  if (type == PictureType::kIntra || much || quantiser < seen_quantiser_) {
    seen_quantiser_ = quantiser;
  }
}

void RateControl::SentIntra(int64_t bits) {
  level_ -= static_cast<double>(bits);
  since_intra_ = 0;
  repeats_ = 0;
  ++untried_;
}

void RateControl::SentPredicted(int64_t bits) {
  level_ -= static_cast<double>(bits);
  ++since_intra_;
  repeats_ = 0;
}

void RateControl::SentRepeat(int64_t bits) {
  level_ -= static_cast<double>(bits);
  ++since_intra_;
  ++repeats_;
  ++untried_;
}

}  // namespace pistream
