#include "src/camera/libcamera/frame_counter.h"

#include <chrono>

#include "gtest/gtest.h"

namespace pistream {
namespace {

using std::chrono::milliseconds;
constexpr SteadyTime kStart{std::chrono::hours(1)};

FrameReport At(int ms, std::optional<uint32_t> camera_sequence = std::nullopt) {
  return {.camera_sequence = camera_sequence,
          .captured = kStart + milliseconds(ms),
          .frame_duration = std::nullopt};
}

FrameReport WithDuration(FrameReport report, int ms) {
  report.frame_duration = milliseconds(ms);
  return report;
}

TEST(FrameCounter, FirstFrame_IsZeroWhateverTheCameraCounts) {
  FrameCounter counter;
  EXPECT_EQ(counter.Number(At(0, 17)).sequence, 0U);
  EXPECT_EQ(counter.Number(At(40, 18)).sequence, 1U);
}

TEST(FrameCounter, GapInTheCamerasCount_Shows) {
  FrameCounter counter;
  counter.Number(At(0, 5));
  EXPECT_EQ(counter.Number(At(40, 9)).sequence, 4U);
}

TEST(FrameCounter, CamerasCountWrapsAround_RisesByOne) {
  FrameCounter counter;
  counter.Number(At(0, 0xffffffffU));
  EXPECT_EQ(counter.Number(At(40, 0)).sequence, 1U);
}

TEST(FrameCounter, CamerasCountStandsStillOrGoesBack_RisesByOne) {
  FrameCounter counter;
  counter.Number(At(0, 100));
  EXPECT_EQ(counter.Number(At(40, 100)).sequence, 1U);
  EXPECT_EQ(counter.Number(At(80, 0)).sequence, 2U);
}

TEST(FrameCounter, NoCountOfTheCameras_RisesByOne) {
  FrameCounter counter;
  counter.Number(At(0));
  EXPECT_EQ(counter.Number(At(400)).sequence, 1U);
}

TEST(FrameCounter, SensorWasFasterThanTheCount_GapIsTheTimesOne) {
  FrameCounter counter;
  counter.Number(WithDuration(At(0, 1), 40));
  EXPECT_EQ(counter.Number(WithDuration(At(41, 2), 40)).sequence, 1U);
  EXPECT_EQ(counter.Number(WithDuration(At(161, 3), 40)).sequence, 4U);
}

TEST(FrameCounter, FrameDurationOfZero_Ignored) {
  FrameCounter counter;
  counter.Number(WithDuration(At(0, 1), 0));
  EXPECT_EQ(counter.Number(WithDuration(At(40, 2), 0)).sequence, 1U);
}

TEST(FrameCounter, FramesCountedAsLost_ShowAsOneGap) {
  FrameCounter counter;
  counter.Number(At(0));
  counter.CountLost();
  counter.CountLost(2);
  EXPECT_EQ(counter.Number(At(160)).sequence, 4U);
  EXPECT_EQ(counter.Number(At(200)).sequence, 5U);
}

TEST(FrameCounter, LossSeenInTwoWays_CountsOnce) {
  FrameCounter counter;
  counter.Number(At(0, 1));
  counter.CountLost();
  EXPECT_EQ(counter.Number(At(80, 3)).sequence, 2U);
}

TEST(FrameCounter, LostBeforeTheFirst_FirstIsNotZero) {
  FrameCounter counter;
  counter.CountLost(3);
  EXPECT_EQ(counter.Number(At(0, 7)).sequence, 3U);
}

TEST(FrameCounter, TimeStandsStillOrGoesBack_MadeToRise) {
  FrameCounter counter;
  const auto first = counter.Number(At(100, 1));
  const auto same = counter.Number(At(100, 2));
  const auto back = counter.Number(At(50, 3));
  const auto after = counter.Number(At(140, 4));
  EXPECT_EQ(first.captured, At(100).captured);
  EXPECT_GT(same.captured, first.captured);
  EXPECT_GT(back.captured, same.captured);
  EXPECT_EQ(after.captured, At(140).captured);
}

}  // namespace
}  // namespace pistream
