#include "src/viewer/line_control.h"

#include <algorithm>
#include <cmath>

namespace pistream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Late: so much in a few samples in a row, or so much at once.
constexpr Duration kLate = milliseconds(80);
constexpr int kLateSamples = 3;
constexpr Duration kVeryLate = milliseconds(200);
// All has arrived, as far as anybody sees.
constexpr Duration kDrained = milliseconds(10);

// The part of the measured rate that a viewer wants.
constexpr double kShareOfRate = 0.85;
// Without a measurement: of what it wanted before.
constexpr double kBlindShare = 0.7;
constexpr int64_t kLeastLimit = 20'000;
// On a line of this many times the bitrate the largest picture takes one frame time.
constexpr double kFreeFactor = 8;

// While the queue that stands is shorter than the first, the limit grows by kGrowth a second; from
// the second on it shrinks.
constexpr Duration kGrowDelay = milliseconds(5);
constexpr Duration kShrinkDelay = milliseconds(20);
constexpr double kGrowth = 0.3;
constexpr double kShrinking = 0.5;
// Where a queue is not seen before it is long, the limit grows more slowly around the rate at which
// the line was full.
constexpr double kCarefulGrowth = 0.01;
constexpr double kNearlyFull = 0.8;
constexpr double kBeyondFull = 1.1;

// Of the bitrate that suffices for a track: less than the first, and a smaller one looks better;
// more than the second, and the larger one does.
constexpr double kTooLittle = 1.2;
constexpr double kEnough = 1.5;
// Nobody wants more of a smaller track.
constexpr double kPlenty = 2.2;

// A move to a larger track has succeeded after so long.
constexpr Duration kTrial = seconds(10);
constexpr Duration kTwoMoves = milliseconds(500);
constexpr Duration kLongestHold = seconds(60);
constexpr Duration kUninterestingAfter = seconds(2);
// The same for a new viewer whose line has never been late.
constexpr Duration kNeverLateAfter = milliseconds(250);

VideoScale Step(VideoScale scale, int steps) {
  return static_cast<VideoScale>(static_cast<int>(scale) + steps);
}

size_t Index(VideoScale scale) { return static_cast<size_t>(scale); }

bool HasSmaller(const LineContext& context) {
  return context.scale != kVideoScales.back() &&
         context.sufficient_bps[Index(Step(context.scale, 1))] > 0;
}

bool HasTrack(const LineContext& context, VideoScale scale) {
  return context.sufficient_bps[Index(scale)] > 0;
}

// The largest track that the viewer may be moved to.
VideoScale Largest(const LineContext& context) {
  return context.quality == Quality::kLow && HasTrack(context, VideoScale::kHalf)
             ? VideoScale::kHalf
             : VideoScale::kFull;
}

int64_t Multiply(double factor, int64_t bitrate_bps) {
  return static_cast<int64_t>(factor * static_cast<double>(bitrate_bps));
}

// What a viewer whose line carries all wants of a smaller track, so that it harms nobody there.
int64_t MostWanted(const LineContext& context, VideoScale scale) {
  return std::min(Multiply(kPlenty, context.sufficient_bps[Index(scale)]),
                  Multiply(kFreeFactor, context.bitrate_bps));
}

// The limit that is none.
int64_t FreeLimit(const LineContext& context) {
  const bool is_low = context.scale != VideoScale::kFull && context.scale == Largest(context);
  return is_low ? MostWanted(context, context.scale) : Multiply(kFreeFactor, context.bitrate_bps);
}

}  // namespace

LineControl::Decision LineControl::Update(const LineState& line, const LineContext& context,
                                          SteadyTime now) {
  has_drained_ = false;
  if (context.is_moving && moved_larger_) {
    moved_larger_ = now;  // the trial begins when it gets there
  }
  if (state_ == State::kDraining) {
    was_down_ |= line.is_down;
    if (!line.is_down && line.delay < kDrained) {
      EndDraining(line, context, now);
    }
  } else if (IsLate(line)) {
    BeginToDrain(line, context.is_moving, now);
  } else {
    Adjust(line, context, now);
  }
  last_update_ = now;
  Decision decision{.limit_bps = std::nullopt,
                    .drops_pictures = state_ == State::kDraining && context.shares_pictures,
                    .scale = Scale(context, now)};
  if (state_ != State::kFree) {
    decision.limit_bps = state_ == State::kDraining ? 0 : limit_bps_;
  } else if (decision.scale != VideoScale::kFull) {
    decision.limit_bps = MostWanted(context, decision.scale);
  }
  return decision;
}

bool LineControl::IsLate(const LineState& line) {
  late_samples_ = line.delay > kLate ? late_samples_ + 1 : 0;
  return late_samples_ >= kLateSamples || line.delay > kVeryLate;
}

void LineControl::BeginToDrain(const LineState& line, bool is_moving, SteadyTime now) {
  is_coarse_ = line.is_coarse;
  if (moved_larger_ && !is_moving && now - *moved_larger_ < kTrial) {
    hold_ = std::min<Duration>(2 * hold_, kLongestHold);
    moved_larger_.reset();
  }
  limit_bps_ = state_ == State::kFree ? INT64_MAX : limit_bps_;
  state_ = State::kDraining;
  was_down_ = false;
  late_samples_ = 0;
  calm_since_ = now;
  wants_measurement_ = true;
  was_ever_limited_ = true;
  reason_ = "pictures are late";
}

void LineControl::EndDraining(const LineState& line, const LineContext& context, SteadyTime now) {
  if (line.has_measured && line.rate_bps) {
    limit_bps_ = std::min(limit_bps_, Multiply(kShareOfRate, *line.rate_bps));
    full_at_bps_ = *line.rate_bps;
  } else if (!was_down_) {
    limit_bps_ = Multiply(kBlindShare, std::min(limit_bps_, context.bitrate_bps));
  }
  calm_since_ = now;
  has_drained_ = true;
  drained_ = now;
  // After an outage without a measurement: as before.
  state_ = limit_bps_ == INT64_MAX ? State::kFree : State::kLimited;
  limit_bps_ = std::max(limit_bps_, kLeastLimit);
  reason_ = was_down_ ? "the line was down" : "the line is slow";
}

void LineControl::Adjust(const LineState& line, const LineContext& context, SteadyTime now) {
  const int64_t free_bps = FreeLimit(context);
  if (state_ == State::kFree) {
    if (line.has_measured && line.rate_bps && Multiply(kShareOfRate, *line.rate_bps) < free_bps) {
      limit_bps_ = Multiply(kShareOfRate, *line.rate_bps);
      state_ = State::kLimited;
      was_ever_limited_ = true;
      calm_since_ = now;
      reason_ = "large pictures take long";
    }
    return;
  }
  const double elapsed = last_update_ ? Seconds(now - *last_update_) : 0;
  limit_bps_ = std::max(Multiply(std::exp(Growth(line, now) * elapsed), limit_bps_), kLeastLimit);
  if (limit_bps_ >= free_bps && context.scale == Largest(context)) {
    state_ = State::kFree;
    calm_since_ = now;
    wants_measurement_ = true;
    reason_ = "the line carries all";
  }
  limit_bps_ = std::min(limit_bps_, free_bps);
}

// Of the limit, a second.
double LineControl::Growth(const LineState& line, SteadyTime now) {
  const double beyond =
      Seconds(line.standing_delay - kGrowDelay) / Seconds(kShrinkDelay - kGrowDelay);
  shrinks_ = beyond >= 1;
  if (shrinks_) {
    calm_since_ = now;
    return -kShrinking;
  }
  if (now - calm_since_ < hold_) {
    return 0;
  }
  const bool may_be_full = is_coarse_ && limit_bps_ > Multiply(kNearlyFull, full_at_bps_) &&
                           limit_bps_ < Multiply(kBeyondFull, full_at_bps_);
  return (may_be_full ? kCarefulGrowth : kGrowth) * (1 - std::max(beyond, 0.0));
}

// Whether the track is of no use to the viewer: it is congested by what others want, or its size
// needs more than the line carries.
bool LineControl::MustBecomeSmaller(const LineContext& context, SteadyTime now) const {
  const int64_t sufficient_bps = context.sufficient_bps[Index(context.scale)];
  if (has_drained_) {
    return limit_bps_ < Multiply(kTooLittle, sufficient_bps) ||
           context.others_want_bps > limit_bps_;
  }
  // Down two sizes takes two moves. At other times, while nothing is late, the rate may have been
  // measured when the line did not matter.
  const bool is_thin = shrinks_ || (drained_ && now - *drained_ < kTwoMoves);
  return is_thin && limit_bps_ < sufficient_bps;
}

VideoScale LineControl::Scale(const LineContext& context, SteadyTime now) {
  const VideoScale scale = context.scale;
  if (!context.can_change_scale) {
    return scale;
  }
  if (!HasTrack(context, scale)) {
    return VideoScale::kFull;  // the camera's pictures have become too small for the track
  }
  if (context.quality == Quality::kFull) {
    return VideoScale::kFull;
  }
  if (context.quality == Quality::kLow && scale == VideoScale::kFull && HasSmaller(context)) {
    return VideoScale::kHalf;
  }
  if (state_ == State::kDraining) {
    return CancelMoveToLarger(context);
  }
  if (state_ == State::kLimited && HasSmaller(context) && MustBecomeSmaller(context, now)) {
    reason_ = "too slow for this size";
    return Step(scale, 1);
  }
  return Larger(context, now);
}

// A line that is late before the larger track's first picture says nothing of that track.
VideoScale LineControl::CancelMoveToLarger(const LineContext& context) {
  const bool is_cancelled = context.is_moving && moved_larger_ && HasSmaller(context);
  if (is_cancelled) {
    moved_larger_.reset();
  }
  return is_cancelled ? Step(context.scale, 1) : context.scale;
}

VideoScale LineControl::Larger(const LineContext& context, SteadyTime now) {
  const VideoScale scale = context.scale;
  if (moved_larger_ && now - *moved_larger_ >= kTrial) {
    moved_larger_.reset();
    hold_ = kShortestHold;
  }
  if (scale <= Largest(context)) {
    return scale;
  }
  if (state_ == State::kLimited) {
    const int64_t larger_wants_bps = std::min(context.larger_wants_bps, context.bitrate_bps);
    const int64_t enough_bps = std::max(
        Multiply(kEnough, context.sufficient_bps[Index(Step(scale, -1))]), larger_wants_bps);
    // At a low bitrate that is more than a limit can be.
    const int64_t most_bps = Multiply(kFreeFactor, context.bitrate_bps);
    if (limit_bps_ < std::min(enough_bps, most_bps) || now - calm_since_ < hold_) {
      return scale;
    }
  }
  moved_larger_ = now;
  return Step(scale, -1);
}

bool LineControl::IsUninteresting(SteadyTime now) const {
  const Duration after = was_ever_limited_ ? kUninterestingAfter : kNeverLateAfter;
  return state_ == State::kFree && now - calm_since_ >= after;
}

}  // namespace pistream
