#include "src/convert/frame_converter.h"

#include <gtest/gtest.h>

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
