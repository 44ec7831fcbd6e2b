#include "src/app/stop_signal.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <csignal>

namespace pistream {
namespace {

class StopSignalTest : public testing::TestWithParam<int> {};

TEST_P(StopSignalTest, SignalBeforeAwait_IsNotLost) {
  StopSignal stop;
  ASSERT_EQ(kill(getpid(), GetParam()), 0);
  EXPECT_EQ(stop.Await(), GetParam());
}

TEST_P(StopSignalTest, SecondSignalAfterAwait_EndsTheProcess) {
  EXPECT_EXIT(
      {
        StopSignal stop;
        kill(getpid(), GetParam());
        stop.Await();
        kill(getpid(), GetParam());
        // Another thread takes the signal, in its own time.
        while (true) {
          pause();
        }
      },
      testing::KilledBySignal(GetParam()), "");
}

TEST_P(StopSignalTest, SecondSignalBeforeAwait_EndsTheProcess) {
  EXPECT_EXIT(
      {
        const StopSignal stop;
        kill(getpid(), GetParam());
        // Two of one kind that are pending are one: until the first has been taken, again.
        while (kill(getpid(), GetParam()) == 0) {
          sched_yield();
        }
      },
      testing::KilledBySignal(GetParam()), "");
}

TEST_P(StopSignalTest, NoSignal_EndsQuietly) {
  {
    const StopSignal stop;
  }
  StopSignal again;
  ASSERT_EQ(kill(getpid(), GetParam()), 0);
  EXPECT_EQ(again.Await(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Signals, StopSignalTest, testing::Values(SIGINT, SIGTERM));

}  // namespace
}  // namespace pistream
