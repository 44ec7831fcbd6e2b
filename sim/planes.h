// What the painters of sim/ paint into.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace pistream::sim {

// One 8-bit plane. Rows are `stride` bytes apart; a negative stride turns the picture upside down,
// `data` then being the first byte of the last row in memory.
struct MutablePlane {
  uint8_t* data = nullptr;
  int stride = 0;  // bytes

  uint8_t* Row(int y) const { return data + static_cast<std::ptrdiff_t>(y) * stride; }
};

// I420: Y, U, V; the last two half the size both ways. Limited range, BT.601.
using MutablePlanes = std::array<MutablePlane, 3>;

// In pixels of luma.
struct Rect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;

  int right() const { return x + width; }
  int bottom() const { return y + height; }
  bool empty() const { return width <= 0 || height <= 0; }

  bool operator==(const Rect&) const = default;
};

struct Colour {
  uint8_t y = 16;
  uint8_t u = 128;
  uint8_t v = 128;

  bool operator==(const Colour&) const = default;
};

// Precondition: `rect` is inside the picture, all its sides even.
void FillRect(const Rect& rect, Colour colour, const MutablePlanes& planes);

}  // namespace pistream::sim
