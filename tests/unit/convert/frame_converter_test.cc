#include "src/convert/frame_converter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "src/media/frame.h"
#include "tests/unit/media/allocation_count.h"

namespace pistream {
namespace {

constexpr Size kSize{64, 32};

// Frames of one value; counts the released ones.
class FlatPool final : public FramePool {
 public:
  FlatPool() : FramePool(1) {}

  Frame Lend(Size size, PixelLayout layout, uint8_t value, ColorSpace color_space = {}) {
    pixels_.assign(static_cast<size_t>(size.width) * static_cast<size_t>(size.height) * 4, value);
    const int row = layout == PixelLayout::kBgrx ? 4 * size.width : size.width;
    const int chroma_row = layout == PixelLayout::kI420 ? row / 2 : row;
    return FramePool::Lend(
        0, {.size = size, .layout = layout, .color_space = color_space},
        {{{pixels_.data(), row}, {pixels_.data(), chroma_row}, {pixels_.data(), chroma_row}}});
  }
  // Of the frame that was lent.
  void SetLuma(const std::vector<uint8_t>& luma) { std::ranges::copy(luma, pixels_.begin()); }
  const uint8_t* pixels() const { return pixels_.data(); }
  int released() const { return released_; }
  int reads() const { return reads_; }

 private:
  void BeginRead(int /*slot*/) noexcept override { ++reads_; }
  void EndRead(int /*slot*/) noexcept override { --reads_; }
  void Release(int /*slot*/) noexcept override { ++released_; }

  std::vector<uint8_t> pixels_;
  int released_ = 0;
  int reads_ = 0;
};

class FrameConverterTest : public testing::Test {
 protected:
  // The luma of the last pixel.
  static int LumaOf(const I420View& view, Size size) {
    const Plane& luma = view.planes()[0];
    return luma.data[(size.height - 1) * luma.stride + size.width - 1];
  }

  const std::shared_ptr<FlatPool> pool_ = std::make_shared<FlatPool>();
  FrameConverter converter_;
};

TEST_F(FrameConverterTest, I420_IsPassedThroughAndKeptWhileRead) {
  {
    const auto view = converter_.Convert(pool_->Lend(kSize, PixelLayout::kI420, 90));
    ASSERT_TRUE(view) << view.error().message;
    EXPECT_EQ(view->planes()[0].data, pool_->pixels());
    EXPECT_EQ(view->planes()[1].stride, kSize.width / 2);
    EXPECT_EQ(pool_->released(), 0);
    EXPECT_EQ(pool_->reads(), 1);
  }
  EXPECT_EQ(pool_->released(), 1);
  EXPECT_EQ(pool_->reads(), 0);
}

// Example failure is a camera that waits for its buffer while the encoder works on a copy.
TEST_F(FrameConverterTest, OtherLayout_IsConvertedAndReleasedAtOnce) {
  const auto view = converter_.Convert(pool_->Lend(kSize, PixelLayout::kNv12, 100));
  ASSERT_TRUE(view) << view.error().message;
  EXPECT_EQ(pool_->released(), 1);
  EXPECT_EQ(pool_->reads(), 0);
  EXPECT_NE(view->planes()[0].data, pool_->pixels());
  EXPECT_EQ(LumaOf(*view, kSize), 100);
}

TEST_F(FrameConverterTest, I420OfAnotherColorSpace_IsConverted) {
  const auto view =
      converter_.Convert(pool_->Lend(kSize, PixelLayout::kI420, 255, {.range = ColorRange::kFull}));
  ASSERT_TRUE(view) << view.error().message;
  EXPECT_NEAR(LumaOf(*view, kSize), 235, 3);
}

TEST_F(FrameConverterTest, SizeAndLayoutChange_EachIsConvertedAsItIs) {
  const Size larger{128, 96};
  for (int round = 0; round < 2; ++round) {
    auto view = converter_.Convert(pool_->Lend(kSize, PixelLayout::kNv12, 50));
    ASSERT_TRUE(view);
    EXPECT_EQ(LumaOf(*view, kSize), 50);
    view = converter_.Convert(pool_->Lend(larger, PixelLayout::kNv12, 60));
    ASSERT_TRUE(view);
    EXPECT_EQ(LumaOf(*view, larger), 60);
    view = converter_.Convert(pool_->Lend(larger, PixelLayout::kBgrx, 255));
    ASSERT_TRUE(view);
    EXPECT_NEAR(LumaOf(*view, larger), 235, 2);
  }
}

TEST_F(FrameConverterTest, ImpossibleSize_FailsAndReleasesTheFrame) {
  EXPECT_FALSE(converter_.Convert(pool_->Lend({0, 0}, PixelLayout::kNv12, 1)));
  EXPECT_EQ(pool_->released(), 1);
}

TEST_F(FrameConverterTest, Halvings_EachLayoutIsHalvedSoOften) {
  for (const int halvings : {1, 2}) {
    FrameConverter converter(halvings);
    const Size size{kSize.width >> halvings, kSize.height >> halvings};
    for (const auto layout : {PixelLayout::kI420, PixelLayout::kNv12, PixelLayout::kBgrx}) {
      const bool is_rgb = layout == PixelLayout::kBgrx;
      const auto view = converter.Convert(pool_->Lend(kSize, layout, is_rgb ? 255 : 100));
      ASSERT_TRUE(view) << view.error().message;
      EXPECT_NE(view->planes()[0].data, pool_->pixels());
      EXPECT_GE(view->planes()[0].stride, size.width);
      for (const Plane& plane : view->planes()) {
        EXPECT_NEAR(plane.data[0],
                    is_rgb ? (plane.data == view->planes()[0].data ? 235 : 128) : 100, 2);
      }
      EXPECT_NEAR(LumaOf(*view, size), is_rgb ? 235 : 100, 2);
    }
  }
}

// Each pixel by itself: a gradient of the frame is one of the half.
TEST_F(FrameConverterTest, HalvedI420_IsTheMeanOfItsPixels) {
  std::vector<uint8_t> luma(static_cast<size_t>(kSize.width * kSize.height));
  for (size_t i = 0; i < luma.size(); ++i) {
    luma[i] = static_cast<uint8_t>(i % static_cast<size_t>(kSize.width) * 3);
  }
  FrameConverter converter(1);
  Frame frame = pool_->Lend(kSize, PixelLayout::kI420, 128);
  pool_->SetLuma(luma);
  const auto view = converter.Convert(std::move(frame));
  ASSERT_TRUE(view) << view.error().message;
  const Plane& half = view->planes()[0];
  for (int x = 0; x < kSize.width / 2; ++x) {
    EXPECT_EQ(half.data[x], (6 * x + 6 * x + 3 + 1) / 2) << x;
  }
}

// Example failure is a camera that waits for its buffer while the encoder works on the half.
TEST_F(FrameConverterTest, Halved_FrameIsReleasedAtOnce) {
  FrameConverter converter(1);
  for (const auto layout : {PixelLayout::kI420, PixelLayout::kNv12}) {
    const int before = pool_->released();
    const auto view = converter.Convert(pool_->Lend(kSize, layout, 90));
    ASSERT_TRUE(view) << view.error().message;
    EXPECT_EQ(pool_->released(), before + 1);
    EXPECT_EQ(pool_->reads(), 0);
  }
}

TEST_F(FrameConverterTest, HalvedAndTheSizeChanges_EachIsHalvedAsItIs) {
  FrameConverter converter(2);
  const Size larger{128, 96};
  for (int round = 0; round < 2; ++round) {
    auto view = converter.Convert(pool_->Lend(kSize, PixelLayout::kI420, 50));
    ASSERT_TRUE(view);
    EXPECT_EQ(LumaOf(*view, {16, 8}), 50);
    view = converter.Convert(pool_->Lend(larger, PixelLayout::kNv12, 60));
    ASSERT_TRUE(view);
    EXPECT_EQ(LumaOf(*view, {32, 24}), 60);
  }
}

TEST_F(FrameConverterTest, HalvedFrameAfterFrame_AllocatesNothing) {
  for (const PixelLayout layout : {PixelLayout::kI420, PixelLayout::kNv12}) {
    FrameConverter converter(2);
    ASSERT_TRUE(converter.Convert(pool_->Lend(kSize, layout, 1)));
    const uint64_t before = AllocationCount();
    for (uint8_t value = 0; value < 10; ++value) {
      ASSERT_TRUE(converter.Convert(pool_->Lend(kSize, layout, value)));
    }
    EXPECT_EQ(AllocationCount(), before);
  }
}

TEST_F(FrameConverterTest, FrameAfterFrame_AllocatesNothing) {
  for (const PixelLayout layout : {PixelLayout::kI420, PixelLayout::kNv12}) {
    ASSERT_TRUE(converter_.Convert(pool_->Lend(kSize, layout, 1)));
    const uint64_t before = AllocationCount();
    for (uint8_t value = 0; value < 10; ++value) {
      ASSERT_TRUE(converter_.Convert(pool_->Lend(kSize, layout, value)));
    }
    EXPECT_EQ(AllocationCount(), before);
  }
}

}  // namespace
}  // namespace pistream
