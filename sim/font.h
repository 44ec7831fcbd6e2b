// A bitmap font for the simulated camera's clock: digits, ": .", and the letters of its few words.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/planes.h"

namespace pistream::sim {

inline constexpr int kGlyphColumns = 5;
inline constexpr int kGlyphRows = 7;

// Pixels; each dot of the font is a square of `scale` pixels.
int TextWidth(std::string_view text, int scale);

// Paints from the top left corner (x, y), luma only. Characters without a glyph leave a space.
// Precondition: the text, kGlyphRows * scale high, is inside the plane.
void PaintText(std::string_view text, int x, int y, int scale, uint8_t ink,
               const MutablePlane& luma);

}  // namespace pistream::sim
