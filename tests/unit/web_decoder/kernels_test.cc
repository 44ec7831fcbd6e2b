#include "web/decoder/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>

namespace pistream::mpeg1 {
namespace {

using Samples = std::array<double, 64>;

double Basis(int x, int frequency) {
  static const Samples kTable = [] {
    Samples table;
    for (size_t i = 0; i < 64; ++i) {
      const double scale = i < 8 ? std::sqrt(0.125) : 0.5;
      const double phase = static_cast<double>((2 * (i % 8) + 1) * (i / 8));
      table[i] = scale * std::cos(phase * std::numbers::pi / 16);
    }
    return table;
  }();
  return kTable[static_cast<size_t>(frequency * 8 + x)];
}

// Annex A, as it is written.
Samples InverseTransform(const std::array<int, 64>& coefficients) {
  Samples samples = {};
  for (int i = 0; i < 64; ++i) {
    const int f = coefficients[static_cast<size_t>(i)];
    if (f == 0) continue;
    for (int y = 0; y < 8; ++y) {
      for (int x = 0; x < 8; ++x) {
        samples[static_cast<size_t>(y * 8 + x)] += f * Basis(y, i / 8) * Basis(x, i % 8);
      }
    }
  }
  return samples;
}

std::array<int, 64> Transform(const Samples& samples) {
  std::array<int, 64> coefficients;
  for (int i = 0; i < 64; ++i) {
    double sum = 0;
    for (int y = 0; y < 8; ++y) {
      for (int x = 0; x < 8; ++x) {
        sum += samples[static_cast<size_t>(y * 8 + x)] * Basis(y, i / 8) * Basis(x, i % 8);
      }
    }
    coefficients[static_cast<size_t>(i)] =
        std::clamp(static_cast<int>(std::lround(sum)), -2048, 2047);
  }
  return coefficients;
}

Block BlockOf(const std::array<int, 64>& coefficients) {
  Block block;
  for (int i = 0; i < 64; ++i) {
    const int value = coefficients[static_cast<size_t>(i)];
    if (value != 0) block.Set(i % 8 * 8 + i / 8, value);
  }
  return block;
}

// The transform's values around a prediction of 128: those of -128 to 127 are seen.
std::array<int, 64> TransformByKernel(const std::array<int, 64>& coefficients) {
  Block block = BlockOf(coefficients);
  std::array<uint8_t, 64> samples;
  samples.fill(128);
  TransformAndAdd(block, samples.data(), 8);
  EXPECT_EQ(block.nonzero, 0u);
  EXPECT_TRUE(std::ranges::all_of(block.coefficients, [](int16_t c) { return c == 0; }));
  std::array<int, 64> values;
  std::ranges::transform(samples, values.begin(), [](uint8_t s) { return s - 128; });
  return values;
}

// The statistics of IEEE 1180-1990, for samples of -range to range.
struct Accuracy {
  int peak = 0;
  std::array<double, 64> squares = {};
  std::array<double, 64> sums = {};
};

Accuracy MeasureAccuracy(int range, int blocks) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> sample(-range, range);
  Accuracy accuracy;
  for (int n = 0; n < blocks; ++n) {
    Samples samples;
    std::ranges::generate(samples, [&] { return sample(random); });
    const auto coefficients = Transform(samples);
    const Samples exact = InverseTransform(coefficients);
    const auto ours = TransformByKernel(coefficients);
    for (size_t i = 0; i < 64; ++i) {
      const int expected = std::clamp(static_cast<int>(std::lround(exact[i])), -128, 127);
      const int error = ours[i] - expected;
      accuracy.peak = std::max(accuracy.peak, std::abs(error));
      accuracy.squares[i] += error * error / static_cast<double>(blocks);
      accuracy.sums[i] += error / static_cast<double>(blocks);
    }
  }
  return accuracy;
}

double Mean(const std::array<double, 64>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / 64;
}

class TransformAccuracy : public testing::TestWithParam<int> {};

TEST_P(TransformAccuracy, IsWithinIeee1180) {
  const Accuracy accuracy = MeasureAccuracy(GetParam(), 2000);
  EXPECT_LE(accuracy.peak, 1);
  EXPECT_LE(std::ranges::max(accuracy.squares), 0.06);
  EXPECT_LE(Mean(accuracy.squares), 0.02);
  EXPECT_LE(std::abs(Mean(accuracy.sums)), 0.0015);
}

INSTANTIATE_TEST_SUITE_P(Ranges, TransformAccuracy, testing::Values(5, 60, 100));

// Each of the transform's ways: DC alone, low frequencies, all.
TEST(Transform, SingleCoefficient_IsItsBasis) {
  for (int i = 0; i < 64; ++i) {
    for (const int value : {1, -1, 37, -500}) {
      std::array<int, 64> coefficients = {};
      coefficients[static_cast<size_t>(i)] = value;
      const Samples exact = InverseTransform(coefficients);
      const auto ours = TransformByKernel(coefficients);
      for (size_t k = 0; k < 64; ++k) {
        EXPECT_NEAR(ours[k], exact[k], 0.51) << "coefficient " << i << ", sample " << k;
      }
    }
  }
}

TEST(Transform, ToSamples_SaturatesAndKeepsToItsSquare) {
  std::array<int, 64> coefficients = {};
  for (const auto& [dc, expected] : {std::pair{2040, 255}, {-8, 0}, {1024, 128}}) {
    coefficients[0] = dc;
    Block block = BlockOf(coefficients);
    std::array<uint8_t, 16 * 8> samples;
    samples.fill(7);
    TransformToSamples(block, samples.data(), 16);
    for (size_t i = 0; i < samples.size(); ++i) {
      EXPECT_EQ(samples[i], i % 16 < 8 ? expected : 7);
    }
  }
}

TEST(Transform, AddDc_SaturatesBothWays) {
  for (int dc = -2040; dc <= 2040; dc += 8) {
    std::array<uint8_t, 64> samples;
    for (size_t i = 0; i < 64; ++i) samples[i] = static_cast<uint8_t>(i * 4);
    Block block;
    block.Set(0, dc);
    TransformAndAdd(block, samples.data(), 8);
    for (int i = 0; i < 64; ++i) {
      EXPECT_EQ(samples[static_cast<size_t>(i)], std::clamp(i * 4 + dc / 8, 0, 255));
    }
  }
}

constexpr int kStride = 40;

class PredictionTest : public testing::TestWithParam<std::tuple<bool, bool>> {};

TEST_P(PredictionTest, HalfSamples_AreRoundedMeans) {
  const auto [half_x, half_y] = GetParam();
  std::mt19937 random(3);
  std::array<uint8_t, kStride * 20> reference;
  for (int round = 0; round < 200; ++round) {
    std::ranges::generate(reference, [&] { return static_cast<uint8_t>(random() % 256); });
    std::array<uint8_t, kStride * 16> luma = {};
    std::array<uint8_t, kStride * 16> chroma = {};
    const PredictionSource source = {reference.data() + 3, half_x, half_y};
    PredictLuma(source, luma.data(), kStride);
    PredictChroma(source, chroma.data(), kStride);
    for (int y = 0; y < 16; ++y) {
      for (int x = 0; x < kStride; ++x) {
        const uint8_t* at = source.samples + y * kStride + x;
        const int right = half_x ? 1 : 0;
        const int below = half_y ? kStride : 0;
        const int mean = x < 16 ? (at[0] + at[right] + at[below] + at[right + below] + 2) / 4 : 0;
        const auto i = static_cast<size_t>(y * kStride + x);
        ASSERT_EQ(luma[i], mean);
        ASSERT_EQ(chroma[i], x < 8 && y < 8 ? mean : 0);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Halves, PredictionTest,
                         testing::Combine(testing::Bool(), testing::Bool()));

}  // namespace
}  // namespace pistream::mpeg1
