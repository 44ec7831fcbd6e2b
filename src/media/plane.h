// The planes of a picture in memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace pistream {

// One plane, read-only. Rows are `stride` bytes apart, stride >= the row's width.
struct Plane {
  const uint8_t* data = nullptr;
  int stride = 0;  // bytes
};

// One writable plane. With a negative stride the picture is upside down, and `data` is the first
// byte of the last row in memory.
struct MutablePlane {
  uint8_t* data = nullptr;
  int stride = 0;  // bytes

  uint8_t* Row(int y) const { return data + static_cast<std::ptrdiff_t>(y) * stride; }
};

// The planes of a layout (I420: Y, U, V; NV12: two; YUYV: one); the others are empty.
using Planes = std::array<Plane, 3>;
using MutablePlanes = std::array<MutablePlane, 3>;

}  // namespace pistream
