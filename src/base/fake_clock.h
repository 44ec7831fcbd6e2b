// A Clock whose time passes only when a test says so.
#pragma once

#include <condition_variable>
#include <mutex>

#include "src/base/clock.h"

namespace pistream {

// Thread-safe. Sleepers wake when Advance() reaches their deadline.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(SteadyTime start = SteadyTime(std::chrono::hours(1))) : now_(start) {}

  SteadyTime Now() const override {
    std::lock_guard lock(mutex_);
    return now_;
  }

  bool SleepUntil(SteadyTime deadline, std::stop_token stop) override {
    std::unique_lock lock(mutex_);
    ++sleepers_;
    changed_.notify_all();
    changed_.wait(lock, stop, [&] { return now_ >= deadline; });
    --sleepers_;
    return !stop.stop_requested();
  }

  void Advance(Duration by) {
    std::lock_guard lock(mutex_);
    now_ += by;
    changed_.notify_all();
  }

  // Blocks until `count` threads are asleep: the event a test waits for before it lets time pass.
  void AwaitSleepers(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return sleepers_ >= count; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  SteadyTime now_;
  int sleepers_ = 0;
};

}  // namespace pistream
