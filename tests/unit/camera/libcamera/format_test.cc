#include "src/camera/libcamera/format.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pistream {

static void PrintTo(const PlanePlace& place, std::ostream* out) {
  *out << "{offset " << place.offset << ", part " << place.part << ", stride " << place.stride
       << "}";
}

namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

auto IsAt(size_t offset, int part, int stride) {
  return AllOf(Field(&PlanePlace::offset, offset), Field(&PlanePlace::part, part),
               Field(&PlanePlace::stride, stride));
}

constexpr Size kSize{640, 480};

TEST(ChooseFormat, SeveralOffered_CheapestTaken) {
  const uint32_t all[] = {FourCc("RG24"), FourCc("YUYV"), FourCc("NV12"), FourCc("YU12")};
  EXPECT_EQ(ChooseFormat(all, all[0]), FourCc("YU12"));
  EXPECT_EQ(ChooseFormat(std::span(all).first(3), all[0]), FourCc("NV12"));
  EXPECT_EQ(ChooseFormat(std::span(all).first(2), all[0]), FourCc("YUYV"));
  EXPECT_EQ(ChooseFormat(std::span(all).first(1), all[0]), FourCc("RG24"));
}

TEST(ChooseFormat, SeveralEquallyCheap_TheOneProposed) {
  const uint32_t rgb[] = {FourCc("RG24"), FourCc("BG24")};
  EXPECT_EQ(ChooseFormat(rgb, FourCc("BG24")), FourCc("BG24"));
  EXPECT_EQ(ChooseFormat(rgb, FourCc("RG24")), FourCc("RG24"));
}

TEST(ChooseFormat, ProposedIsUnknownOrNotOffered_Ignored) {
  const uint32_t rgb[] = {FourCc("RG24"), FourCc("BG24")};
  EXPECT_EQ(ChooseFormat(rgb, FourCc("MJPG")), FourCc("RG24"));
  EXPECT_EQ(ChooseFormat(rgb, FourCc("XB24")), FourCc("RG24"));
}

TEST(ChooseFormat, OnlyRawAndMotionJpeg_Nothing) {
  const uint32_t offered[] = {FourCc("MJPG"), FourCc("RG10")};
  EXPECT_EQ(ChooseFormat(offered, offered[0]), std::nullopt);
  EXPECT_EQ(ChooseFormat({}, 0), std::nullopt);
}

TEST(LayoutOf, NamesOfRgb_AreOfTheWordNotOfTheBytes) {
  EXPECT_EQ(LayoutOf(FourCc("RG24")), PixelLayout::kBgr24);  // libcamera's RGB888
  EXPECT_EQ(LayoutOf(FourCc("BG24")), PixelLayout::kRgb24);  // libcamera's BGR888
}

TEST(PlacePlanes, APartForEachPlane_EachAtItsStart) {
  const size_t lengths[] = {640 * 480, 320 * 240, 320 * 240};
  const auto places = PlacePlanes(PixelLayout::kI420, kSize, 640, lengths);
  ASSERT_TRUE(places) << places.error().message;
  EXPECT_THAT(*places, ElementsAre(IsAt(0, 0, 640), IsAt(0, 1, 320), IsAt(0, 2, 320)));
}

TEST(PlacePlanes, OnePartAndPaddedRows_OneAfterAnother) {
  const size_t lengths[] = {768 * 480 * 3 / 2};
  const auto i420 = PlacePlanes(PixelLayout::kI420, kSize, 768, lengths);
  ASSERT_TRUE(i420) << i420.error().message;
  EXPECT_THAT(*i420, ElementsAre(IsAt(0, 0, 768), IsAt(768 * 480, 0, 384),
                                 IsAt(768 * 480 + 384 * 240, 0, 384)));
  const auto nv12 = PlacePlanes(PixelLayout::kNv12, kSize, 768, lengths);
  ASSERT_TRUE(nv12) << nv12.error().message;
  EXPECT_THAT(*nv12, ElementsAre(IsAt(0, 0, 768), IsAt(768 * 480, 0, 768)));
}

TEST(PlacePlanes, PackedFormats_OnePlane) {
  const size_t lengths[] = {640 * 480 * 4};
  for (const auto layout : {PixelLayout::kYuyv, PixelLayout::kBgr24, PixelLayout::kRgbx}) {
    const auto places = PlacePlanes(layout, kSize, 640 * 4, lengths);
    ASSERT_TRUE(places) << places.error().message;
    EXPECT_THAT(*places, ElementsAre(IsAt(0, 0, 640 * 4)));
  }
}

TEST(PlacePlanes, LastRowWithoutPadding_Fits) {
  const size_t lengths[] = {768 * 479 + 640, 768 * 239 + 640};
  EXPECT_TRUE(PlacePlanes(PixelLayout::kNv12, kSize, 768, lengths));
}

TEST(PlacePlanes, PartTooShort_Fails) {
  const size_t lengths[] = {640 * 480, 640 * 240 - 1};
  const auto places = PlacePlanes(PixelLayout::kNv12, kSize, 640, lengths);
  ASSERT_FALSE(places);
  EXPECT_THAT(places.error().message, HasSubstr("640x480"));
}

TEST(PlacePlanes, StrideShorterThanARow_Fails) {
  const size_t lengths[] = {1 << 24};
  EXPECT_FALSE(PlacePlanes(PixelLayout::kBgr24, kSize, 640, lengths));
}

TEST(PlacePlanes, WrongNumberOfParts_Fails) {
  const size_t lengths[] = {1 << 24, 1 << 24};
  EXPECT_FALSE(PlacePlanes(PixelLayout::kI420, kSize, 640, lengths));
  EXPECT_FALSE(PlacePlanes(PixelLayout::kI420, kSize, 640, {}));
}

constexpr FrameTimeLimits kThirtyToSixty{16667, 33333};

TEST(ChooseFrameTime, WithinLimits_Asked) {
  const auto choice = ChooseFrameTime({50, 1}, kThirtyToSixty);
  EXPECT_EQ(choice.microseconds, 20000);
  EXPECT_EQ(choice.framerate, (FrameRate{50, 1}));
  EXPECT_FALSE(choice.throttle);
}

TEST(ChooseFrameTime, OffByRounding_StillTheRateAsked) {
  const auto slow = ChooseFrameTime({30, 1}, FrameTimeLimits{33340, 40000});
  EXPECT_EQ(slow.microseconds, 33340);
  EXPECT_EQ(slow.framerate, (FrameRate{30, 1}));
  EXPECT_FALSE(slow.throttle);
  EXPECT_EQ(ChooseFrameTime({30, 1}, FrameTimeLimits{10000, 33330}).throttle, false);
}

TEST(ChooseFrameTime, SlowerThanTheCamera_ItsSlowestAndThrottled) {
  const auto choice = ChooseFrameTime({24, 1}, kThirtyToSixty);
  EXPECT_EQ(choice.microseconds, 33333);
  EXPECT_EQ(choice.framerate, (FrameRate{24, 1}));
  EXPECT_TRUE(choice.throttle);
}

TEST(ChooseFrameTime, FasterThanTheCamera_ItsFastestIsTold) {
  const auto choice = ChooseFrameTime({100, 1}, FrameTimeLimits{20000, 100000});
  EXPECT_EQ(choice.microseconds, 20000);
  EXPECT_EQ(choice.framerate, (FrameRate{50, 1}));
  EXPECT_FALSE(choice.throttle);
}

TEST(ChooseFrameTime, FastestOfAnOddRate_AsFraction) {
  EXPECT_EQ(ChooseFrameTime({60, 1}, FrameTimeLimits{80000, 100000}).framerate, (FrameRate{25, 2}));
  EXPECT_EQ(ChooseFrameTime({120, 1}, FrameTimeLimits{16666, 100000}).framerate,
            (FrameRate{60, 1}));
}

TEST(ChooseFrameTime, NoLimitsOrSenselessOnes_Throttled) {
  for (const std::optional<FrameTimeLimits> limits :
       {std::optional<FrameTimeLimits>(), std::optional(FrameTimeLimits{0, 0}),
        std::optional(FrameTimeLimits{40000, 20000})}) {
    const auto choice = ChooseFrameTime({24, 1}, limits);
    EXPECT_TRUE(choice.throttle);
    EXPECT_EQ(choice.framerate, (FrameRate{24, 1}));
  }
}

}  // namespace
}  // namespace pistream
