#include "src/encode/mpeg1/coarsener.h"

#include <array>
#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pistream {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

// 18x16: neither plane is a whole number of squares wide. Luma rises by one with each column.
class CoarsenerTest : public ::testing::Test {
 protected:
  CoarsenerTest() {
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
  Coarsener coarsener_{Size{.width = 18, .height = 16}};
};

TEST_F(CoarsenerTest, CoarsenessZero_GivesTheSamePlanes) {
  const auto coarse = coarsener_.Coarsen(planes_, 0);
  EXPECT_EQ(coarse[0].data, planes_[0].data);
  EXPECT_EQ(coarse[0].stride, 20);
}

TEST_F(CoarsenerTest, Squares_HaveTheirMean) {
  const auto coarse = coarsener_.Coarsen(planes_, 3);
  EXPECT_THAT(Row(coarse[0], 15, 18),
              ElementsAre(4, 4, 4, 4, 4, 4, 4, 4, 12, 12, 12, 12, 12, 12, 12, 12, 17, 17));
  EXPECT_THAT(Row(coarse[2], 7, 9), Each(77));
}

TEST_F(CoarsenerTest, Flat_IsOneColour) {
  const auto coarse = coarsener_.Coarsen(planes_, coarsener_.flat());
  for (int y = 0; y < 16; ++y) {
    EXPECT_THAT(Row(coarse[0], y, 18), Each(9)) << y;
  }
  EXPECT_EQ(coarsener_.flat(), 5);
}

}  // namespace
}  // namespace pistream
