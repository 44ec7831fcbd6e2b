#include "src/media/i420_buffer.h"

#include <cstring>

namespace pistream {
namespace {

int Aligned(int bytes) {
  constexpr int kMask = I420Buffer::kAlignment - 1;
  return (bytes + kMask) & ~kMask;
}

}  // namespace

I420Buffer::I420Buffer(Size size)
    : size_(size), strides_{Aligned(size.width), Aligned(size.width / 2), Aligned(size.width / 2)} {
  const std::array<int, 3> rows{size.height, size.height / 2, size.height / 2};
  size_t length = 0;
  for (size_t plane = 0; plane < rows.size(); ++plane) {
    offsets_[plane] = length;
    length += static_cast<size_t>(strides_[plane]) * static_cast<size_t>(rows[plane]);
  }
  bytes_.reset(static_cast<uint8_t*>(::operator new(length, std::align_val_t{kAlignment})));
  // The bytes between a row's end and the next are read by SIMD code: let them be defined.
  std::memset(bytes_.get(), 0, length);
}

MutablePlanes I420Buffer::planes() {
  MutablePlanes planes;
  for (size_t plane = 0; plane < planes.size(); ++plane) {
    planes[plane] = {.data = bytes_.get() + offsets_[plane], .stride = strides_[plane]};
  }
  return planes;
}

Planes I420Buffer::planes() const {
  Planes planes;
  for (size_t plane = 0; plane < planes.size(); ++plane) {
    planes[plane] = {.data = bytes_.get() + offsets_[plane], .stride = strides_[plane]};
  }
  return planes;
}

}  // namespace pistream
