#include "src/camera/libcamera/controls.h"

#include <libcamera/control_ids.h>
#include <libcamera/controls.h>
#include <libcamera/geometry.h>

#include <cmath>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pistream {
namespace {

namespace controls = libcamera::controls;
using libcamera::ControlInfo;
using libcamera::ControlInfoMap;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

constexpr FrameTimeChoice kTime{.microseconds = 40000, .framerate = {25, 1}};

ControlInfoMap Offering(ControlInfoMap::Map offered) {
  return {std::move(offered), controls::controls};
}

TEST(StartControls, NothingOffered_NothingSet) {
  const ControlInfoMap offered = Offering({});
  EXPECT_FALSE(FrameTimeLimitsOf(offered));
  EXPECT_TRUE(StartControls(offered, kTime, {})->empty());
}

TEST(StartControls, FrameTimeOffered_Set) {
  const ControlInfoMap offered =
      Offering({{&controls::FrameDurationLimits, ControlInfo(int64_t{16667}, int64_t{200000})}});
  const auto limits = FrameTimeLimitsOf(offered);
  ASSERT_TRUE(limits);
  EXPECT_EQ(limits->shortest_us, 16667);
  EXPECT_EQ(limits->longest_us, 200000);
  const auto set = StartControls(offered, kTime, {}).value();
  const auto frame_time = set.get(controls::FrameDurationLimits);
  ASSERT_TRUE(frame_time);
  EXPECT_THAT(*frame_time, ElementsAre(40000, 40000));
}

TEST(StartControls, AutofocusCamera_FocusesContinuously) {
  const ControlInfoMap offered =
      Offering({{&controls::AfMode, ControlInfo(controls::AfModeValues)}});
  EXPECT_THAT(StartControls(offered, kTime, {})->get(controls::AfMode),
              Optional(static_cast<int32_t>(controls::AfModeContinuous)));
}

TEST(StartControls, FocusOnlyByHand_LeftAlone) {
  const libcamera::ControlValue by_hand[] = {static_cast<int32_t>(controls::AfModeManual)};
  const ControlInfoMap offered = Offering({{&controls::AfMode, ControlInfo(by_hand)}});
  EXPECT_FALSE(StartControls(offered, kTime, {})->get(controls::AfMode));
}

ControlInfoMap SeveralControls() {
  return Offering({{&controls::AeEnable, ControlInfo(false, true)},
                   {&controls::Brightness, ControlInfo(-1.0F, 1.0F)},
                   {&controls::ColourTemperature, ControlInfo(100, 8000)},
                   {&controls::ColourGains, ControlInfo(0.0F, 32.0F)},  // two numbers
                   {&controls::ScalerCrop, ControlInfo(libcamera::Rectangle(0, 0, 1, 1),
                                                       libcamera::Rectangle(0, 0, 640, 480))}});
}

TEST(StartControls, AskedFor_SetInTheirTypes) {
  const ControlInfoMap offered = SeveralControls();
  const auto set = StartControls(
      offered, kTime, {{"AeEnable", 0}, {"Brightness", -0.5}, {"ColourTemperature", 4000}});
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_THAT(set->get(controls::AeEnable), Optional(false));
  EXPECT_THAT(set->get(controls::Brightness), Optional(-0.5F));
  EXPECT_THAT(set->get(controls::ColourTemperature), Optional(4000));
  EXPECT_EQ(set->size(), 3U);
}

TEST(StartControls, AskedForButNotOfferedOrNoNumber_RefusedWithWhatThereIs) {
  const ControlInfoMap offered = SeveralControls();
  for (const std::string name : {"Contrast", "ColourGains", "ScalerCrop"}) {
    const auto set = StartControls(offered, kTime, {{name, 1}});
    ASSERT_FALSE(set);
    EXPECT_EQ(set.error().message, "the camera has no control '" + name +
                                       "' that takes a number, only: AeEnable, Brightness, "
                                       "ColourTemperature");
    EXPECT_TRUE(set.error().is_bad_usage);
  }
}

TEST(StartControls, AskedForOutOfRange_RefusedWithTheRange) {
  const ControlInfoMap offered = SeveralControls();
  for (const double number : {-1.5, 2.0, std::nan("")}) {
    const auto set = StartControls(offered, kTime, {{"Brightness", number}});
    ASSERT_FALSE(set);
    EXPECT_THAT(set.error().message, HasSubstr("'Brightness' takes -1 to 1, not "));
    EXPECT_TRUE(set.error().is_bad_usage);
  }
}

TEST(StartControls, AskedForALimitThatIsNoExactFloat_Set) {
  const ControlInfoMap offered = Offering({{&controls::Gamma, ControlInfo(0.1F, 10.0F)}});
  const auto set = StartControls(offered, kTime, {{"Gamma", 0.1}});
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_THAT(set->get(controls::Gamma), Optional(0.1F));
}

TEST(StartControls, AskedForHalfAWholeNumber_Refused) {
  const ControlInfoMap offered = SeveralControls();
  for (const std::string name : {"AeEnable", "ColourTemperature"}) {
    const double number = name == "AeEnable" ? 0.5 : 4000.5;
    const auto set = StartControls(offered, kTime, {{name, number}});
    ASSERT_FALSE(set);
    EXPECT_THAT(set.error().message, HasSubstr("takes whole numbers, not "));
    EXPECT_TRUE(set.error().is_bad_usage);
  }
}

}  // namespace
}  // namespace pistream
