// The interface to time: the real clock in the program, a fake one in tests.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>

#include "src/base/mutex.h"

namespace pistream {

// All timestamps in the process are of the steady clock: CLOCK_MONOTONIC, the same for every
// process on the machine, so that a load generator on the server's machine can compare them.
using SteadyTime = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

inline double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

// Thread-safe. Must outlive all references to it.
class Clock {
 public:
  virtual ~Clock() = default;

  virtual SteadyTime Now() const = 0;

  // Blocks until `ready()` returns true, `deadline` is reached or `stop` is requested, and returns
  // ready(). `mutex` guards the data that ready() reads; code that changes it notifies `changed`.
  bool WaitUntil(Mutex& mutex, ConditionVariable& changed, SteadyTime deadline,
                 std::stop_token stop, const std::function<bool()>& ready) PISTREAM_REQUIRES(mutex);

  // The same with the standard library's mutex, for code without annotations.
  bool WaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable_any& changed,
                 SteadyTime deadline, std::stop_token stop, const std::function<bool()>& ready);

  // Blocks until `deadline` is reached (true) or `stop` is requested (false). Returns true
  // immediately for a deadline in the past.
  bool SleepUntil(SteadyTime deadline, std::stop_token stop);

  // The machine's clock; exists as long as the process.
  static Clock& Real();

 private:
  // std::condition_variable_any::wait_until, by this clock.
  virtual bool DoWaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable_any& changed,
                           SteadyTime deadline, std::stop_token stop,
                           const std::function<bool()>& ready) = 0;
};

}  // namespace pistream
