#include "src/encode/mpeg1/rate_control.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace pistream {
namespace {

constexpr double kBucketSeconds = 0.9;
// How full the bucket should be before an I picture. The rest is headroom for P pictures that turn
// out small: bits that overflow the bucket are lost quality.
constexpr double kTargetFill = 0.8;
// The largest I picture, in mean pictures.
constexpr double kMaximumIntraPictures = 8;
// The part of a limit that the chosen quantiser aims at.
constexpr double kTargetShareOfLimit = 0.9;
// Refining a coarse picture of a still scene takes up to about this part of an I picture at the
// finer quantiser (measured: 0.25 to 0.36), all in one P picture.
constexpr double kRefineShare = 0.4;
// The range of a P picture's quantiser relative to that of the picture before it.
constexpr double kFinestStep = 0.75;
constexpr double kCoarsestStep = 1.4;
// Parts of the cost of an I picture. A P picture above the first indicates a scene cut if the P
// pictures before it were below the second.
constexpr double kSceneCutShare = 0.9;
constexpr double kPredictableShare = 0.5;
// P pictures leave the next I picture the size of its coarsest form, or this part of all bits
// available until then.
constexpr double kIntraReserve = 0.5;
// After this many frames without an attempt at a P picture, one is made whatever the last one
// took: the content may have become simpler.
constexpr int kPredictedRetryFrames = 12;
// The fewest pictures over which a deviation is corrected, at the end of a GOP.
constexpr int kShortestHorizon = 6;
// Weights of the newest value in the moving averages.
constexpr double kPredictedCostWeight = 0.4;
constexpr double kIncomeWeight = 0.1;
// The first estimates: bits of a macroblock times quantiser; a typical I picture, and 1/4 of it for
// a P picture.
constexpr double kInitialCostOverSmallest = 40;
// With a limit.
constexpr int kLimitedGopSeconds = 10;
constexpr double kLeastLimitedPictures = 4;

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
      bitrate_bps_(static_cast<double>(config.bitrate_bps)),
      gop_pictures_(config.gop_pictures),
      mean_bits_(MeanBits()),
      capacity_bits_(kBucketSeconds * bitrate_bps_),
      largest_intra_bits_(kMaximumIntraPictures * mean_bits_),
      level_bits_(kTargetFill * capacity_bits_),
      income_bits_(mean_bits_),
      intra_cost_(kInitialCostOverSmallest * static_cast<double>(config.smallest_intra_bits)),
      predicted_cost_(intra_cost_ / 4) {}

double RateControl::MeanBits() const {
  return bitrate_bps_ * config_.framerate.denominator / config_.framerate.numerator;
}

int RateControl::LimitedGopPictures() const {
  const double pictures = kLimitedGopSeconds * static_cast<double>(config_.framerate.numerator) /
                          config_.framerate.denominator;
  return std::max({config_.gop_pictures, static_cast<int>(pictures), 1});
}

void RateControl::SetLimit(std::optional<int64_t> limit_bps) {
  const auto configured = static_cast<double>(config_.bitrate_bps);
  const auto limit = limit_bps ? static_cast<double>(*limit_bps) : configured;
  const double before = std::exchange(bitrate_bps_, std::min(limit, configured));
  const double capacity_before = capacity_bits_;
  is_limited_ = limit_bps.has_value();
  gop_pictures_ = limit_bps ? LimitedGopPictures() : config_.gop_pictures;
  mean_bits_ = MeanBits();
  capacity_bits_ = kBucketSeconds * bitrate_bps_;
  largest_intra_bits_ = kMaximumIntraPictures * mean_bits_;
  if (limit_bps) {
    const double smallest = static_cast<double>(config_.smallest_intra_bits);
    // Each P picture leaves enough for the smallest I picture. A slow camera's pictures are large
    // beside the bucket as it is.
    const double bucket = std::min(capacity_bits_, kLimitedBucketSeconds * limit);
    capacity_bits_ =
        std::max(bucket, smallest + std::min(kLeastLimitedPictures * mean_bits_, bucket));
    largest_intra_bits_ = std::min(largest_intra_bits_, kLimitedIntraSeconds * limit);
  }
  // What was saved for a burst is lost with the room for it.
  if (capacity_bits_ < capacity_before) {
    level_bits_ = std::min(level_bits_, kTargetFill * capacity_bits_);
  }
  income_bits_ *= bitrate_bps_ / before;
}

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
    const double arrived = std::clamp(seconds * bitrate_bps_, 0.0, capacity_bits_);
    level_bits_ = std::min(capacity_bits_, level_bits_ + arrived);
    income_bits_ += kIncomeWeight * (arrived - income_bits_);
  }
  last_captured_ = captured;
}

double RateControl::IntraCap() const {
  return std::min(
      {largest_intra_bits_, capacity_bits_, static_cast<double>(config_.largest_picture_bits)});
}

int64_t RateControl::Limit(PictureType type) const {
  const double smallest = static_cast<double>(config_.smallest_intra_bits);
  const double limit =
      type == PictureType::kIntra
          ? std::max(std::min(IntraCap(), level_bits_), smallest)
          : std::min(level_bits_ - smallest, static_cast<double>(config_.largest_picture_bits));
  return static_cast<int64_t>(std::max(limit, 0.0));
}

// With one quantiser for the whole GOP, such that the bucket reaches its target at the end of it.
double RateControl::ShareOfIntra() const {
  const double whole =
      level_bits_ + (gop_pictures_ - 1) * income_bits_ - kTargetFill * capacity_bits_;
  const double cost = intra_cost_ + (gop_pictures_ - 1) * predicted_cost_;
  const double share = whole * intra_cost_ / cost;
  return std::min(share, kTargetShareOfLimit * static_cast<double>(Limit(PictureType::kIntra)));
}

// The pictures until the next planned I picture, at most as many as the bucket can hold.
int RateControl::PicturesToPlan() const {
  return std::clamp(gop_pictures_ - 1 - since_intra_, 1, PicturesInBucket());
}

int RateControl::PicturesInBucket() const {
  return std::max(1, static_cast<int>(capacity_bits_ / mean_bits_));
}

// What P pictures should leave for the next I picture. The small bucket of a limited stream has no
// room to save for one that comes in seconds.
double RateControl::IntraToSaveFor() const {
  const bool is_far = gop_pictures_ - since_intra_ > 2 * PicturesInBucket();
  return is_limited_ && is_far ? static_cast<double>(config_.smallest_intra_bits)
                               : std::min(intra_cost_ / kCoarsest, IntraCap());
}

double RateControl::ShareOfPredicted() const {
  const int horizon = std::max(kShortestHorizon, PicturesToPlan());
  const double share =
      (level_bits_ + (horizon - 1) * income_bits_ - kTargetFill * capacity_bits_) / horizon;
  return std::min(share, kTargetShareOfLimit * static_cast<double>(Limit(PictureType::kPredicted)));
}

int RateControl::Quantiser(PictureType type) const {
  if (type == PictureType::kIntra) {
    return ToQuantiser(intra_cost_, ShareOfIntra());
  }
  int quantiser = ToQuantiser(predicted_cost_, ShareOfPredicted());
  if (last_quantiser_ > 0) {
    const int finest = std::max(kFinest, static_cast<int>(kFinestStep * last_quantiser_));
    const int coarsest =
        std::min(kCoarsest, static_cast<int>(std::ceil(kCoarsestStep * last_quantiser_)));
    quantiser = std::clamp(quantiser, finest, coarsest);
  }
  while (quantiser < displayed_quantiser_ && !CanRefineTo(quantiser)) {
    ++quantiser;
  }
  return quantiser;
}

// Whether it leaves enough for a requested keyframe now, and for the largest I picture when the
// next one is due.
bool RateControl::CanRefineTo(int quantiser) const {
  const double left = level_bits_ - kRefineShare * intra_cost_ / quantiser;
  const int pictures = std::max(0, gop_pictures_ - 1 - since_intra_);
  const double smallest = static_cast<double>(config_.smallest_intra_bits);
  return left >= smallest + mean_bits_ && left + pictures * income_bits_ >= smallest + IntraCap();
}

// Where the bits do not suffice for every P picture at the coarsest quantiser, only each second,
// third ... frame is encoded.
bool RateControl::PredictedFits() const {
  const int pictures = PicturesToPlan();
  const double until_intra = level_bits_ + pictures * income_bits_;
  const double share =
      (until_intra - std::min(IntraToSaveFor(), kIntraReserve * until_intra)) / pictures;
  const double most =
      std::min(share * (repeats_ + 1), static_cast<double>(Limit(PictureType::kPredicted)));
  return predicted_cost_ / kCoarsest <= most || since_predicted_attempt_ >= kPredictedRetryFrames;
}

bool RateControl::IntraFits() const {
  const double saved = static_cast<double>(config_.smallest_intra_bits) + IntraCap() / 2;
  return level_bits_ >= std::min(saved, kTargetFill * capacity_bits_);
}

// Never right after an I picture: where P pictures are always expensive, as in noise, an I picture
// is no better, and each frame would be encoded twice.
bool RateControl::IsSceneCut(int quantiser, int64_t bits) const {
  const double cost = static_cast<double>(bits) * quantiser;
  const bool was_predictable = predicted_cost_ < kPredictableShare * intra_cost_;
  return was_predictable && since_intra_ > 0 && cost > kSceneCutShare * intra_cost_;
}

void RateControl::OnAttempt(PictureType type, int quantiser, int64_t bits) {
  const double cost = static_cast<double>(bits) * quantiser;
  if (type == PictureType::kIntra) {
    intra_cost_ = cost;
  } else {
    predicted_cost_ += kPredictedCostWeight * (cost - predicted_cost_);
    since_predicted_attempt_ = 0;
  }
  // A P picture may consist of intra macroblocks.
  predicted_cost_ = std::min(predicted_cost_, intra_cost_);
  last_quantiser_ = quantiser;
  const bool is_large = static_cast<double>(bits) > mean_bits_ / 2;
  if (type == PictureType::kIntra || is_large || quantiser < displayed_quantiser_) {
    displayed_quantiser_ = quantiser;
  }
}

void RateControl::OnSent(PictureType type, int64_t bits) {
  level_bits_ -= static_cast<double>(bits);
  repeats_ = 0;
  if (type == PictureType::kIntra) {
    since_intra_ = 0;
    ++since_predicted_attempt_;
  } else {
    ++since_intra_;
  }
}

void RateControl::OnRepeatSent(int64_t bits) {
  level_bits_ -= static_cast<double>(bits);
  ++since_intra_;
  ++repeats_;
  ++since_predicted_attempt_;
}

}  // namespace pistream
