// A bitmap font for the simulated camera's overlay: digits, ":", ".", and a few letters.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/planes.h"

namespace pistream::sim {

inline constexpr int kGlyphColumns = 5;
inline constexpr int kGlyphRows = 7;

// In pixels; each dot of the font is a square of `scale` by `scale` pixels.
int TextWidth(std::string_view text, int scale);

// Paints luma only, with the top left corner at (x, y). Characters without a glyph are left blank.
// Precondition: the text, kGlyphRows * scale high, fits the plane.
void PaintText(std::string_view text, int x, int y, int scale, uint8_t ink,
               const MutablePlane& luma);

}  // namespace pistream::sim
