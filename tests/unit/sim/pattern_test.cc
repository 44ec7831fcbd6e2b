#include "sim/pattern.h"

#include <cstdlib>

#include "gtest/gtest.h"
#include "sim/font.h"
#include "sim/stamp.h"
#include "tests/unit/sim/picture.h"

namespace pistream::sim {
namespace {

constexpr Flips kUnflipped{};
constexpr std::array<Flips, 4> kAllFlips = {
    {{false, false}, {true, false}, {false, true}, {true, true}}};
constexpr std::array<Size, 9> kSizes = {{{16, 16},
                                         {18, 30},
                                         {4094, 16},
                                         {16, 1100},
                                         {128, 128},
                                         {160, 120},
                                         {162, 122},
                                         {330, 250},
                                         {390, 290}}};

SteadyTime FrameTime(int frame) {
  return SteadyTime(std::chrono::hours(1) + frame * std::chrono::microseconds(41'667));
}

Picture Painted(Size size, int frame, Flips flips = kUnflipped, uint32_t seed = 1) {
  Picture picture(size);
  Pattern(size, seed)
      .Paint(static_cast<uint64_t>(frame), FrameTime(frame), flips, picture.Planes());
  return picture;
}

// How many pixels of `area` are of another colour.
int OtherColours(const Picture& picture, const Rect& area, Colour colour) {
  int others = 0;
  for (int y = area.y; y < area.bottom(); ++y) {
    for (int x = area.x; x < area.right(); ++x) {
      others += picture.ColourAt(x, y) == colour ? 0 : 1;
    }
  }
  return others;
}

TEST(Pattern, VisibleBars_HaveExactColours) {
  for (const Size size : kSizes) {
    const Pattern pattern(size, 1);
    for (const Flips flips : kAllFlips) {
      Picture picture(size);
      pattern.Paint(5, FrameTime(5), flips, picture.Planes());
      for (int bar = 0; bar < kBars; ++bar) {
        const Colour colour = kBarColours[static_cast<size_t>(bar)];
        EXPECT_EQ(OtherColours(picture, VisibleBar(size, bar, flips), colour), 0)
            << ToString(size) << " bar " << bar;
      }
    }
  }
}

TEST(Pattern, CommonSizes_ShowAllBars) {
  for (const Size size : {Size{320, 240}, Size{640, 480}, Size{1280, 720}, Size{1920, 1080}}) {
    for (const Flips flips : kAllFlips) {
      for (int bar = 0; bar < kBars; ++bar) {
        const Rect area = VisibleBar(size, bar, flips);
        EXPECT_GE(area.height, size.height / 5) << ToString(size);
        EXPECT_EQ(area.width, size.width / kBars) << ToString(size);
      }
    }
  }
}

TEST(Pattern, EverySize_PaintsAllOfThePictureAndNothingElse) {
  for (const Size size : kSizes) {
    const Pattern pattern(size, 1);
    for (const Flips flips : kAllFlips) {
      Picture on_black(size, 0);
      Picture on_white(size, 255);
      pattern.Paint(3, FrameTime(3), flips, on_black.Planes());
      pattern.Paint(3, FrameTime(3), flips, on_white.Planes());
      EXPECT_EQ(on_black.Hash(), on_white.Hash()) << ToString(size);
      for (size_t plane = 0; plane < 3; ++plane) {
        for (int y = 0; y < on_black.Height(plane); ++y) {
          for (int x = on_black.Width(plane); x < on_black.Stride(plane); ++x) {
            ASSERT_EQ(on_black.At(plane, x, y), 0) << ToString(size);
          }
        }
      }
    }
  }
}

TEST(Pattern, SameSeed_SamePicture) {
  EXPECT_TRUE(Painted({640, 480}, 10) == Painted({640, 480}, 10));
}

TEST(Pattern, OtherSeed_OtherPicture) {
  EXPECT_FALSE(Painted({640, 480}, 10, kUnflipped, 1) == Painted({640, 480}, 10, kUnflipped, 2));
}

// The same on every machine and with every compiler. Whoever changes the pattern changes this.
TEST(Pattern, KnownFrame_KnownHash) { EXPECT_EQ(Painted({320, 240}, 100).Hash(), 0x3ce180d6U); }

TEST(Pattern, Stamp_ReadableWhateverTheFlips) {
  for (const Size size : kSizes) {
    const Pattern pattern(size, 1);
    for (const Flips flips : kAllFlips) {
      Picture picture(size);
      pattern.Paint(70'000, FrameTime(70'000), flips, picture.Planes());
      const MutablePlane luma = picture.Planes()[0];
      const auto stamp = ReadStamp(size, luma.data, luma.stride);
      ASSERT_EQ(stamp.has_value(), LayoutFor(size).has_value()) << ToString(size);
      if (stamp) {
        EXPECT_EQ(*stamp, MakeStamp(70'000, FrameTime(70'000)));
      }
    }
  }
}

TEST(Pattern, StampAndFooter_HaveNeutralChroma) {
  const Size size{330, 250};
  const Picture picture = Painted(size, 4);
  const PatternLayout layout = LayoutPattern(size);
  for (const Rect& area : {layout.stamp, layout.footer}) {
    ASSERT_FALSE(area.empty());
    for (int y = area.y; y < area.bottom(); ++y) {
      for (int x = 0; x < size.width; ++x) {
        ASSERT_EQ(picture.ColourAt(x, y).u, 128);
        ASSERT_EQ(picture.ColourAt(x, y).v, 128);
      }
    }
  }
}

TEST(Pattern, Flipped_SceneIsMirroredAndFooterIsNot) {
  const Size size{640, 480};
  const PatternLayout layout = LayoutPattern(size);
  const Picture upright = Painted(size, 9);
  const Picture turned = Painted(size, 9, {.horizontal = true, .vertical = true});
  for (int y = layout.stamp.bottom(); y < size.height; ++y) {
    const int other_y = size.height - 1 - y;
    for (int x = 0; x < size.width; ++x) {
      if (y >= layout.footer.y) {
        ASSERT_EQ(turned.ColourAt(x, y), upright.ColourAt(x, y)) << x << "," << y;
      } else if (other_y >= layout.stamp.bottom() && other_y < layout.footer.y) {
        ASSERT_EQ(turned.ColourAt(x, y), upright.ColourAt(size.width - 1 - x, other_y))
            << x << "," << y;
      }
    }
  }
}

TEST(Pattern, Footer_ShowsTheTimeInLargeDigits) {
  const Size size{640, 480};
  const Rect footer = LayoutPattern(size).footer;
  Picture picture(size);
  const SteadyTime time(std::chrono::hours(12) + std::chrono::minutes(34) +
                        std::chrono::milliseconds(56'789));
  Pattern(size, 1).Paint(1, time, kUnflipped, picture.Planes());

  Picture expected(size);
  constexpr int kScale = 4;
  const int left = size.width - 16 - TextWidth("12:34:56.789", kScale);
  PaintText("12:34:56.789", left, footer.y + 10, kScale, 235, expected.Planes()[0]);
  for (int y = footer.y; y < footer.bottom(); ++y) {
    for (int x = left; x < size.width; ++x) {
      ASSERT_EQ(picture.At(0, x, y) == 235, expected.At(0, x, y) == 235) << x << "," << y;
    }
  }
}

TEST(PatternLayout, SmallPictures_GoWithoutWhatDoesNotFit) {
  EXPECT_TRUE(LayoutPattern({16, 16}).stamp.empty());
  EXPECT_TRUE(LayoutPattern({16, 16}).footer.empty());
  EXPECT_FALSE(LayoutPattern({160, 120}).stamp.empty());
  EXPECT_TRUE(LayoutPattern({160, 120}).footer.empty());
  EXPECT_FALSE(LayoutPattern({176, 144}).footer.empty());
}

TEST(Pattern, FromFrameToFrame_MostOfTheMovingPartChanges) {
  const Size size{640, 480};
  const Rect area = LayoutPattern(size).moving;
  const Picture before = Painted(size, 20);
  const Picture after = Painted(size, 21);
  int changed = 0;
  for (int y = area.y; y < area.bottom(); ++y) {
    for (int x = 0; x < size.width; ++x) {
      changed += std::abs(before.At(0, x, y) - after.At(0, x, y)) > 4 ? 1 : 0;
    }
  }
  EXPECT_GT(changed, area.width * area.height / 2);
}

}  // namespace
}  // namespace pistream::sim
