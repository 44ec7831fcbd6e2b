#include "tests/unit/web_decoder/test_pattern.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace pistream::test {
namespace {

std::vector<uint8_t> MakePlane(int width, int height, int shift, double scale,
                               std::minstd_rand& random) {
  std::vector<uint8_t> plane;
  plane.reserve(static_cast<size_t>(width) * static_cast<size_t>(height));
  const int drift = shift / 2;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double wave = std::sin((x + shift) / scale) * std::cos((y - drift) / scale);
      const int checker = (((x + shift) >> 5) + (y >> 5)) % 3 * 20;
      const int noise = static_cast<int>(random() % 9);
      const int value = 110 + static_cast<int>(80 * wave) + checker + noise;
      plane.push_back(static_cast<uint8_t>(std::clamp(value, 0, 255)));
    }
  }
  return plane;
}

}  // namespace

SamplePlanes MakePattern(int width, int height, int number, int speed) {
  std::minstd_rand random(static_cast<unsigned>(number) + 1);
  const int shift = number * speed;
  const int c_width = (width + 1) / 2;
  const int c_height = (height + 1) / 2;
  return {.width = width,
          .height = height,
          .y = MakePlane(width, height, shift, 11, random),
          .cb = MakePlane(c_width, c_height, shift / 2, 23, random),
          .cr = MakePlane(c_width, c_height, shift / 2, 31, random)};
}

}  // namespace pistream::test
