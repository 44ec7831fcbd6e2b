#include "e2e/links/link_model.h"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace pistream::links {
namespace {

// Even a slow line's buffer has room for packets of the usual size.
constexpr size_t kLeastBuffer = 2 * 1500;

Duration FromSeconds(double seconds) {
  return std::chrono::ceil<Duration>(std::chrono::duration<double>(seconds));
}

bool IsWithin(const Outage& outage, Duration at) {
  return at >= outage.at && at < outage.at + outage.duration;
}

double RateAt(const std::vector<RateStep>& steps, Duration at) {
  const auto after = std::find_if(steps.begin() + 1, steps.end(),
                                  [at](const RateStep& step) { return step.at > at; });
  return std::prev(after)->bits_per_second;
}

}  // namespace

LineSchedule::LineSchedule(const LinkProfile& profile)
    : steps_(profile.rate), outages_(profile.outages) {
  std::vector<Duration> changes;
  for (const RateStep& step : steps_) {
    changes.push_back(step.at);
  }
  for (const Outage& outage : outages_) {
    changes.insert(changes.end(), {outage.at, outage.at + outage.duration});
  }
  std::sort(changes.begin(), changes.end());
  for (const Duration at : changes) {
    const bool is_held = std::any_of(outages_.begin(), outages_.end(), [&](const Outage& outage) {
      return outage.keeps_traffic && IsWithin(outage, at);
    });
    segments_.push_back({at, is_held ? 0 : RateAt(steps_, at)});
  }
}

Duration LineSchedule::Since(SteadyTime now) const {
  return start_ ? std::max(now - *start_, Duration::zero()) : Duration::zero();
}

SteadyTime LineSchedule::FinishTime(SteadyTime from, size_t bytes) const {
  double bits = 8 * static_cast<double>(bytes);
  // Before the start, the first rate is for ever.
  const size_t count = start_ ? segments_.size() : 1;
  Duration at = Since(from);
  Duration taken{};
  for (size_t i = 0; i < count; ++i) {
    const bool is_last = i + 1 == count;
    if (!is_last && segments_[i + 1].at <= at) {
      continue;
    }
    const double rate = segments_[i].bits_per_second;
    const double capacity = is_last ? bits : rate * Seconds(segments_[i + 1].at - at);
    if (capacity >= bits) {
      return from + taken + FromSeconds(bits / rate);
    }
    bits -= capacity;
    taken += segments_[i + 1].at - at;
    at = segments_[i + 1].at;
  }
  return from + taken;
}

double LineSchedule::BitsPerSecond(SteadyTime now) const { return RateAt(steps_, Since(now)); }

bool LineSchedule::IsLosing(SteadyTime now) const {
  return start_ && std::any_of(outages_.begin(), outages_.end(), [&](const Outage& outage) {
           return !outage.keeps_traffic && IsWithin(outage, now - *start_);
         });
}

LossProcess::LossProcess(const Loss& loss, uint64_t seed)
    : random_(seed), after_arrival_(loss.share), after_loss_(loss.share) {
  if (loss.mean_burst) {
    after_loss_ = 1 - 1 / *loss.mean_burst;
    // So that the share of packets that are lost is the profile's.
    after_arrival_ = loss.share / (*loss.mean_burst * (1 - loss.share));
  }
}

bool LossProcess::IsNextLost() {
  const double chance = was_lost_ ? after_loss_ : after_arrival_;
  was_lost_ = std::uniform_real_distribution<>()(random_) < chance;
  return was_lost_;
}

LinkModel::LinkModel(const LinkProfile& profile)
    : line_(profile),
      loss_(profile.loss, profile.seed),
      buffer_(profile.buffer),
      delay_(profile.delay),
      jitter_(profile.jitter),
      overtaking_(profile.overtaking),
      random_(profile.seed + 1) {}

Verdict LinkModel::Offer(SteadyTime now, size_t bytes) {
  if (!Fits(now, bytes)) {
    return {.fate = Fate::kDropped};
  }
  line_free_at_ = line_.FinishTime(std::max(now, line_free_at_), bytes);
  waiting_.push_back({.until = line_free_at_, .bytes = bytes});
  waiting_bytes_ += bytes;
  // Drawn in any case: the chances of later packets do not depend on outages.
  const bool is_lost = loss_.IsNextLost();
  if (is_lost || line_.IsLosing(line_free_at_)) {
    return {.fate = Fate::kLost};
  }
  return {.fate = Fate::kDelivered, .deliver_at = Arrival(line_free_at_)};
}

size_t LinkModel::WaitingBytes(SteadyTime now) {
  while (!waiting_.empty() && waiting_.front().until <= now) {
    waiting_bytes_ -= waiting_.front().bytes;
    waiting_.pop_front();
  }
  return waiting_bytes_;
}

bool LinkModel::Fits(SteadyTime now, size_t bytes) {
  const double room = line_.BitsPerSecond(now) / 8 * Seconds(buffer_);
  return WaitingBytes(now) + bytes <= std::max(kLeastBuffer, static_cast<size_t>(room));
}

SteadyTime LinkModel::Arrival(SteadyTime sent) {
  const double share = std::uniform_real_distribution<>()(random_);
  SteadyTime arrival = sent + delay_ + std::chrono::duration_cast<Duration>(jitter_ * share);
  if (!overtaking_) {
    arrival = std::max(arrival, last_arrival_);
  }
  last_arrival_ = arrival;
  return arrival;
}

}  // namespace pistream::links
