#include "src/app/signals.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <csignal>

namespace pistream {
namespace {

using Event = Signals::Event;
using Hangup = Signals::Hangup;

class StopTest : public testing::TestWithParam<int> {};

TEST_P(StopTest, SignalBeforeAwait_IsNotLost) {
  Signals signals(Hangup::kEnds);
  ASSERT_EQ(kill(getpid(), GetParam()), 0);
  EXPECT_EQ(signals.Await(), (Event{Event::Kind::kStop, GetParam()}));
}

TEST_P(StopTest, EveryLaterAwait_ReturnsTheStop) {
  Signals signals(Hangup::kReloads);
  ASSERT_EQ(kill(getpid(), GetParam()), 0);
  EXPECT_EQ(signals.Await(), (Event{Event::Kind::kStop, GetParam()}));
  ASSERT_EQ(kill(getpid(), SIGHUP), 0);
  EXPECT_EQ(signals.Await(), (Event{Event::Kind::kStop, GetParam()}));
}

TEST_P(StopTest, SecondSignalAfterAwait_EndsTheProcess) {
  EXPECT_EXIT(
      {
        Signals signals(Hangup::kEnds);
        kill(getpid(), GetParam());
        signals.Await();
        kill(getpid(), GetParam());
        // Another thread takes the signal, in its own time.
        while (true) {
          pause();
        }
      },
      testing::KilledBySignal(GetParam()), "");
}

TEST_P(StopTest, SecondSignalBeforeAwait_EndsTheProcess) {
  EXPECT_EXIT(
      {
        const Signals signals(Hangup::kReloads);
        kill(getpid(), GetParam());
        // Two pending signals of one kind are one: until the first has been taken, again.
        while (kill(getpid(), GetParam()) == 0) {
          sched_yield();
        }
      },
      testing::KilledBySignal(GetParam()), "");
}

// As a shell's background job of a script, which is started with SIGINT ignored.
TEST_P(StopTest, SecondSignalAlthoughIgnored_EndsTheProcess) {
  EXPECT_EXIT(
      {
        std::signal(GetParam(), SIG_IGN);
        Signals signals(Hangup::kEnds);
        kill(getpid(), GetParam());
        signals.Await();
        kill(getpid(), GetParam());
        while (true) {
          pause();
        }
      },
      testing::KilledBySignal(GetParam()), "");
}

TEST_P(StopTest, NoSignal_EndsQuietly) {
  {
    const Signals signals(Hangup::kReloads);
  }
  Signals again(Hangup::kReloads);
  ASSERT_EQ(kill(getpid(), GetParam()), 0);
  EXPECT_EQ(again.Await(), (Event{Event::Kind::kStop, GetParam()}));
}

INSTANTIATE_TEST_SUITE_P(Signals, StopTest, testing::Values(SIGINT, SIGTERM));

TEST(HangupTest, Reloads_IsAnEventEachTime) {
  Signals signals(Hangup::kReloads);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(kill(getpid(), SIGHUP), 0);
    EXPECT_EQ(signals.Await(), (Event{Event::Kind::kReload, SIGHUP}));
  }
}

TEST(HangupTest, ThenStop_Stops) {
  Signals signals(Hangup::kReloads);
  ASSERT_EQ(kill(getpid(), SIGHUP), 0);
  EXPECT_EQ(signals.Await(), (Event{Event::Kind::kReload, SIGHUP}));
  ASSERT_EQ(kill(getpid(), SIGTERM), 0);
  EXPECT_EQ(signals.Await(), (Event{Event::Kind::kStop, SIGTERM}));
}

// Example failure is a program that is reloaded while it stops, and then ends by SIGHUP.
TEST(HangupTest, PendingAtTheEnd_IsDropped) {
  for (int i = 0; i < 100; ++i) {
    Signals signals(Hangup::kReloads);
    ASSERT_EQ(kill(getpid(), SIGHUP), 0);
  }
}

// As a shell's background job that was started with nohup.
TEST(HangupTest, ReloadsAlthoughIgnored_IsAnEvent) {
  const auto before = std::signal(SIGHUP, SIG_IGN);
  {
    Signals signals(Hangup::kReloads);
    ASSERT_EQ(kill(getpid(), SIGHUP), 0);
    EXPECT_EQ(signals.Await(), (Event{Event::Kind::kReload, SIGHUP}));
  }
  std::signal(SIGHUP, before);
}

TEST(HangupTest, Ends_EndsTheProcess) {
  EXPECT_EXIT(
      {
        Signals signals(Hangup::kEnds);
        kill(getpid(), SIGHUP);
        signals.Await();
      },
      testing::KilledBySignal(SIGHUP), "");
}

}  // namespace
}  // namespace pistream
