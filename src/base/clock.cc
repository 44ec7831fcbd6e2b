#include "src/base/clock.h"

#include <utility>

namespace pistream {
namespace {

class RealClock final : public Clock {
 public:
  SteadyTime Now() const override { return std::chrono::steady_clock::now(); }

  bool WaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable_any& changed,
                 SteadyTime deadline, std::stop_token stop,
                 const std::function<bool()>& ready) override {
    return changed.wait_until(lock, std::move(stop), deadline, ready);
  }
};

}  // namespace

bool Clock::SleepUntil(SteadyTime deadline, std::stop_token stop) {
  // Of this call alone: sleepers must not wake one another.
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  WaitUntil(lock, wake, deadline, stop, [] { return false; });
  return !stop.stop_requested();
}

Clock& Clock::Real() {
  static RealClock clock;
  return clock;
}

}  // namespace pistream
