#include "src/camera/libcamera/camera_pacer.h"

#include <chrono>
#include <vector>

#include "gtest/gtest.h"
#include "src/base/fake_clock.h"

namespace pistream {
namespace {

using std::chrono::milliseconds;

constexpr Duration kFrameTime = milliseconds(40);

class CameraPacerTest : public testing::Test {
 protected:
  SteadyTime At(int ms) const { return start_ + milliseconds(ms); }

  // The deadlines met in `frames` waits by someone who wakes up `late` each time.
  std::vector<SteadyTime> Wait(CameraPacer& pacer, int frames, Duration late) {
    std::vector<SteadyTime> deadlines;
    for (int i = 0; i < frames; ++i) {
      const SteadyTime deadline = pacer.NextDeadline();
      deadlines.push_back(deadline);
      clock_.Advance(std::max(Duration(0), deadline - clock_.Now()) + late);
      EXPECT_EQ(pacer.Pass(clock_.Now()), 0);
    }
    return deadlines;
  }

  FakeClock clock_;
  const SteadyTime start_ = clock_.Now();
};

TEST_F(CameraPacerTest, FramesInTime_AllAcceptedAndNotThrottled) {
  CameraPacer pacer(kFrameTime, false);
  for (int ms : {0, 40, 79, 121, 160}) {
    EXPECT_TRUE(pacer.Accept(At(ms))) << ms;
  }
  EXPECT_FALSE(pacer.is_throttled());
}

TEST_F(CameraPacerTest, OneEarlyFrame_DroppedButNotThrottled) {
  CameraPacer pacer(kFrameTime, false);
  EXPECT_TRUE(pacer.Accept(At(0)));
  EXPECT_FALSE(pacer.Accept(At(5)));
  EXPECT_TRUE(pacer.Accept(At(40)));
  EXPECT_FALSE(pacer.Accept(At(45)));
  EXPECT_FALSE(pacer.is_throttled());
  EXPECT_FALSE(pacer.is_free_running());
}

TEST_F(CameraPacerTest, BurstOfFrames_OnlyTheFirstAcceptedThenThrottled) {
  CameraPacer pacer(kFrameTime, false);
  EXPECT_TRUE(pacer.Accept(At(0)));
  EXPECT_FALSE(pacer.Accept(At(1)));
  EXPECT_FALSE(pacer.Accept(At(2)));
  EXPECT_TRUE(pacer.is_throttled());
  EXPECT_TRUE(pacer.is_free_running());
  EXPECT_FALSE(pacer.Accept(At(3))) << "under way when the camera was throttled";
  EXPECT_EQ(pacer.NextDeadline(), At(40));
  EXPECT_TRUE(pacer.Accept(At(41)));
}

TEST_F(CameraPacerTest, SlowCamera_NotThrottled) {
  CameraPacer pacer(kFrameTime, false);
  for (int ms : {0, 100, 200, 300}) {
    EXPECT_TRUE(pacer.Accept(At(ms)));
  }
  EXPECT_FALSE(pacer.is_throttled());
}

TEST_F(CameraPacerTest, ThrottledFromTheStart_FirstDeadlineIsAtOnce) {
  CameraPacer pacer(kFrameTime, true);
  EXPECT_LE(pacer.NextDeadline(), clock_.Now());
  EXPECT_EQ(pacer.Pass(clock_.Now()), 0);
  EXPECT_EQ(pacer.NextDeadline(), At(40));
  EXPECT_FALSE(pacer.is_free_running());
}

TEST_F(CameraPacerTest, ThrottledFromTheStart_FramesThatJitterAreWanted) {
  CameraPacer pacer(kFrameTime, true);
  EXPECT_TRUE(pacer.Accept(At(35)));
  EXPECT_TRUE(pacer.Accept(At(41)));
  EXPECT_TRUE(pacer.Accept(At(42)));
}

TEST_F(CameraPacerTest, WakingLateEachTime_DeadlinesDoNotDrift) {
  CameraPacer pacer(kFrameTime, true);
  pacer.Pass(clock_.Now());
  const auto deadlines = Wait(pacer, 100, milliseconds(7));
  EXPECT_EQ(deadlines.back(), At(100 * 40));
}

TEST_F(CameraPacerTest, WakingFramesLate_DeadlinesSkippedAndCounted) {
  CameraPacer pacer(kFrameTime, true);
  pacer.Pass(At(0));
  EXPECT_EQ(pacer.Pass(At(40)), 0);
  EXPECT_EQ(pacer.Pass(At(205)), 3) << "those of 80, 120 and 160 ms";
  EXPECT_EQ(pacer.NextDeadline(), At(240));
}

}  // namespace
}  // namespace pistream
