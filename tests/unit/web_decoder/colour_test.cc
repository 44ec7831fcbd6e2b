// Compares the conversion to RGBA with BT.601's equations and with libswscale.

#include <gtest/gtest.h>

extern "C" {
#include <libavutil/pixfmt.h>
#include <libswscale/swscale.h>
}

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "tests/unit/web_decoder/comparison.h"
#include "tests/unit/web_decoder/libavcodec_reference.h"
#include "tests/unit/web_decoder/test_pattern.h"
#include "web/decoder/colour.h"
#include "web/decoder/mpeg1_decoder.h"
#include "web/decoder/simd_portable.h"

namespace pistream::test {
namespace {

// ITU-R BT.601, limited range: Kr 0.299, Kb 0.114.
double Exact(int y, int cb, int cr, int channel) {
  const double luma = (y - 16) * 255.0 / 219;
  const double blue = (cb - 128) * 255.0 / 224;
  const double red = (cr - 128) * 255.0 / 224;
  const double values[] = {luma + 1.402 * red,
                           luma - 0.299 / 0.587 * 1.402 * red - 0.114 / 0.587 * 1.772 * blue,
                           luma + 1.772 * blue, 255};
  return std::clamp(values[channel], 0.0, 255.0);
}

// A row of every Y, with one Cb and one Cr.
class Row {
 public:
  Row() {
    for (size_t i = 0; i < y_.size(); ++i) y_[i] = static_cast<uint8_t>(i);
  }

  template <class Colour>
  const std::vector<uint8_t>& Convert(int cb, int cr) {
    std::ranges::fill(cb_, static_cast<uint8_t>(cb));
    std::ranges::fill(cr_, static_cast<uint8_t>(cr));
    Colour::ConvertRow(y_.data(), cb_.data(), cr_.data(), static_cast<int>(y_.size()),
                       rgba_.data());
    return rgba_;
  }

 private:
  std::vector<uint8_t> y_ = std::vector<uint8_t>(256);
  std::vector<uint8_t> cb_ = std::vector<uint8_t>(128);
  std::vector<uint8_t> cr_ = std::vector<uint8_t>(128);
  std::vector<uint8_t> rgba_ = std::vector<uint8_t>(4 * 256);
};

TEST(Colour, EveryTriple_IsTheNearestValueOrNearlySo) {
  Row row;
  double worst = 0;
  for (int cb = 0; cb < 256; ++cb) {
    for (int cr = 0; cr < 256; ++cr) {
      const auto& rgba = row.Convert<mpeg1::ScalarColour>(cb, cr);
      for (int i = 0; i < 4 * 256; ++i) {
        const double error = rgba[static_cast<size_t>(i)] - Exact(i / 4, cb, cr, i % 4);
        worst = std::max(worst, std::abs(error));
      }
    }
  }
  EXPECT_LT(worst, 0.53);  // 0.5 is the error of rounding to integers.
}

TEST(Colour, EveryTriple_IsTheSameWithVectors) {
  Row scalar;
  Row vectors;
  using VectorColour = mpeg1::VectorColour<mpeg1::PortableSimd>;
  for (int cb = 0; cb < 256; ++cb) {
    for (int cr = 0; cr < 256; ++cr) {
      ASSERT_EQ(scalar.Convert<mpeg1::ScalarColour>(cb, cr), vectors.Convert<VectorColour>(cb, cr))
          << cb << ' ' << cr;
    }
  }
}

struct SwsDeleter {
  void operator()(SwsContext* context) const { sws_freeContext(context); }
};

std::vector<uint8_t> ConvertByLibswscale(const SamplePlanes& planes) {
  const std::unique_ptr<SwsContext, SwsDeleter> context(
      sws_getContext(planes.width, planes.height, AV_PIX_FMT_YUV420P, planes.width, planes.height,
                     AV_PIX_FMT_RGBA, SWS_POINT | SWS_ACCURATE_RND, nullptr, nullptr, nullptr));
  const uint8_t* const from[] = {planes.y.data(), planes.cb.data(), planes.cr.data()};
  const int c_width = (planes.width + 1) / 2;
  const int from_stride[] = {planes.width, c_width, c_width};
  std::vector<uint8_t> rgba(4 * static_cast<size_t>(planes.width) *
                            static_cast<size_t>(planes.height));
  uint8_t* const to[] = {rgba.data()};
  const int to_stride[] = {4 * planes.width};
  sws_scale(context.get(), from, from_stride, 0, planes.height, to, to_stride);
  return rgba;
}

class ColourSize : public testing::TestWithParam<std::pair<int, int>> {};

TEST_P(ColourSize, DecodedPicture_LooksAsLibswscaleHasIt) {
  const auto [width, height] = GetParam();
  ReferenceEncoder encoder({.width = width, .height = height, .quantiser = 2});
  OurDecoder decoder;
  for (const auto& picture : encoder.Encode(MakePattern(width, height, 1, 5))) {
    ASSERT_EQ(decoder.Decode(picture).status, DecodeStatus::kPicture);
  }
  const std::vector<uint8_t> expected = ConvertByLibswscale(decoder.Shown());
  std::vector<uint8_t> rgba(expected.size());
  ConvertToRgba(*decoder.decoder().Shown(), rgba.data());
  double squares = 0;
  for (size_t i = 0; i < rgba.size(); ++i) {
    const double error = static_cast<double>(rgba[i]) - expected[i];
    squares += error * error;
  }
  const double psnr = 10 * std::log10(255.0 * 255 * static_cast<double>(rgba.size()) / squares);
  EXPECT_GE(psnr, 40) << "dB";
}

// No odd width below 16: there libswscale itself is off by several values.
INSTANTIATE_TEST_SUITE_P(Sizes, ColourSize,
                         testing::Values(std::pair{64, 48}, std::pair{97, 33}, std::pair{14, 1},
                                         std::pair{318, 22}));

}  // namespace
}  // namespace pistream::test
