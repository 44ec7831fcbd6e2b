// A Clock whose time passes only when a test says so.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <stop_token>

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

  bool WaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable_any& changed,
                 SteadyTime deadline, std::stop_token stop,
                 const std::function<bool()>& ready) override {
    const auto sleeper = FallAsleep({deadline, lock.mutex(), &changed});
    changed.wait(lock, std::move(stop), [&] { return ready() || Now() >= deadline; });
    // Advance() may be about to lock this very mutex, and WakeUp waits for Advance().
    lock.unlock();
    WakeUp(sleeper);
    lock.lock();
    return ready();
  }

  void Advance(Duration by) {
    std::list<Sleeper> sleepers;
    {
      std::lock_guard lock(mutex_);
      now_ += by;
      ++advancing_;
      sleepers = sleepers_;
    }
    for (const Sleeper& sleeper : sleepers) {
      // Between its look at the time and its falling asleep a thread holds its mutex.
      std::lock_guard lock(*sleeper.mutex);
      sleeper.changed->notify_all();
    }
    std::lock_guard lock(mutex_);
    --advancing_;
    changed_.notify_all();
  }

  // Blocks until `count` threads are asleep with a deadline still to come: the event a test waits
  // for before it lets time pass.
  void AwaitSleepers(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
      return count <= std::count_if(sleepers_.begin(), sleepers_.end(),
                                    [&](const Sleeper& one) { return one.deadline > now_; });
    });
  }

 private:
  struct Sleeper {
    SteadyTime deadline;
    std::mutex* mutex;
    std::condition_variable_any* changed;
  };

  std::list<Sleeper>::iterator FallAsleep(const Sleeper& sleeper) {
    std::lock_guard lock(mutex_);
    changed_.notify_all();
    return sleepers_.insert(sleepers_.end(), sleeper);
  }

  void WakeUp(std::list<Sleeper>::iterator sleeper) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return advancing_ == 0; });
    sleepers_.erase(sleeper);
  }

  mutable std::mutex mutex_;  // may be locked while a sleeper's is held, never the other way round
  std::condition_variable changed_;
  SteadyTime now_;
  std::list<Sleeper> sleepers_;
  int advancing_ = 0;
};

}  // namespace pistream
