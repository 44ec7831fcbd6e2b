#include "src/media/video_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

namespace pistream {
namespace {

using testing::HasSubstr;

class GoodSizeTest : public testing::TestWithParam<std::pair<std::string, Size>> {};

TEST_P(GoodSizeTest, Parse_GivesTheSizeAndBackAgain) {
  const auto size = ParseSize(GetParam().first);
  ASSERT_TRUE(size) << size.error().message;
  EXPECT_EQ(*size, GetParam().second);
  EXPECT_EQ(ParseSize(ToString(*size)).value(), *size);
}

INSTANTIATE_TEST_SUITE_P(All, GoodSizeTest,
                         testing::Values(std::pair{"640x480", Size{640, 480}},
                                         std::pair{"16x16", Size{16, 16}},
                                         std::pair{"8192x8192", Size{8192, 8192}},
                                         std::pair{"0640x480", Size{640, 480}}));

class BadSizeTest : public testing::TestWithParam<std::string> {};

TEST_P(BadSizeTest, Parse_FailsAndSaysHowToWriteIt) {
  const auto size = ParseSize(GetParam());
  ASSERT_FALSE(size);
  EXPECT_THAT(size.error().message, HasSubstr("'" + GetParam() + "'"));
  EXPECT_THAT(size.error().message, HasSubstr("WIDTHxHEIGHT"));
}

INSTANTIATE_TEST_SUITE_P(All, BadSizeTest,
                         testing::Values("", "x", "640", "640x", "x480", "640X480", "640*480",
                                         "640x480x3", "640x480 ", " 640x480", "640 x 480",
                                         "641x480", "640x481", "14x480", "640x14", "8194x480",
                                         "640x8194", "640x9000", "-640x480", "640x-480", "+640x480",
                                         "0x0", "0x280x480", "99999999999x480", "640.0x480",
                                         "vga"));

TEST(CheckFormat, Possible_Accepted) {
  EXPECT_TRUE(CheckFormat({{kMinimumSide, kMinimumSide}, {1, 1}}));
  EXPECT_TRUE(CheckFormat({{kMaximumSide, kMaximumSide}, {30000, 1001}}));
}

TEST(CheckFormat, Impossible_Refused) {
  constexpr Size kSize{640, 480};
  for (const VideoFormat& format :
       {VideoFormat{{0, 0}, {24, 1}}, VideoFormat{{641, 480}, {24, 1}},
        VideoFormat{{640, 479}, {24, 1}}, VideoFormat{{14, 480}, {24, 1}},
        VideoFormat{{8194, 480}, {24, 1}}, VideoFormat{{640, 8194}, {24, 1}},
        VideoFormat{kSize, {0, 1}}, VideoFormat{kSize, {24, 0}}, VideoFormat{kSize, {-24, -1}}}) {
    EXPECT_FALSE(CheckFormat(format)) << ToString(format.size);
  }
}

class GoodFrameRateTest : public testing::TestWithParam<std::pair<std::string, FrameRate>> {};

TEST_P(GoodFrameRateTest, Parse_GivesTheRateAndBackAgain) {
  const auto rate = ParseFrameRate(GetParam().first);
  ASSERT_TRUE(rate) << rate.error().message;
  EXPECT_EQ(*rate, GetParam().second);
  EXPECT_EQ(ParseFrameRate(ToString(*rate)).value(), *rate);
}

INSTANTIATE_TEST_SUITE_P(
    All, GoodFrameRateTest,
    testing::Values(std::pair{"24", FrameRate{24, 1}}, std::pair{"1", FrameRate{1, 1}},
                    std::pair{"120", FrameRate{120, 1}}, std::pair{"25.0", FrameRate{25, 1}},
                    std::pair{"12.5", FrameRate{25, 2}}, std::pair{"29.97", FrameRate{30000, 1001}},
                    std::pair{"23.976", FrameRate{24000, 1001}},
                    std::pair{"59.94", FrameRate{60000, 1001}},
                    std::pair{"30000/1001", FrameRate{30000, 1001}},
                    std::pair{"50/2", FrameRate{25, 1}}, std::pair{"240/2", FrameRate{120, 1}},
                    std::pair{"7/7", FrameRate{1, 1}}, std::pair{"0.5", FrameRate{1, 2}},
                    std::pair{"0.999", FrameRate{999, 1000}}, std::pair{"0.1", FrameRate{1, 10}},
                    std::pair{"1/10", FrameRate{1, 10}}, std::pair{"1/60", FrameRate{1, 60}},
                    std::pair{"0.0167", FrameRate{167, 10000}}));

TEST(CheckFrameRateTest, Bounds_AreInclusive) {
  EXPECT_TRUE(CheckFrameRate({1, 60}));
  EXPECT_TRUE(CheckFrameRate({120, 1}));
  EXPECT_FALSE(CheckFrameRate({1, 61}));
  EXPECT_FALSE(CheckFrameRate({121, 1}));
  EXPECT_FALSE(CheckFrameRate({}));
  EXPECT_FALSE(CheckFrameRate({-1, -1}));
}

class BadFrameRateTest : public testing::TestWithParam<std::string> {};

TEST_P(BadFrameRateTest, Parse_FailsAndSaysHowToWriteIt) {
  const auto rate = ParseFrameRate(GetParam());
  ASSERT_FALSE(rate);
  EXPECT_THAT(rate.error().message, HasSubstr("'" + GetParam() + "'"));
  EXPECT_THAT(rate.error().message, HasSubstr("30000/1001"));
}

INSTANTIATE_TEST_SUITE_P(All, BadFrameRateTest,
                         testing::Values("", "0", "0.0166", "1e-9", "-24", "121", "120.01",
                                         "1209/10", "1/61", "24000002/1000001", "24/0", "0/1", "/",
                                         "24/", "/1", "24/1/1", "-24/-1", "24 ", " 24", "+24",
                                         "24fps", "0x18", "nan", "inf", "1e400", "99999999999/1",
                                         "24,5", "fast"));

TEST(FrameRateTest, FrameTime_UsualRates_IsTheTimeBetweenFrames) {
  EXPECT_EQ((FrameRate{25, 1}.FrameTime()), std::chrono::milliseconds(40));
  EXPECT_EQ((FrameRate{30000, 1001}.FrameTime()), std::chrono::nanoseconds(33'366'666));
}

TEST(FrameRateTest, FrameTime_LargestParts_DoesNotOverflow) {
  EXPECT_EQ((FrameRate{2147483647, 2147483646}.FrameTime()), std::chrono::nanoseconds(999'999'999));
}

TEST(FrameRateTest, OneSecondOfPictures_IsRoundedAndAtLeastOne) {
  EXPECT_EQ(OneSecondOfPictures({24, 1}), 24);
  EXPECT_EQ(OneSecondOfPictures({30000, 1001}), 30);
  EXPECT_EQ(OneSecondOfPictures({1, 10}), 1);
  EXPECT_EQ(OneSecondOfPictures({2147483647, 2147483646}), 1);
}

TEST(ToStringTest, FrameRate_WholeNumber_HasNoFraction) {
  EXPECT_EQ(ToString(FrameRate{24, 1}), "24");
  EXPECT_EQ(ToString(FrameRate{30000, 1001}), "30000/1001");
}

}  // namespace
}  // namespace pistream
