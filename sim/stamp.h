// The machine-readable stamp in every simulated frame: which frame, captured when.
//
// Bits are squares of kCell luma pixels, macroblock-aligned, black or white, so that each is coded
// almost as a constant and survives MPEG-1 at 400 kbit/s. They fill rows from the picture's top
// left, as many cells a row as fit its width (whole macroblocks only), most significant bit first:
//
//   frame    16 bits   sequence of the frame, modulo 2^16
//   time     32 bits   capture time, units of 10 us of the steady clock, modulo 2^32 (11.9 hours)
//   checksum 16 bits   CRC-16 (polynomial 0x1021, initial value 0x5049, "PI") of the 6 bytes before
//
// 64 bits: two rows at 640 pixels' width (32 cells wide at most), seven at 160x120. The same layout
// is read in browsers by e2e/lib/stamp.mjs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "src/base/clock.h"
#include "src/media/frame.h"

namespace pistream::sim {

inline constexpr int kCell = 16;  // pixels
inline constexpr int kStampBits = 64;
inline constexpr int kMaximumCellsPerRow = 32;

struct Stamp {
  uint16_t frame = 0;
  uint32_t capture_10us = 0;  // units of 10 us of the steady clock

  bool operator==(const Stamp&) const = default;
};

struct StampLayout {
  int cells_per_row = 0;
  int rows = 0;
};

// Nothing if the picture is too small for a stamp (under 64 whole macroblocks).
std::optional<StampLayout> LayoutFor(Size size);

Stamp MakeStamp(uint64_t sequence, SteadyTime captured);

// Paints luma only; the caller keeps chroma neutral there. Precondition: LayoutFor(size).
void PaintStamp(const Stamp& stamp, Size size, uint8_t* luma, int stride);

// Nothing if the checksum does not fit: not a stamp, or damaged beyond reading.
std::optional<Stamp> ReadStamp(Size size, const uint8_t* luma, int stride);

}  // namespace pistream::sim
