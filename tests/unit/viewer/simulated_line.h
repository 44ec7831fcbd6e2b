// A line in a test's time: a rate, a queue in front of it, and a round trip.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "src/base/clock.h"
#include "src/net/line_account.h"

namespace pistream {

// What is sent waits until the rate lets it through; a round trip later it is acknowledged. Nothing
// happens but in Pass().
class SimulatedLine {
 public:
  static constexpr std::chrono::milliseconds kStep{1};

  SimulatedLine(int64_t rate_bps, std::chrono::milliseconds round_trip)
      : rate_bps_(rate_bps), round_trip_(round_trip) {}

  // From now on. 0: the line is down.
  void SetRate(int64_t rate_bps) { rate_bps_ = rate_bps; }

  void Send(size_t bytes) {
    sent_ += bytes;
    waiting_ += static_cast<double>(bytes);
  }

  // A packet is lost: acknowledgements stand still until it has been repaired.
  void Lose(std::chrono::milliseconds repair) { repaired_ = now_ + repair; }

  // One step.
  void Pass() {
    now_ += kStep;
    const double bytes = static_cast<double>(rate_bps_) / 8 / 1000;
    waiting_ = std::max(0.0, waiting_ - bytes);
    on_the_way_.push_back({now_ + round_trip_, arrived_bytes()});
    while (!repairs_loss() && !on_the_way_.empty() && on_the_way_.front().at <= now_) {
      acknowledged_ = on_the_way_.front().bytes;
      on_the_way_.pop_front();
    }
  }

  uint64_t sent_bytes() const { return sent_; }
  // By the viewer; the round trip is that of its acknowledgement.
  uint64_t arrived_bytes() const { return sent_ - static_cast<uint64_t>(waiting_); }
  uint64_t acknowledged_bytes() const { return acknowledged_; }
  bool repairs_loss() const { return now_ < repaired_; }
  std::chrono::milliseconds round_trip() const { return round_trip_; }

  // As the kernel's.
  LineAccount account() const {
    return {.unacknowledged_bytes = static_cast<size_t>(sent_ - acknowledged_),
            .minimum_rtt = round_trip_,
            .repairs_loss = repairs_loss()};
  }

 private:
  struct Acknowledgement {
    std::chrono::milliseconds at;
    uint64_t bytes;
  };

  int64_t rate_bps_;
  const std::chrono::milliseconds round_trip_;
  std::chrono::milliseconds now_{0};
  std::chrono::milliseconds repaired_{0};
  uint64_t sent_ = 0;
  double waiting_ = 0;
  uint64_t acknowledged_ = 0;
  std::deque<Acknowledgement> on_the_way_;
};

}  // namespace pistream
