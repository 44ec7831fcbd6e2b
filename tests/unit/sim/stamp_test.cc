#include "sim/stamp.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/unit/sim/picture.h"

namespace pistream::sim {
namespace {

constexpr Stamp kStamp{0x1234, 0x89abcdef};

std::optional<Stamp> Read(Picture& picture) {
  const MutablePlane luma = picture.Planes()[0];
  return ReadStamp(picture.size(), luma.data, luma.stride);
}

void Paint(const Stamp& stamp, Picture& picture) {
  const MutablePlane luma = picture.Planes()[0];
  PaintStamp(stamp, picture.size(), luma.data, luma.stride);
}

TEST(Stamp, EverySizeWithRoom_IsReadBack) {
  int sizes = 0;
  for (int width = 16; width <= 720; width += 22) {
    for (int height = 16; height <= 1100; height += 54) {
      if (!LayoutFor({width, height})) {
        continue;
      }
      Picture picture({width, height});
      Paint(kStamp, picture);
      ASSERT_EQ(Read(picture), kStamp) << width << "x" << height;
      ++sizes;
    }
  }
  EXPECT_GT(sizes, 500);
}

TEST(Stamp, ExtremeValues_AreReadBack) {
  for (const Stamp& stamp : {Stamp{0, 0}, Stamp{0xffff, 0xffffffff}, Stamp{0x8000, 1}}) {
    Picture picture({640, 480});
    Paint(stamp, picture);
    EXPECT_EQ(Read(picture), stamp);
  }
}

TEST(StampLayout, FewerThan64Macroblocks_None) {
  EXPECT_FALSE(LayoutFor({16, 16}));
  EXPECT_FALSE(LayoutFor({160, 110}));  // 10 x 6
  EXPECT_FALSE(LayoutFor({126, 144}));  // 7 x 9
  EXPECT_FALSE(LayoutFor({4094, 16}));  // one row of 32
  EXPECT_TRUE(LayoutFor({128, 128}));   // 8 x 8
  EXPECT_TRUE(LayoutFor({16, 1024}));   // 1 x 64
}

TEST(StampLayout, KnownSizes_KnownRows) {
  EXPECT_EQ(LayoutFor({640, 480})->cells_per_row, 32);
  EXPECT_EQ(LayoutFor({640, 480})->rows, 2);
  EXPECT_EQ(LayoutFor({160, 120})->cells_per_row, 10);
  EXPECT_EQ(LayoutFor({160, 120})->rows, 7);
}

// Other readers (e2e/lib/stamp.mjs) rely on these very bits.
TEST(Stamp, KnownValues_KnownCells) {
  Picture picture({1024, 32});
  Paint(kStamp, picture);
  std::string bits;
  for (int bit = 0; bit < kStampBits; ++bit) {
    bits += picture.At(0, bit % 32 * kCell + 8, bit / 32 * kCell + 8) == 235 ? '1' : '0';
  }
  EXPECT_EQ(bits,
            "0001001000110100"
            "10001001101010111100110111101111"
            "1101001001000111");
}

TEST(Stamp, AnyOneCellWrong_IsNotRead) {
  for (int bit = 0; bit < kStampBits; ++bit) {
    Picture picture({640, 480});
    Paint(kStamp, picture);
    const int x = bit % 32 * kCell;
    const int y = bit / 32 * kCell;
    const auto inverted = static_cast<uint8_t>(251 - picture.At(0, x, y));
    FillRect({x, y, kCell, kCell}, {.y = inverted}, picture.Planes());
    EXPECT_EQ(Read(picture), std::nullopt) << "bit " << bit;
  }
}

TEST(Stamp, PictureWithoutStamp_IsNotRead) {
  for (const uint8_t grey : {uint8_t{16}, uint8_t{128}, uint8_t{235}}) {
    Picture picture({640, 480}, grey);
    EXPECT_EQ(Read(picture), std::nullopt) << int{grey};
  }
}

TEST(MakeStamp, SequenceAndTime_Wrap) {
  const SteadyTime captured(std::chrono::microseconds(1'234'567));
  EXPECT_EQ(MakeStamp(7, captured), (Stamp{7, 123'456}));
  EXPECT_EQ(MakeStamp(65'536 + 7, captured), (Stamp{7, 123'456}));
  const auto wrap = std::chrono::microseconds(10 * (int64_t{1} << 32));
  EXPECT_EQ(MakeStamp(7, captured + wrap), (Stamp{7, 123'456}));
}

}  // namespace
}  // namespace pistream::sim
