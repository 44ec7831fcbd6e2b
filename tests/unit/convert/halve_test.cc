#include "src/convert/halve.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"

namespace pistream {
namespace {

constexpr uint8_t kUntouched = 0xA5;

// A plane with more memory than pixels, all of it set to one value.
class TestPlane {
 public:
  TestPlane(Size size, int stride)
      : size_(size),
        stride_(stride),
        pixels_(static_cast<size_t>(stride) * static_cast<size_t>(size.height), kUntouched) {}

  uint8_t& At(int x, int y) { return pixels_[static_cast<size_t>(y * stride_ + x)]; }
  Plane plane() const { return {.data = pixels_.data(), .stride = stride_}; }
  MutablePlane mutable_plane() { return {.data = pixels_.data(), .stride = stride_}; }

  void FillWithNoise() {
    uint32_t noise = 1;
    for (uint8_t& pixel : pixels_) {
      noise = noise * 1'664'525 + 1'013'904'223;
      pixel = static_cast<uint8_t>(noise >> 24);
    }
  }

  // What is not a pixel.
  bool IsUntouchedOutside(int width) {
    for (int y = 0; y < size_.height; ++y) {
      for (int x = width; x < stride_; ++x) {
        if (At(x, y) != kUntouched) {
          return false;
        }
      }
    }
    return true;
  }

 private:
  const Size size_;
  const int stride_;
  std::vector<uint8_t> pixels_;
};

int MeanOf(TestPlane& plane, int x, int y) {
  return (plane.At(x, y) + plane.At(x + 1, y) + plane.At(x, y + 1) + plane.At(x + 1, y + 1) + 2) /
         4;
}

int HalveOne(const std::array<uint8_t, 4>& pixels) {
  TestPlane from({.width = 2, .height = 2}, 2);
  for (size_t i = 0; i < pixels.size(); ++i) {
    from.At(static_cast<int>(i % 2), static_cast<int>(i / 2)) = pixels[i];
  }
  TestPlane to({.width = 1, .height = 1}, 1);
  HalvePlane(from.plane(), to.mutable_plane(), {.width = 1, .height = 1});
  return to.At(0, 0);
}

TEST(HalfTest, SizesOfPictures_AreHalvedToEvenNumbers) {
  EXPECT_EQ(Half({.width = 640, .height = 480}), (Size{.width = 320, .height = 240}));
  EXPECT_EQ(Half({.width = 320, .height = 240}), (Size{.width = 160, .height = 120}));
  EXPECT_EQ(Half({.width = 1920, .height = 1080}), (Size{.width = 960, .height = 540}));
  EXPECT_EQ(Half({.width = 854, .height = 486}), (Size{.width = 426, .height = 242}));
  EXPECT_EQ(Half({.width = 642, .height = 482}), (Size{.width = 320, .height = 240}));
  EXPECT_EQ(Half({.width = 2, .height = 3}), (Size{.width = 0, .height = 0}));
}

TEST(HalvePlaneTest, EachPixel_IsTheRoundedMeanOfFour) {
  EXPECT_EQ(HalveOne({0, 0, 0, 0}), 0);
  EXPECT_EQ(HalveOne({255, 255, 255, 255}), 255);
  EXPECT_EQ(HalveOne({10, 20, 30, 40}), 25);
  EXPECT_EQ(HalveOne({1, 0, 0, 0}), 0);
  EXPECT_EQ(HalveOne({1, 1, 0, 0}), 1) << "a half is rounded up";
  EXPECT_EQ(HalveOne({1, 1, 1, 0}), 1);
  EXPECT_EQ(HalveOne({255, 255, 255, 254}), 255);
  EXPECT_EQ(HalveOne({255, 0, 0, 255}), 128);
  for (size_t i = 0; i < 4; ++i) {
    std::array<uint8_t, 4> pixels{};
    pixels[i] = 200;
    EXPECT_EQ(HalveOne(pixels), 50) << "all four count the same";
  }
}

// Example failures are of vector code: the last pixels of a row that is no multiple of a register.
TEST(HalvePlaneTest, AnyWidthAndStride_IsTheMeanAndNothingElseIsWritten) {
  for (int width = 1; width <= 70; ++width) {
    const Size half{.width = width, .height = 3};
    TestPlane from({.width = 2 * width, .height = 6}, 2 * width + width % 5);
    TestPlane to(half, width + width % 3);
    from.FillWithNoise();
    HalvePlane(from.plane(), to.mutable_plane(), half);
    for (int y = 0; y < half.height; ++y) {
      for (int x = 0; x < width; ++x) {
        ASSERT_EQ(to.At(x, y), MeanOf(from, 2 * x, 2 * y)) << width << ": " << x << ", " << y;
      }
    }
    ASSERT_TRUE(to.IsUntouchedOutside(width)) << width;
  }
}

// The last column and row of what is not a multiple of four are left out.
TEST(HalveI420Test, SizeIsNoMultipleOfFour_TheRestIsLeftOut) {
  const Size size{.width = 22, .height = 10};
  const Size half = Half(size);
  ASSERT_EQ(half, (Size{.width = 10, .height = 4}));
  const Size chroma{.width = 11, .height = 5};
  const Size half_chroma{.width = 5, .height = 2};
  TestPlane y(size, 24);
  TestPlane u(chroma, 12);
  TestPlane v(chroma, 13);
  TestPlane half_y(half, 16);
  TestPlane half_u(half_chroma, 8);
  TestPlane half_v(half_chroma, 8);
  for (TestPlane* const plane : {&y, &u, &v}) {
    plane->FillWithNoise();
  }
  v.At(0, 0) ^= 0xFF;  // not the same as in u
  HalveI420({y.plane(), u.plane(), v.plane()},
            {half_y.mutable_plane(), half_u.mutable_plane(), half_v.mutable_plane()}, half);
  for (const auto& [from, to, width, height] :
       {std::tuple(&y, &half_y, 10, 4), std::tuple(&u, &half_u, 5, 2),
        std::tuple(&v, &half_v, 5, 2)}) {
    for (int row = 0; row < height; ++row) {
      for (int x = 0; x < width; ++x) {
        ASSERT_EQ(to->At(x, row), MeanOf(*from, 2 * x, 2 * row)) << x << ", " << row;
      }
    }
    EXPECT_TRUE(to->IsUntouchedOutside(width));
  }
}

}  // namespace
}  // namespace pistream
