// Helpers for painting into I420 planes (Y, U, V; the last two of half the width and height),
// limited range, BT.601.
#pragma once

#include <cstdint>

#include "src/media/plane.h"

namespace pistream::sim {

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

// Precondition: `rect` is inside the picture, with even coordinates.
void FillRect(const Rect& rect, Colour colour, const MutablePlanes& planes);

}  // namespace pistream::sim
