#include "src/base/clock.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stop_token>

#include "src/base/fake_clock.h"

namespace pistream {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(RealClockTest, Now_ReadTwice_DoesNotGoBack) {
  const SteadyTime first = Clock::Real().Now();
  EXPECT_LE(first, Clock::Real().Now());
}

TEST(RealClockTest, SleepUntil_DeadlineInThePast_ReturnsTrue) {
  EXPECT_TRUE(Clock::Real().SleepUntil(Clock::Real().Now() - seconds(1), {}));
}

TEST(RealClockTest, SleepUntil_DeadlineAhead_IsReachedWhenItReturns) {
  const SteadyTime deadline = Clock::Real().Now() + milliseconds(1);
  EXPECT_TRUE(Clock::Real().SleepUntil(deadline, {}));
  EXPECT_GE(Clock::Real().Now(), deadline);
}

TEST(RealClockTest, SleepUntil_StopRequested_ReturnsFalse) {
  std::stop_source stop;
  auto slept = std::async(std::launch::async, [&] {
    return Clock::Real().SleepUntil(Clock::Real().Now() + hours(1), stop.get_token());
  });
  stop.request_stop();
  EXPECT_FALSE(slept.get());
}

// A condition that one thread awaits and another one changes.
struct Event {
  std::mutex mutex;
  std::condition_variable_any changed;
  bool happened = false;

  bool Wait(Clock& clock, SteadyTime deadline, const std::stop_token& stop = {}) {
    std::unique_lock lock(mutex);
    return clock.WaitUntil(lock, changed, deadline, stop, [this] { return happened; });
  }
  void Happen() {
    std::lock_guard lock(mutex);
    happened = true;
    changed.notify_all();
  }
};

TEST(RealClockTest, WaitUntil_EventHappens_ReturnsTrue) {
  Event event;
  auto waited =
      std::async(std::launch::async, [&] { return event.Wait(Clock::Real(), SteadyTime::max()); });
  event.Happen();
  EXPECT_TRUE(waited.get());
}

TEST(FakeClockTest, Advance_NobodySleeps_MovesTheTime) {
  FakeClock clock;
  const SteadyTime start = clock.Now();
  clock.Advance(seconds(2));
  EXPECT_EQ(clock.Now(), start + seconds(2));
}

TEST(FakeClockTest, SleepUntil_DeadlineNow_ReturnsTrue) {
  FakeClock clock;
  EXPECT_TRUE(clock.SleepUntil(clock.Now(), {}));
}

TEST(FakeClockTest, SleepUntil_TimeAdvances_WakesOnlyThoseWhoAreDue) {
  FakeClock clock;
  const SteadyTime start = clock.Now();
  auto first =
      std::async(std::launch::async, [&] { return clock.SleepUntil(start + seconds(1), {}); });
  auto second = std::async(std::launch::async, [&] {
    clock.SleepUntil(start + seconds(2), {});
    return clock.Now();
  });
  clock.AwaitSleepers(2);
  clock.Advance(seconds(1));
  EXPECT_TRUE(first.get());
  clock.AwaitSleepers(1);
  clock.Advance(seconds(1));
  EXPECT_EQ(second.get(), start + seconds(2));
}

TEST(FakeClockTest, SleepUntil_StopRequested_ReturnsFalse) {
  FakeClock clock;
  std::stop_source stop;
  auto slept = std::async(std::launch::async, [&] {
    return clock.SleepUntil(clock.Now() + seconds(1), stop.get_token());
  });
  clock.AwaitSleepers(1);
  stop.request_stop();
  EXPECT_FALSE(slept.get());
}

TEST(FakeClockTest, WaitUntil_EventHappens_ReturnsTrueBeforeTheDeadline) {
  FakeClock clock;
  Event event;
  auto waited =
      std::async(std::launch::async, [&] { return event.Wait(clock, clock.Now() + seconds(1)); });
  clock.AwaitSleepers(1);
  event.Happen();
  EXPECT_TRUE(waited.get());
}

TEST(FakeClockTest, WaitUntil_DeadlineReached_ReturnsFalse) {
  FakeClock clock;
  Event event;
  auto waited =
      std::async(std::launch::async, [&] { return event.Wait(clock, clock.Now() + seconds(1)); });
  clock.AwaitSleepers(1);
  clock.Advance(seconds(1));
  EXPECT_FALSE(waited.get());
}

TEST(FakeClockTest, WaitUntil_AlreadyHappened_ReturnsAtOnce) {
  FakeClock clock;
  Event event;
  event.Happen();
  EXPECT_TRUE(event.Wait(clock, clock.Now() + seconds(1)));
}

TEST(FakeClockTest, Advance_ManySleepersComeAndGo_WakesThemAll) {
  FakeClock clock;
  for (int round = 0; round < 100; ++round) {
    auto one = std::async(std::launch::async,
                          [&] { return clock.SleepUntil(clock.Now() + seconds(1), {}); });
    auto other = std::async(std::launch::async,
                            [&] { return clock.SleepUntil(clock.Now() + seconds(1), {}); });
    clock.AwaitSleepers(2);
    clock.Advance(seconds(1));
    ASSERT_TRUE(one.get());
    ASSERT_TRUE(other.get());
  }
}

}  // namespace
}  // namespace pistream
