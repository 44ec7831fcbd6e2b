#include "sim/texture.h"

#include <algorithm>
#include <array>

namespace pistream::sim {
namespace {

constexpr int kTurn = 256;  // phases in a full turn

// Bhaskara's approximation of the sine over half a turn, scaled to 1000; good to 0.2 %.
constexpr int SineOfHalfTurn(int phase) {
  constexpr int kHalf = kTurn / 2;
  const int product = phase * (kHalf - phase);
  return 16'000 * product / (5 * kHalf * kHalf - 4 * product);
}

constexpr std::array<int, kTurn> kSine = [] {
  std::array<int, kTurn> table{};
  for (size_t phase = 0; phase < kTurn / 2; ++phase) {
    table[phase] = SineOfHalfTurn(static_cast<int>(phase));
    table[phase + kTurn / 2] = -table[phase];
  }
  return table;
}();

uint8_t Luma(int value) { return static_cast<uint8_t>(std::clamp(value, 16, 235)); }

// Random heights on a grid, joined by straight slopes: -amplitude..amplitude.
class Noise {
 public:
  // For 0 <= x, y < size.
  Noise(int size, int grid, int amplitude, uint32_t seed)
      : grid_(grid), columns_(static_cast<size_t>(size / grid + 2)) {
    for (uint32_t i = 0; i < columns_ * columns_; ++i) {
      const uint32_t random = Hash(seed, i, 0) % static_cast<uint32_t>(2 * amplitude + 1);
      heights_.push_back(static_cast<int>(random) - amplitude);
    }
  }

  int At(int x, int y) const {
    const int right = x % grid_;
    const int down = y % grid_;
    const auto column = static_cast<size_t>(x / grid_);
    const auto row = static_cast<size_t>(y / grid_);
    const int* const corner = heights_.data() + row * columns_ + column;
    const int above = corner[0] * (grid_ - right) + corner[1] * right;
    const int below = corner[columns_] * (grid_ - right) + corner[columns_ + 1] * right;
    return (above * (grid_ - down) + below * down) / (grid_ * grid_);
  }

 private:
  const int grid_;        // pixels
  const size_t columns_;  // and as many rows
  std::vector<int> heights_;
};

}  // namespace

uint32_t Hash(uint32_t a, uint32_t b, uint32_t c) {
  // The finaliser of MurmurHash3 after each number.
  uint32_t mixed = 0x9e3779b9;
  for (const uint32_t number : {a, b, c}) {
    mixed = (mixed ^ number) * 0x85ebca6b;
    mixed = (mixed ^ (mixed >> 13)) * 0xc2b2ae35;
    mixed ^= mixed >> 16;
  }
  return mixed;
}

std::vector<uint8_t> ZonePlate(Size size) {
  constexpr int64_t kFinestRing = 8;  // pixels
  constexpr int kMean = 92;
  constexpr int kAmplitude = 40;
  std::vector<uint8_t> plate(static_cast<size_t>(size.width) * static_cast<size_t>(size.height));
  auto pixel = plate.begin();
  for (int y = 0; y < size.height; ++y) {
    const int64_t dy = y - size.height / 2;
    for (int x = 0; x < size.width; ++x) {
      const int64_t dx = x - size.width / 2;
      // A phase of r^2 / width / ring turns passes one turn a ring at r = width / 2.
      const int64_t phase = (dx * dx + dy * dy) * kTurn / (kFinestRing * size.width);
      const int sine = kSine[static_cast<size_t>(phase % kTurn)];
      *pixel++ = Luma(kMean + kAmplitude * sine / 1000);
    }
  }
  return plate;
}

std::vector<uint8_t> Gradient(int length, uint8_t first, uint8_t last) {
  std::vector<uint8_t> values(static_cast<size_t>(length));
  for (int i = 0; i < length; ++i) {
    values[static_cast<size_t>(i)] = static_cast<uint8_t>(first + (last - first) * i / length);
  }
  return values;
}

std::vector<uint8_t> DiscTexture(int size, uint8_t luma, uint32_t seed) {
  const Noise coarse(size, std::max(4, size / 6), 36, seed);
  const Noise fine(size, std::max(2, size / 40), 28, seed + 1);
  std::vector<uint8_t> texture(static_cast<size_t>(size) * static_cast<size_t>(size));
  auto pixel = texture.begin();
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const int light = (size - x - y) * 48 / size;
      *pixel++ = Luma(luma + light + coarse.At(x, y) + fine.At(x, y));
    }
  }
  return texture;
}

std::vector<int> DiscInsets(int size) {
  std::vector<int> insets(static_cast<size_t>(size));
  for (int row = 0; row < size; ++row) {
    // Distances are doubled, so that the centre has integer coordinates.
    const int dy = 2 * row + 1 - size;
    int inset = 0;
    while ((2 * inset + 1 - size) * (2 * inset + 1 - size) + dy * dy > size * size) {
      ++inset;
    }
    insets[static_cast<size_t>(row)] = inset;
  }
  return insets;
}

}  // namespace pistream::sim
