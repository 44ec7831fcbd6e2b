// Time, as a collaborator: the real clock in the program, a fake one in tests.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>

#include "src/base/mutex.h"

namespace pistream {

// Every time stamp inside the process is of the steady clock: CLOCK_MONOTONIC, the same for every
// process on the machine, so that a load generator beside the server can compare.
using SteadyTime = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

inline double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

// Thread-safe. Outlives everything that was given a reference to it.
class Clock {
 public:
  virtual ~Clock() = default;

  virtual SteadyTime Now() const = 0;

  // Blocks until `ready()` holds, `deadline` is reached or `stop` is requested, and returns
  // ready(). `mutex` guards what ready() reads; whoever changes that notifies `changed`.
  bool WaitUntil(Mutex& mutex, ConditionVariable& changed, SteadyTime deadline,
                 std::stop_token stop, const std::function<bool()>& ready) PISTREAM_REQUIRES(mutex);

  // The same with the standard library's mutex, for what is not yet annotated.
  bool WaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable_any& changed,
                 SteadyTime deadline, std::stop_token stop, const std::function<bool()>& ready);

  // Blocks until `deadline` is reached (true) or `stop` is requested (false). Returns at once,
  // true, for a deadline in the past.
  bool SleepUntil(SteadyTime deadline, std::stop_token stop);

  // The machine's own clock; lives for the whole process.
  static Clock& Real();

 private:
  // std::condition_variable_any::wait_until, by this clock.
  virtual bool DoWaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable_any& changed,
                           SteadyTime deadline, std::stop_token stop,
                           const std::function<bool()>& ready) = 0;
};

}  // namespace pistream
