#include "src/encode/mpeg1/pixelator.h"

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

void PixelatePlane(const Plane& plane, Size size, int block_size, uint8_t* output) {
  for (int top = 0; top < size.height; top += block_size) {
    const int bottom = std::min(top + block_size, size.height);
    for (int left = 0; left < size.width; left += block_size) {
      const int right = std::min(left + block_size, size.width);
      const uint8_t mean = Mean(plane, left, top, right, bottom);
      for (int y = top; y < bottom; ++y) {
        std::fill_n(output + static_cast<ptrdiff_t>(y) * size.width + left, right - left, mean);
      }
    }
  }
}

}  // namespace

int Pixelator::LargestBlockSize() const {
  return static_cast<int>(
      std::bit_ceil(static_cast<unsigned>(std::max(size_.width, size_.height))));
}

Planes Pixelator::Pixelate(const Planes& planes, int block_size) {
  if (block_size == 1) {
    return planes;
  }
  Planes pixelated;
  for (size_t index = 0; index < planes.size(); ++index) {
    const Size size =
        index == 0 ? size_ : Size{.width = size_.width / 2, .height = size_.height / 2};
    auto& memory = memory_[index];
    memory.resize(static_cast<size_t>(size.width) * static_cast<size_t>(size.height));
    PixelatePlane(planes[index], size, block_size, memory.data());
    pixelated[index] = {.data = memory.data(), .stride = size.width};
  }
  return pixelated;
}

}  // namespace pistream
