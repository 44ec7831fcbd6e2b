#include "src/base/mutex.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <stop_token>
#include <thread>
#include <vector>

#include "src/base/clock.h"
#include "src/base/fake_clock.h"

namespace pistream {
namespace {

// Whether another thread could lock it now.
bool IsFree(Mutex& mutex) {
  return std::async(std::launch::async,
                    [&] {
                      if (!mutex.TryLock()) {
                        return false;
                      }
                      mutex.Unlock();
                      return true;
                    })
      .get();
}

class Counter {
 public:
  void Add() {
    MutexLock lock(mutex_);
    ++count_;
    changed_.NotifyAll();
  }
  int Await(int count) {
    MutexLock lock(mutex_);
    changed_.Wait(mutex_, [&]() PISTREAM_REQUIRES(mutex_) { return count_ >= count; });
    return count_;
  }
  bool AwaitOrStop(int count, const std::stop_token& stop) {
    MutexLock lock(mutex_);
    return changed_.Wait(mutex_, stop, [&]() PISTREAM_REQUIRES(mutex_) { return count_ >= count; });
  }
  bool AwaitUntil(Clock& clock, SteadyTime deadline, int count) {
    MutexLock lock(mutex_);
    return clock.WaitUntil(mutex_, changed_, deadline, {},
                           [&]() PISTREAM_REQUIRES(mutex_) { return count_ >= count; });
  }
  bool IsFree() { return pistream::IsFree(mutex_); }

 private:
  Mutex mutex_;
  ConditionVariable changed_;
  int count_ PISTREAM_GUARDED_BY(mutex_) = 0;
};

TEST(MutexTest, MutexLock_ManyThreads_LoseNoCount) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 1000;
  Counter counter;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < kRounds; ++round) {
          counter.Add();
        }
      });
    }
  }
  EXPECT_EQ(counter.Await(0), kThreads * kRounds);
}

TEST(MutexTest, MutexLock_UnlockAndLock_HoldsItInBetweenOnly) {
  Mutex mutex;
  {
    MutexLock lock(mutex);
    EXPECT_FALSE(IsFree(mutex));
    lock.Unlock();
    EXPECT_TRUE(IsFree(mutex));
    lock.Lock();
    EXPECT_FALSE(IsFree(mutex));
  }
  EXPECT_TRUE(IsFree(mutex));
}

TEST(MutexTest, MutexLock_DestroyedUnlocked_LeavesItFree) {
  Mutex mutex;
  {
    MutexLock lock(mutex);
    lock.Unlock();
  }
  EXPECT_TRUE(IsFree(mutex));
}

TEST(ConditionVariableTest, Wait_Notified_ReturnsAndLeavesTheMutexFree) {
  Counter counter;
  auto waited = std::async(std::launch::async, [&] { return counter.Await(2); });
  counter.Add();
  counter.Add();
  EXPECT_EQ(waited.get(), 2);
  EXPECT_TRUE(counter.IsFree());
}

TEST(ConditionVariableTest, Wait_StopRequested_ReturnsFalse) {
  Counter counter;
  std::stop_source stop;
  auto waited =
      std::async(std::launch::async, [&] { return counter.AwaitOrStop(1, stop.get_token()); });
  stop.request_stop();
  EXPECT_FALSE(waited.get());
  EXPECT_TRUE(counter.IsFree());
}

TEST(ConditionVariableTest, Wait_ReadyThoughStopped_ReturnsTrue) {
  Counter counter;
  counter.Add();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(counter.AwaitOrStop(1, stop.get_token()));
}

TEST(ConditionVariableTest, ClockWaitUntil_Notified_ReturnsTrueBeforeTheDeadline) {
  FakeClock clock;
  Counter counter;
  auto waited = std::async(std::launch::async, [&] {
    return counter.AwaitUntil(clock, clock.Now() + std::chrono::seconds(1), 1);
  });
  clock.AwaitSleepers(1);
  counter.Add();
  EXPECT_TRUE(waited.get());
  EXPECT_TRUE(counter.IsFree());
}

TEST(ConditionVariableTest, ClockWaitUntil_DeadlineReached_ReturnsFalse) {
  FakeClock clock;
  Counter counter;
  auto waited = std::async(std::launch::async, [&] {
    return counter.AwaitUntil(clock, clock.Now() + std::chrono::seconds(1), 1);
  });
  clock.AwaitSleepers(1);
  clock.Advance(std::chrono::seconds(1));
  EXPECT_FALSE(waited.get());
  EXPECT_TRUE(counter.IsFree());
}

}  // namespace
}  // namespace pistream
