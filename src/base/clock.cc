#include "src/base/clock.h"

#include <condition_variable>
#include <mutex>

namespace pistream {
namespace {

class RealClock final : public Clock {
 public:
  SteadyTime Now() const override { return std::chrono::steady_clock::now(); }

  bool SleepUntil(SteadyTime deadline, std::stop_token stop) override {
    // Of this call alone: sleepers must not wake one another.
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_until(lock, stop, deadline, [] { return false; });
    return !stop.stop_requested();
  }
};

}  // namespace

Clock& Clock::Real() {
  static RealClock clock;
  return clock;
}

}  // namespace pistream
