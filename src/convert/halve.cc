#include "src/convert/halve.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pistream {
namespace {

// Two neighbours as one number, so that compilers need no shuffle to add them.
uint16_t LoadPair(const uint8_t* pixels) {
  uint16_t pair = 0;
  std::memcpy(&pair, pixels, sizeof pair);
  return pair;
}

uint16_t SumOfPair(uint16_t pair) { return static_cast<uint16_t>((pair & 0xFF) + (pair >> 8)); }

void HalveRows(const uint8_t* __restrict upper, const uint8_t* __restrict lower,
               uint8_t* __restrict to, int width) {
  for (std::ptrdiff_t x = 0; x < width; ++x) {
    const auto sum = static_cast<uint16_t>(SumOfPair(LoadPair(upper + 2 * x)) +
                                           SumOfPair(LoadPair(lower + 2 * x)) + 2);
    to[x] = static_cast<uint8_t>(sum >> 2);
  }
}

}  // namespace

Size Half(Size size) { return {.width = size.width / 4 * 2, .height = size.height / 4 * 2}; }

void HalvePlane(const Plane& from, const MutablePlane& to, Size size) {
  for (int y = 0; y < size.height; ++y) {
    const uint8_t* const upper = from.data + std::ptrdiff_t{2} * y * from.stride;
    HalveRows(upper, upper + from.stride, to.Row(y), size.width);
  }
}

void HalveI420(const Planes& from, const MutablePlanes& to, Size size) {
  const Size chroma{.width = size.width / 2, .height = size.height / 2};
  HalvePlane(from[0], to[0], size);
  HalvePlane(from[1], to[1], chroma);
  HalvePlane(from[2], to[2], chroma);
}

}  // namespace pistream
