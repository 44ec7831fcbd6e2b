// A Clock that a test advances.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <stop_token>

#include "src/base/clock.h"
#include "src/base/mutex.h"

namespace pistream {

// Thread-safe. Sleepers wake when Advance() reaches their deadline.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(SteadyTime start = SteadyTime(std::chrono::hours(1))) : now_(start) {}

  SteadyTime Now() const override {
    MutexLock lock(mutex_);
    return now_;
  }

  void Advance(Duration by) {
    std::list<Sleeper> sleepers;
    {
      MutexLock lock(mutex_);
      now_ += by;
      ++advancing_;
      sleepers = sleepers_;
    }
    for (const Sleeper& sleeper : sleepers) {
      // A thread holds its mutex between checking the time and falling asleep.
      std::lock_guard lock(*sleeper.mutex);
      sleeper.changed->notify_all();
    }
    MutexLock lock(mutex_);
    --advancing_;
    changed_.NotifyAll();
  }

  // Blocks until `count` threads are asleep with a deadline in the future; tests call it before
  // Advance().
  void AwaitSleepers(int count) {
    MutexLock lock(mutex_);
    changed_.Wait(mutex_, [&]() PISTREAM_REQUIRES(mutex_) { return count <= CountWaiting(); });
  }

 private:
  struct Sleeper {
    SteadyTime deadline;
    std::mutex* mutex;
    std::condition_variable_any* changed;
  };

  bool DoWaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable_any& changed,
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

  // The threads asleep with a deadline in the future.
  int CountWaiting() const PISTREAM_REQUIRES(mutex_) {
    int count = 0;
    for (const Sleeper& sleeper : sleepers_) {
      count += sleeper.deadline > now_;
    }
    return count;
  }

  std::list<Sleeper>::iterator FallAsleep(const Sleeper& sleeper) {
    MutexLock lock(mutex_);
    changed_.NotifyAll();
    return sleepers_.insert(sleepers_.end(), sleeper);
  }

  void WakeUp(std::list<Sleeper>::iterator sleeper) {
    MutexLock lock(mutex_);
    changed_.Wait(mutex_, [&]() PISTREAM_REQUIRES(mutex_) { return advancing_ == 0; });
    sleepers_.erase(sleeper);
  }

  mutable Mutex mutex_;  // may be locked while a sleeper's is held, never the other way round
  ConditionVariable changed_;
  SteadyTime now_ PISTREAM_GUARDED_BY(mutex_);
  std::list<Sleeper> sleepers_ PISTREAM_GUARDED_BY(mutex_);
  int advancing_ PISTREAM_GUARDED_BY(mutex_) = 0;
};

}  // namespace pistream
