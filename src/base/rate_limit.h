// Limits repeated log lines to one a second.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "src/base/clock.h"
#include "src/base/mutex.h"

namespace pistream {

// Thread-safe. One for each kind of line.
class RateLimit {
 public:
  explicit RateLimit(Clock& clock, Duration interval = std::chrono::seconds(1))
      : clock_(clock), interval_(interval) {}

  // Counts one event. Returns the number of events since the last line, including this one, if a
  // line may be written now; otherwise nothing.
  std::optional<uint64_t> Pass() {
    MutexLock lock(mutex_);
    ++events_;
    const SteadyTime now = clock_.Now();
    if (next_ && now < *next_) {
      return std::nullopt;
    }
    next_ = now + interval_;
    return std::exchange(events_, 0);
  }

 private:
  Clock& clock_;
  const Duration interval_;
  Mutex mutex_;
  std::optional<SteadyTime> next_ PISTREAM_GUARDED_BY(mutex_);
  uint64_t events_ PISTREAM_GUARDED_BY(mutex_) = 0;
};

}  // namespace pistream
