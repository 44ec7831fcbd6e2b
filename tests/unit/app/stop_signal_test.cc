#include "src/app/stop_signal.h"

#include <gtest/gtest.h>
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
        _exit(0);
      },
      testing::KilledBySignal(GetParam()), "");
}

INSTANTIATE_TEST_SUITE_P(Signals, StopSignalTest, testing::Values(SIGINT, SIGTERM));

}  // namespace
}  // namespace pistream
