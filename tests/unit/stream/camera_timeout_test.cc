#include "src/stream/camera_timeout.h"

#include <gtest/gtest.h>

namespace pistream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(CameraTimeoutTest, UsualRates_GetThreeSeconds) {
  EXPECT_EQ(CameraTimeout({120, 1}), seconds(3));
  EXPECT_EQ(CameraTimeout({24, 1}), seconds(3));
  EXPECT_EQ(CameraTimeout({4, 3}), seconds(3));
}

// Example failure: a camera with one frame in 5 s is reopened forever.
TEST(CameraTimeoutTest, SlowRates_GetFourFrameTimes) {
  EXPECT_EQ(CameraTimeout({1, 1}), seconds(4));
  EXPECT_EQ(CameraTimeout({1, 5}), seconds(20));
  EXPECT_EQ(CameraTimeout({1, 60}), seconds(240));
  EXPECT_EQ(CameraTimeout({2, 3}), milliseconds(6000));
}

}  // namespace
}  // namespace pistream
