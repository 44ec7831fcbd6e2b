#include "src/encode/mpeg1/pixelator.h"

#include <array>
#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pistream {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

// 18x16: neither plane is a whole number of blocks wide. Luma rises by one with each column.
class PixelatorTest : public ::testing::Test {
 protected:
  PixelatorTest() {
    for (int y = 0; y < 16; ++y) {
      for (int x = 0; x < 20; ++x) {
        luma_.push_back(static_cast<uint8_t>(x < 18 ? x : 255));
      }
    }
    planes_ = {Plane{.data = luma_.data(), .stride = 20},
               Plane{.data = chroma_.data(), .stride = 12},
               Plane{.data = chroma_.data(), .stride = 12}};
  }

  static std::vector<int> Row(const Plane& plane, int row, int width) {
    const uint8_t* const first = plane.data + row * plane.stride;
    return {first, first + width};
  }

  std::vector<uint8_t> luma_;
  std::vector<uint8_t> chroma_ = std::vector<uint8_t>(12 * 8, 77);
  std::array<Plane, 3> planes_;
  Pixelator pixelator_{Size{.width = 18, .height = 16}};
};

TEST_F(PixelatorTest, BlockSizeOne_ReturnsTheSamePlanes) {
  const auto pixelated = pixelator_.Pixelate(planes_, 1);
  EXPECT_EQ(pixelated[0].data, planes_[0].data);
  EXPECT_EQ(pixelated[0].stride, 20);
}

TEST_F(PixelatorTest, Blocks_HaveTheirMean) {
  const auto pixelated = pixelator_.Pixelate(planes_, 8);
  EXPECT_THAT(Row(pixelated[0], 15, 18),
              ElementsAre(4, 4, 4, 4, 4, 4, 4, 4, 12, 12, 12, 12, 12, 12, 12, 12, 17, 17));
  EXPECT_THAT(Row(pixelated[2], 7, 9), Each(77));
}

TEST_F(PixelatorTest, LargestBlock_CoversThePicture) {
  EXPECT_EQ(pixelator_.LargestBlockSize(), 32);
  const auto pixelated = pixelator_.Pixelate(planes_, 32);
  for (int y = 0; y < 16; ++y) {
    EXPECT_THAT(Row(pixelated[0], y, 18), Each(9)) << y;
  }
}

}  // namespace
}  // namespace pistream
