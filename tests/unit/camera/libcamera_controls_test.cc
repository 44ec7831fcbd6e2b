#include "src/camera/libcamera_controls.h"

#include <libcamera/control_ids.h>
#include <libcamera/controls.h>

#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pistream {
namespace {

namespace controls = libcamera::controls;
using libcamera::ControlInfo;
using libcamera::ControlInfoMap;
using testing::ElementsAre;
using testing::Optional;

constexpr FrameTimeChoice kTime{.microseconds = 40000, .framerate = {25, 1}};

ControlInfoMap Offering(ControlInfoMap::Map offered) {
  return {std::move(offered), controls::controls};
}

TEST(StartControls, NothingOffered_NothingSet) {
  const ControlInfoMap offered = Offering({});
  EXPECT_FALSE(FrameTimeLimitsOf(offered));
  EXPECT_TRUE(StartControls(offered, kTime).empty());
}

TEST(StartControls, FrameTimeOffered_Set) {
  const ControlInfoMap offered =
      Offering({{&controls::FrameDurationLimits, ControlInfo(int64_t{16667}, int64_t{200000})}});
  const auto limits = FrameTimeLimitsOf(offered);
  ASSERT_TRUE(limits);
  EXPECT_EQ(limits->shortest_us, 16667);
  EXPECT_EQ(limits->longest_us, 200000);
  const auto set = StartControls(offered, kTime);
  const auto frame_time = set.get(controls::FrameDurationLimits);
  ASSERT_TRUE(frame_time);
  EXPECT_THAT(*frame_time, ElementsAre(40000, 40000));
}

TEST(StartControls, AutofocusCamera_FocusesContinuously) {
  const ControlInfoMap offered =
      Offering({{&controls::AfMode, ControlInfo(controls::AfModeValues)}});
  EXPECT_THAT(StartControls(offered, kTime).get(controls::AfMode),
              Optional(static_cast<int32_t>(controls::AfModeContinuous)));
}

TEST(StartControls, FocusOnlyByHand_LeftAlone) {
  const libcamera::ControlValue by_hand[] = {static_cast<int32_t>(controls::AfModeManual)};
  const ControlInfoMap offered = Offering({{&controls::AfMode, ControlInfo(by_hand)}});
  EXPECT_FALSE(StartControls(offered, kTime).get(controls::AfMode));
}

}  // namespace
}  // namespace pistream
