// What a link does to packets, without a clock and without packets: a function of time, sizes and a
// seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <vector>

#include "e2e/links/profile.h"
#include "src/base/clock.h"

namespace pistream::links {

// The rate of a line over time. An outage that keeps its traffic is a rate of 0.
class LineSchedule {
 public:
  explicit LineSchedule(const LinkProfile& profile);

  // Steps and outages count from now on; until then the first rate applies.
  void Start(SteadyTime now) { start_ = now; }

  // When the line has transmitted `bytes`, if it begins at `from`.
  SteadyTime FinishTime(SteadyTime from, size_t bytes) const;

  // The rate of the last step, also in an outage.
  double BitsPerSecond(SteadyTime now) const;

  // Whether what is sent at that time is lost.
  bool IsLosing(SteadyTime now) const;

 private:
  struct Segment {
    Duration at{};
    double bits_per_second = 0;
  };

  // Zero before the start.
  Duration Since(SteadyTime now) const;

  std::vector<RateStep> steps_;
  std::vector<Outage> outages_;
  // Steps and outages together.
  std::vector<Segment> segments_;
  std::optional<SteadyTime> start_;
};

// Whether the next packet is lost: independent losses, or bursts (Gilbert and Elliott's two
// states).
class LossProcess {
 public:
  LossProcess(const Loss& loss, uint64_t seed);

  bool IsNextLost();

 private:
  std::mt19937_64 random_;
  // The chance to be lost after a packet that arrived, and after one that was lost.
  double after_arrival_;
  double after_loss_;
  bool was_lost_ = false;
};

enum class Fate : uint8_t {
  kDelivered,
  // The buffer was full.
  kDropped,
  // On the way, or in an outage.
  kLost,
};

struct Verdict {
  Fate fate = Fate::kDelivered;
  // Only for kDelivered.
  SteadyTime deliver_at{};
};

// One direction of a link. Calls are in order of time.
class LinkModel {
 public:
  explicit LinkModel(const LinkProfile& profile);

  // Begins the schedule of steps and outages.
  void Start(SteadyTime now) { line_.Start(now); }

  // What becomes of a packet that is sent now.
  Verdict Offer(SteadyTime now, size_t bytes);

  // What waits for the line now.
  size_t WaitingBytes(SteadyTime now);

 private:
  struct Waiting {
    SteadyTime until;
    size_t bytes = 0;
  };

  bool Fits(SteadyTime now, size_t bytes);
  SteadyTime Arrival(SteadyTime sent);

  LineSchedule line_;
  LossProcess loss_;
  Duration buffer_;
  Duration delay_;
  Duration jitter_;
  bool overtaking_;
  std::mt19937_64 random_;
  std::deque<Waiting> waiting_;
  size_t waiting_bytes_ = 0;
  SteadyTime line_free_at_;
  SteadyTime last_arrival_;
};

}  // namespace pistream::links
