#include "src/camera/libcamera/clock.h"

#include <algorithm>
#include <chrono>
#include <ctime>

namespace pistream {
namespace {

constexpr Duration kOldest = std::chrono::seconds(10);
// Stamps extrapolated by a driver may be a little ahead.
constexpr Duration kSlack = std::chrono::milliseconds(5);

Duration Read(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

ClockReading ReadClocks() {
  // The one that is ahead first: what passes between the two calls must not make the difference
  // negative.
  const Duration boot = Read(CLOCK_BOOTTIME);
  const Duration steady = Read(CLOCK_MONOTONIC);
  const Duration ahead = boot - steady;
  // Without sleep they are the same clock, but for the time between the calls.
  return {SteadyTime(steady), ahead < std::chrono::milliseconds(1) ? Duration(0) : ahead};
}

SteadyTime SteadyTimeOfStamp(int64_t stamp_ns, const ClockReading& now) {
  if (stamp_ns <= 0) {  // none, and differences with it could overflow
    return now.steady;
  }
  const SteadyTime as_monotonic{Duration(std::chrono::nanoseconds(stamp_ns))};
  for (const SteadyTime time : {as_monotonic, as_monotonic - now.ahead_by}) {
    if (time <= now.steady + kSlack && time >= now.steady - kOldest) {
      return std::min(time, now.steady);
    }
  }
  return now.steady;
}

}  // namespace pistream
