// Time, as a collaborator: the real clock in the program, a fake one in tests.
#pragma once

#include <chrono>
#include <stop_token>

namespace pistream {

// Every time stamp inside the process is of the steady clock: CLOCK_MONOTONIC, the same for every
// process on the machine, so that a load generator beside the server can compare.
using SteadyTime = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

// Thread-safe. Outlives everything that was given a reference to it.
class Clock {
 public:
  virtual ~Clock() = default;

  virtual SteadyTime Now() const = 0;

  // Blocks until `deadline` is reached (true) or `stop` is requested (false). Returns at once,
  // true, for a deadline in the past.
  virtual bool SleepUntil(SteadyTime deadline, std::stop_token stop) = 0;

  // The machine's own clock; lives for the whole process.
  static Clock& Real();
};

}  // namespace pistream
