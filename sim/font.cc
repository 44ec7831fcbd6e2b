#include "sim/font.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace pistream::sim {
namespace {

struct Glyph {
  char character;
  std::array<uint8_t, kGlyphRows> rows;  // kGlyphColumns bits each, leftmost highest
};

// clang-format off
constexpr std::array kGlyphs = {
    Glyph{.character = '.', .rows = {0b00000, 0b00000, 0b00000, 0b00000, 0b00000, 0b01100, 0b01100}},
    Glyph{.character = '0', .rows = {0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110}},
    Glyph{.character = '1', .rows = {0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110}},
    Glyph{.character = '2', .rows = {0b01110, 0b10001, 0b00001, 0b00010, 0b00100, 0b01000, 0b11111}},
    Glyph{.character = '3', .rows = {0b01110, 0b10001, 0b00001, 0b00110, 0b00001, 0b10001, 0b01110}},
    Glyph{.character = '4', .rows = {0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010}},
    Glyph{.character = '5', .rows = {0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110}},
    Glyph{.character = '6', .rows = {0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110}},
    Glyph{.character = '7', .rows = {0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000}},
    Glyph{.character = '8', .rows = {0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110}},
    Glyph{.character = '9', .rows = {0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100}},
    Glyph{.character = ':', .rows = {0b00000, 0b00100, 0b00100, 0b00000, 0b00100, 0b00100, 0b00000}},
    Glyph{.character = 'a', .rows = {0b00000, 0b00000, 0b01110, 0b00001, 0b01111, 0b10001, 0b01111}},
    Glyph{.character = 'e', .rows = {0b00000, 0b00000, 0b01110, 0b10001, 0b11111, 0b10000, 0b01110}},
    Glyph{.character = 'f', .rows = {0b00110, 0b01001, 0b01000, 0b11100, 0b01000, 0b01000, 0b01000}},
    Glyph{.character = 'i', .rows = {0b00100, 0b00000, 0b01100, 0b00100, 0b00100, 0b00100, 0b01110}},
    Glyph{.character = 'm', .rows = {0b00000, 0b00000, 0b11010, 0b10101, 0b10101, 0b10001, 0b10001}},
    Glyph{.character = 'p', .rows = {0b00000, 0b00000, 0b11110, 0b10001, 0b10001, 0b11110, 0b10000}},
    Glyph{.character = 'r', .rows = {0b00000, 0b00000, 0b10110, 0b11001, 0b10000, 0b10000, 0b10000}},
    Glyph{.character = 's', .rows = {0b00000, 0b00000, 0b01110, 0b10000, 0b01110, 0b00001, 0b11110}},
    Glyph{.character = 't', .rows = {0b01000, 0b01000, 0b11100, 0b01000, 0b01000, 0b01001, 0b00110}},
    Glyph{.character = 'x', .rows = {0b00000, 0b00000, 0b10001, 0b01010, 0b00100, 0b01010, 0b10001}},
};
// clang-format on

const Glyph* FindGlyph(char character) {
  const auto* const found = std::find_if(kGlyphs.begin(), kGlyphs.end(), [&](const Glyph& glyph) {
    return glyph.character == character;
  });
  return found == kGlyphs.end() ? nullptr : found;
}

void PaintDot(int x, int y, int scale, uint8_t ink, const MutablePlane& luma) {
  for (int row = y; row < y + scale; ++row) {
    std::memset(luma.Row(row) + x, ink, static_cast<size_t>(scale));
  }
}

void PaintGlyph(const Glyph& glyph, int x, int y, int scale, uint8_t ink,
                const MutablePlane& luma) {
  for (int row = 0; row < kGlyphRows; ++row) {
    for (int column = 0; column < kGlyphColumns; ++column) {
      if ((glyph.rows[static_cast<size_t>(row)] >> (kGlyphColumns - 1 - column) & 1) != 0) {
        PaintDot(x + column * scale, y + row * scale, scale, ink, luma);
      }
    }
  }
}

}  // namespace

int TextWidth(std::string_view text, int scale) {
  const int advance = kGlyphColumns + 1;
  return text.empty() ? 0 : (static_cast<int>(text.size()) * advance - 1) * scale;
}

void PaintText(std::string_view text, int x, int y, int scale, uint8_t ink,
               const MutablePlane& luma) {
  for (const char character : text) {
    if (const Glyph* const glyph = FindGlyph(character)) {
      PaintGlyph(*glyph, x, y, scale, ink, luma);
    }
    x += (kGlyphColumns + 1) * scale;
  }
}

}  // namespace pistream::sim
