#include "src/base/clock.h"

#include <utility>

namespace pistream {
namespace {

class RealClock final : public Clock {
 public:
  SteadyTime Now() const override { return std::chrono::steady_clock::now(); }

 private:
  bool DoWaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable_any& changed,
                   SteadyTime deadline, std::stop_token stop,
                   const std::function<bool()>& ready) override {
    return changed.wait_until(lock, std::move(stop), deadline, ready);
  }
};

}  // namespace

bool Clock::WaitUntil(Mutex& mutex, ConditionVariable& changed, SteadyTime deadline,
                      std::stop_token stop, const std::function<bool()>& ready) {
  std::unique_lock lock(mutex.mutex_, std::adopt_lock);
  const bool is_ready = DoWaitUntil(lock, changed.changed_, deadline, std::move(stop), ready);
  lock.release();
  return is_ready;
}

bool Clock::WaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable_any& changed,
                      SteadyTime deadline, std::stop_token stop,
                      const std::function<bool()>& ready) {
  return DoWaitUntil(lock, changed, deadline, std::move(stop), ready);
}

bool Clock::SleepUntil(SteadyTime deadline, std::stop_token stop) {
  // Of this call alone: sleepers must not wake one another.
  Mutex mutex;
  ConditionVariable wake;
  MutexLock lock(mutex);
  WaitUntil(mutex, wake, deadline, stop, [] { return false; });
  return !stop.stop_requested();
}

Clock& Clock::Real() {
  static RealClock clock;
  return clock;
}

}  // namespace pistream
