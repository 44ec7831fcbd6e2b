#include "src/encode/mpeg1/bitrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "src/encode/mpeg1/mpeg1_encoder.h"

namespace pistream {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Optional;

VideoFormat At(int width, int height, int numerator, int denominator = 1) {
  return {.size = {.width = width, .height = height},
          .framerate = {.numerator = numerator, .denominator = denominator}};
}

int64_t Default(const VideoFormat& format) {
  return DefaultBitrate(format, OneSecondOfPictures(format.framerate));
}

TEST(DefaultBitrateTest, UsualFormats_FollowSizeAndRate) {
  EXPECT_EQ(Default(At(640, 480, 24)), 800'000);
  EXPECT_EQ(Default(At(320, 240, 24)), 200'000);
  EXPECT_EQ(Default(At(640, 480, 30)), 1'000'000);
  EXPECT_EQ(Default(At(1280, 720, 30)), 3'000'000);
  EXPECT_EQ(Default(At(1920, 1080, 24)), 5'400'000);
  EXPECT_EQ(Default(At(640, 480, 15)), 500'000);
  EXPECT_EQ(Default(At(640, 480, 30000, 1001)), 1'000'000);
}

// The size of an I picture does not depend on the frame rate.
TEST(DefaultBitrateTest, SlowRates_SufficeForAnIPicture) {
  EXPECT_EQ(Default(At(640, 480, 1)), 240'000);
  EXPECT_EQ(Default(At(640, 480, 1, 10)), 240'000);
  EXPECT_EQ(Default(At(640, 480, 1, 60)), 240'000);
}

TEST(DefaultBitrateTest, OnlyIPictures_GetASufficientBitrate) {
  EXPECT_EQ(DefaultBitrate(At(640, 480, 24), 1), 2'400'000);
}

TEST(DefaultBitrateTest, Extremes_StayWithinTheLimits) {
  EXPECT_EQ(Default(At(16, 16, 1)), kMinimumBitrate);
  EXPECT_EQ(Default(At(4094, 2800, 120)), kMaximumBitrate);
}

// Example failure: a default that the encoder rejects.
TEST(DefaultBitrateTest, EveryFormat_IsAcceptedByTheEncoder) {
  for (const Size size : {Size{16, 16}, Size{18, 16}, Size{320, 240}, Size{640, 480},
                          Size{1920, 1080}, Size{4094, 16}, Size{16, 2800}}) {
    for (const FrameRate rate :
         {FrameRate{1, 60}, FrameRate{1, 2}, FrameRate{1, 1}, FrameRate{5, 1}, FrameRate{24, 1},
          FrameRate{60000, 1001}, FrameRate{120, 1}}) {
      for (const int gop : {1, 2, 7, 24, 100'000}) {
        const VideoFormat format{size, rate};
        const auto checked = Mpeg1Encoder::Check(
            {.format = format, .bitrate_bps = DefaultBitrate(format, gop), .gop_pictures = gop});
        EXPECT_TRUE(checked) << checked.error().message;
      }
    }
  }
}

TEST(BitrateWarningTest, DefaultAndMore_AreNotWarnedAbout) {
  EXPECT_EQ(BitrateWarning(At(640, 480, 24), 24, std::nullopt), std::nullopt);
  EXPECT_EQ(BitrateWarning(At(1920, 1080, 24), 24, std::nullopt), std::nullopt);
  EXPECT_EQ(BitrateWarning(At(640, 480, 24), 24, 800'000), std::nullopt);
  EXPECT_EQ(BitrateWarning(At(640, 480, 24), 24, SufficientBitrate(At(640, 480, 24), 24)),
            std::nullopt);
}

// 22 pictures a second, 5 of them new.
TEST(BitrateWarningTest, LargeSizeAtALowBitrate_RecommendsASufficientOne) {
  EXPECT_THAT(BitrateWarning(At(1920, 1080, 24), 24, 800'000),
              Optional(AllOf(HasSubstr("800k is too low for 1920x1080 at 24 frames/s"),
                             HasSubstr("at least 3M (the default is 5.4M)"))));
}

TEST(BitrateWarningTest, DefaultAtTheLimit_IsWarnedAbout) {
  EXPECT_THAT(BitrateWarning(At(4094, 2800, 120), 120, std::nullopt),
              Optional(AllOf(HasSubstr("150M"), HasSubstr("100M: that is used"))));
  EXPECT_EQ(BitrateWarning(At(4094, 2800, 120), 120, kMaximumBitrate), std::nullopt);
}

TEST(BitrateWarningTest, NoBitrateSuffices_RecommendsASmallerSize) {
  EXPECT_THAT(BitrateWarning(At(4094, 2800, 120), 1, kMaximumBitrate),
              Optional(HasSubstr("choose a smaller size")));
}

TEST(BitrateTextTest, IsAcceptedByTheOption) {
  EXPECT_EQ(BitrateText(800'000), "800k");
  EXPECT_EQ(BitrateText(1'500'000), "1.5M");
  EXPECT_EQ(BitrateText(100'000'000), "100M");
  EXPECT_EQ(BitrateText(50'500), "50.5k");
  EXPECT_EQ(BitrateText(1'234'567), "1234567");
  EXPECT_EQ(BitrateText(999), "999");
}

}  // namespace
}  // namespace pistream
