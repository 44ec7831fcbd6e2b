#include "src/viewer/line_estimate.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace pistream {
namespace {

using std::chrono::milliseconds;

// A shorter time is some packets: a packet more or less would be a large part of it.
constexpr double kLeastBusySeconds = 0.1;
// What was measured longer ago counts less and less.
constexpr double kBusyMemorySeconds = 0.4;
constexpr double kThroughputMemorySeconds = 0.5;
// The repair of a loss takes one to five round trips, in which acknowledgements stand still, or the
// least retransmission time-out.
constexpr int kRepairRoundTrips = 3;
constexpr Duration kLeastTimeOut = milliseconds(200);
// What waited for the repair is acknowledged a round trip after it, or two.
constexpr int kAfterRepairRoundTrips = 2;
constexpr int kDownRoundTrips = 5;
// While twice as much is sent as the line carries, the queue becomes twice as long as the age of
// what arrives.
constexpr int kQueueOverAge = 2;
constexpr Duration kLeastDownTime = milliseconds(400);
// In bits a second: there is a rate wherever there is a measurement.
constexpr double kLeastRate = 1;

}  // namespace

void LineEstimate::Add(const LineSample& sample) {
  if (!last_ || sample.acknowledged_bytes > last_->acknowledged_bytes || !sample.oldest) {
    last_progress_ = sample.at;
  }
  const Duration longest_repair =
      std::max<Duration>(kLeastDownTime, kDownRoundTrips * sample.idle_round_trip);
  const bool was_down = std::exchange(is_down_, sample.at - last_progress_ > longest_repair);
  if (sample.repairs_loss) {
    last_repair_ = sample.at;
  }
  is_repairing_ =
      last_repair_ && sample.at - *last_repair_ <= kAfterRepairRoundTrips * sample.idle_round_trip;
  if (is_down_ || was_down) {
    // Time without a link is no measure of its rate.
    busy_seconds_ = 0;
    busy_bits_ = 0;
  } else {
    MeasureRate(sample);
  }
  overdue_[samples_ % kRecent] =
      sample.oldest ? sample.at - *sample.oldest - sample.idle_round_trip : Duration(0);
  delay_before_ = std::exchange(delay_, DelayOf(sample));
  recent_[samples_++ % kRecent] = delay_;
  last_ = sample;
}

void LineEstimate::MeasureRate(const LineSample& sample) {
  if (!last_) {
    return;
  }
  const double seconds = Seconds(sample.at - last_->at);
  const double bits =
      8 * static_cast<double>(sample.acknowledged_bytes - last_->acknowledged_bytes);
  const double keep = std::exp(-seconds / kThroughputMemorySeconds);
  throughput_bps_ =
      seconds > 0 ? keep * throughput_bps_ + (1 - keep) * bits / seconds : throughput_bps_;
  const bool is_busy =
      sample.oldest && *sample.oldest + sample.idle_round_trip + sample.jitter <= last_->at;
  if (!is_busy || is_repairing_) {
    busy_seconds_ = 0;
    busy_bits_ = 0;
    return;
  }
  busy_seconds_ += seconds;
  busy_bits_ += bits;
  if (busy_seconds_ >= kLeastBusySeconds && busy_bits_ > 0) {
    // Where a round trip takes seconds, nothing may arrive for many.
    rate_bps_ = std::max(busy_bits_ / busy_seconds_, kLeastRate);
    has_measured_ = true;
  }
  if (busy_seconds_ > kBusyMemorySeconds) {
    busy_bits_ *= kBusyMemorySeconds / busy_seconds_;
    busy_seconds_ = kBusyMemorySeconds;
  }
}

Duration LineEstimate::DelayOf(const LineSample& sample) const {
  if (!sample.oldest) {
    return Duration(0);
  }
  const Duration idle = sample.idle_round_trip;
  Duration delay =
      sample.at - *sample.oldest - idle - frame_time_ - sample.right - sample.jitter / 4;
  if (is_repairing_) {
    delay -= kRepairRoundTrips * idle + kLeastTimeOut;
  } else {
    delay = std::max(delay, QueueOf(sample));
  }
  return std::max(delay, Duration(0));
}

// What waits, as a time. The rate may be from before the line became better: then nothing is nearly
// as overdue as that.
Duration LineEstimate::QueueOf(const LineSample& sample) const {
  const auto rate = rate_bps();
  if (!rate) {
    return Duration(0);
  }
  const std::chrono::duration<double> seconds(8 * static_cast<double>(sample.waiting_bytes) /
                                              static_cast<double>(*rate));
  return std::min(std::chrono::duration_cast<Duration>(seconds) - sample.idle_round_trip,
                  kQueueOverAge * *std::ranges::max_element(overdue_));
}

Duration LineEstimate::standing_delay() const { return *std::ranges::min_element(recent_); }

std::optional<int64_t> LineEstimate::rate_bps() const {
  if (rate_bps_ == 0) {
    return std::nullopt;
  }
  return static_cast<int64_t>(std::max(rate_bps_, throughput_bps_));
}

void LineEstimate::BeginMeasurement() {
  has_measured_ = false;
  busy_seconds_ = 0;
  busy_bits_ = 0;
}

}  // namespace pistream
