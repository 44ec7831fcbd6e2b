#include "src/convert/pixel_converter.h"

#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "src/media/i420_buffer.h"

namespace pistream {
namespace {

constexpr Size kSize{64, 32};
// Of odd remainder, so that a converter that takes the width for it is seen.
constexpr int kPadding = 24;
constexpr size_t kArea = 64 * 32;

struct Yuv {
  int y, cb, cr;
};

// A picture of one colour in one of the layouts.
struct Sample {
  std::string name;
  PixelLayout layout;
  std::vector<std::vector<uint8_t>> pixels;  // a group of bytes for each plane, repeated along rows
  Yuv expected;
};

// Red as each layout has it: limited range BT.601 (81, 90, 240); in RGB 255, 0, 0.
constexpr Yuv kRed{81, 90, 240};

std::vector<Sample> Samples() {
  return {
      {"I420", PixelLayout::kI420, {{81}, {90}, {240}}, kRed},
      {"Yv12", PixelLayout::kYv12, {{81}, {240}, {90}}, kRed},
      {"Nv12", PixelLayout::kNv12, {{81}, {90, 240}}, kRed},
      {"Nv21", PixelLayout::kNv21, {{81}, {240, 90}}, kRed},
      {"Yuyv", PixelLayout::kYuyv, {{81, 90, 81, 240}}, kRed},
      {"Uyvy", PixelLayout::kUyvy, {{90, 81, 240, 81}}, kRed},
      {"Bgr24", PixelLayout::kBgr24, {{0, 0, 255}}, kRed},
      {"Rgb24", PixelLayout::kRgb24, {{255, 0, 0}}, kRed},
      {"Bgrx", PixelLayout::kBgrx, {{0, 0, 255, 7}}, kRed},
      {"Rgbx", PixelLayout::kRgbx, {{255, 0, 0, 7}}, kRed},
  };
}

// The planes of a picture of one colour, rows padded with bytes of another.
class Picture {
 public:
  explicit Picture(const Sample& sample) {
    for (size_t plane = 0; plane < sample.pixels.size(); ++plane) {
      const auto& group = sample.pixels[plane];
      // Every group of these tests stands for a pixel, or for two where it has chroma of its own.
      const bool packed_yuv =
          sample.layout == PixelLayout::kYuyv || sample.layout == PixelLayout::kUyvy;
      const int pixels_each = packed_yuv || plane > 0 ? 2 : 1;
      const int row = kSize.width / pixels_each * static_cast<int>(group.size());
      Fill(planes_[plane], group, row);
      strides_[plane] = row + kPadding;
    }
  }

  Planes planes() const {
    Planes planes;
    for (size_t i = 0; i < 3; ++i) {
      planes[i] = {planes_[i].empty() ? nullptr : planes_[i].data(), strides_[i]};
    }
    return planes;
  }

 private:
  static void Fill(std::vector<uint8_t>& plane, const std::vector<uint8_t>& group, int row) {
    for (int y = 0; y < kSize.height; ++y) {
      for (int x = 0; x < row + kPadding; ++x) {
        plane.push_back(x < row ? group[static_cast<size_t>(x) % group.size()] : 17);
      }
    }
  }

  std::array<std::vector<uint8_t>, 3> planes_;
  std::array<int, 3> strides_{};
};

void ExpectAll(const Plane& plane, Size size, int expected, const char* name) {
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const int value = plane.data[y * plane.stride + x];
      ASSERT_NEAR(value, expected, 2) << name << " at " << x << ", " << y;
    }
  }
}

void ExpectConverted(const Sample& sample, ColorSpace color_space) {
  auto converter = PixelConverter::Make(sample.layout, color_space, kSize);
  ASSERT_TRUE(converter) << converter.error().message;
  I420Buffer buffer(kSize);
  const Picture picture(sample);
  converter->Convert(picture.planes(), buffer.planes());
  const Planes planes = std::as_const(buffer).planes();
  const Size half{kSize.width / 2, kSize.height / 2};
  ExpectAll(planes[0], kSize, sample.expected.y, "luma");
  ExpectAll(planes[1], half, sample.expected.cb, "cb");
  ExpectAll(planes[2], half, sample.expected.cr, "cr");
}

class PixelConverterTest : public testing::TestWithParam<Sample> {};

TEST_P(PixelConverterTest, RedPictureWithPaddedRows_IsRedI420) { ExpectConverted(GetParam(), {}); }

INSTANTIATE_TEST_SUITE_P(Layouts, PixelConverterTest, testing::ValuesIn(Samples()),
                         [](const auto& sample) { return sample.param.name; });

TEST(PixelConverter, FullRangeYuv_SqueezedIntoLimitedRange) {
  ExpectConverted({"", PixelLayout::kNv12, {{255}, {128, 128}}, {235, 128, 128}},
                  {.range = ColorRange::kFull});
  ExpectConverted({"", PixelLayout::kI420, {{0}, {128}, {128}}, {16, 128, 128}},
                  {.range = ColorRange::kFull});
  ExpectConverted({"", PixelLayout::kYuyv, {{255, 128, 255, 128}}, {235, 128, 128}},
                  {.range = ColorRange::kFull});
}

TEST(PixelConverter, Bt709Yuv_BecomesBt601) {
  // Red: (63, 102, 240) of BT.709.
  ExpectConverted({"", PixelLayout::kNv12, {{63}, {102, 240}}, kRed},
                  {.matrix = ColorMatrix::kBt709});
  ExpectConverted({"", PixelLayout::kI420, {{63}, {102}, {240}}, kRed},
                  {.matrix = ColorMatrix::kBt709});
}

TEST(PixelConverter, Gradient_RowsAndColumnsStayWhereTheyWere) {
  std::vector<uint8_t> luma(kArea);
  std::vector<uint8_t> chroma(kArea / 2);
  for (size_t i = 0; i < luma.size(); ++i) {
    luma[i] = static_cast<uint8_t>(16 + (i % 64) * 2 + i / 64);
  }
  for (size_t i = 0; i < chroma.size(); ++i) {
    chroma[i] = static_cast<uint8_t>(16 + i % 64 + i / 64 * 4);
  }
  auto converter = PixelConverter::Make(PixelLayout::kNv12, {}, kSize);
  ASSERT_TRUE(converter);
  I420Buffer buffer(kSize);
  converter->Convert({{{luma.data(), 64}, {chroma.data(), 64}, {}}}, buffer.planes());
  const Planes planes = std::as_const(buffer).planes();
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 32; ++x) {
      ASSERT_EQ(planes[1].data[y * planes[1].stride + x],
                chroma[static_cast<size_t>(y * 64 + 2 * x)]);
      ASSERT_EQ(planes[2].data[y * planes[2].stride + x],
                chroma[static_cast<size_t>(y * 64 + 2 * x + 1)]);
      ASSERT_EQ(planes[0].data[y * planes[0].stride + x], luma[static_cast<size_t>(y * 64 + x)]);
    }
  }
}

TEST(PixelConverter, ImpossibleSize_Fails) {
  EXPECT_FALSE(PixelConverter::Make(PixelLayout::kNv12, {}, {0, 0}));
}

}  // namespace
}  // namespace pistream
