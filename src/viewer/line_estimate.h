// How late what is sent on a line arrives, and what the line carries: from acknowledgements.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "src/base/clock.h"

namespace pistream {

// What is known at one moment.
struct LineSample {
  SteadyTime at;
  uint64_t acknowledged_bytes = 0;  // of all that was sent
  // Sent and not acknowledged. An I picture delays what follows it by right: its bytes are not
  // among them, and `right` is the time that it takes, if it was sent in the last moments.
  uint64_t waiting_bytes = 0;
  Duration right{0};
  // When the oldest byte that is not acknowledged was sent; nothing: all are acknowledged.
  std::optional<SteadyTime> oldest = std::nullopt;
  Duration idle_round_trip{0};  // of a line without a queue
  Duration jitter{0};           // the most that the round trip differs by without a queue
  bool repairs_loss = false;    // acknowledgements stand still until lost packets are sent again
};

// Pure arithmetic. Belongs to one thread.
//
// The rate is measured only while the line is busy: between two samples at the second of which a
// byte is not acknowledged that was sent a round trip before the first. At other times the line
// carried all it was given, and perhaps more.
class LineEstimate {
 public:
  // `frame_time`: pictures are that far apart, so that a picture that is that old is not late.
  explicit LineEstimate(Duration frame_time) : frame_time_(frame_time) {}

  // Samples come in the order of time, some 25 ms apart.
  void Add(const LineSample& sample);

  // How much later what is sent now arrives than on a line without a queue; never negative.
  Duration delay() const { return delay_; }
  // The lesser of the last two delays: one late acknowledgement says little.
  Duration confirmed_delay() const { return std::min(delay_, delay_before_); }
  // The least delay of the last moments: that of a queue that stands, not of one picture.
  Duration standing_delay() const;

  // In bits a second; nothing if the line was never busy for long enough.
  std::optional<int64_t> rate_bps() const;
  // Forgets what was measured: the next measurement is of what happens from now on.
  void BeginMeasurement();
  // Whether there is a measurement since then.
  bool has_measured() const { return has_measured_; }

  // When something was acknowledged last, or all was.
  SteadyTime last_progress() const { return last_progress_; }
  // Nothing has been acknowledged for longer than the repair of a loss takes: the line is down.
  bool is_down() const { return is_down_; }

 private:
  static constexpr size_t kRecent = 4;  // samples: 0.1 s

  void MeasureRate(const LineSample& sample);
  Duration DelayOf(const LineSample& sample) const;
  Duration QueueOf(const LineSample& sample) const;

  const Duration frame_time_;
  std::optional<LineSample> last_;
  Duration delay_{0};
  Duration delay_before_{0};
  std::array<Duration, kRecent> recent_{};
  // The ages of the oldest bytes beyond an idle round trip.
  std::array<Duration, kRecent> overdue_{};
  size_t samples_ = 0;
  // Of the time in which the line was busy, without interruption.
  double busy_seconds_ = 0;
  double busy_bits_ = 0;
  SteadyTime last_progress_;
  bool is_down_ = false;
  std::optional<SteadyTime> last_repair_;  // of a loss
  bool is_repairing_ = false;              // or what waited for it is not yet acknowledged
  bool has_measured_ = false;
  double rate_bps_ = 0;
  double throughput_bps_ = 0;  // of all times, smoothed: the line carries at least that
};

}  // namespace pistream
