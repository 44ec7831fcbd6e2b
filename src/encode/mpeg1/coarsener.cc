#include "src/encode/mpeg1/coarsener.h"

#include <algorithm>
#include <bit>
#include <cstddef>

namespace pistream {
namespace {

uint8_t Mean(const Plane& plane, int left, int top, int right, int bottom) {
  int64_t sum = 0;
  for (int y = top; y < bottom; ++y) {
    const uint8_t* const row = plane.data + static_cast<ptrdiff_t>(y) * plane.stride;
    for (int x = left; x < right; ++x) {
      sum += row[x];
    }
  }
  const int64_t pixels = int64_t{right - left} * (bottom - top);
  return static_cast<uint8_t>((sum + pixels / 2) / pixels);
}

void CoarsenPlane(const Plane& plane, Size size, int side, uint8_t* coarse) {
  for (int top = 0; top < size.height; top += side) {
    const int bottom = std::min(top + side, size.height);
    for (int left = 0; left < size.width; left += side) {
      const int right = std::min(left + side, size.width);
      const uint8_t mean = Mean(plane, left, top, right, bottom);
      for (int y = top; y < bottom; ++y) {
        std::fill_n(coarse + static_cast<ptrdiff_t>(y) * size.width + left, right - left, mean);
      }
    }
  }
}

}  // namespace

int Coarsener::flat() const {
  const auto longest = static_cast<unsigned>(std::max(size_.width, size_.height));
  return static_cast<int>(std::bit_width(longest - 1));
}

Planes Coarsener::Coarsen(const Planes& planes, int coarseness) {
  if (coarseness == 0) {
    return planes;
  }
  Planes coarse;
  for (size_t index = 0; index < planes.size(); ++index) {
    const Size size =
        index == 0 ? size_ : Size{.width = size_.width / 2, .height = size_.height / 2};
    auto& memory = memory_[index];
    memory.resize(static_cast<size_t>(size.width) * static_cast<size_t>(size.height));
    CoarsenPlane(planes[index], size, 1 << coarseness, memory.data());
    coarse[index] = {.data = memory.data(), .stride = size.width};
  }
  return coarse;
}

}  // namespace pistream
