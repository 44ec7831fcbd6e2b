// The machine-readable stamp in every simulated frame: its sequence number and capture time.
//
// Each bit is a black or white cell of kCell by kCell luma pixels, aligned to macroblocks, so that
// it is encoded almost as a constant and survives MPEG-1 at 400 kbit/s. The cells fill rows from
// the top left, as many in a row as whole macroblocks fit, most significant bit first:
//
//   frame    16 bits   sequence of the frame, modulo 2^16
//   time     32 bits   capture time, units of 10 us of the steady clock, modulo 2^32 (11.9 hours)
//   checksum 16 bits   CRC-16 (polynomial 0x1021, initial value 0x5049, "PI") of the 6 bytes before
//
// 64 bits take two rows at a width of 640 pixels (at most 32 cells in a row), seven at 160x120. In
// browsers e2e/lib/stamp.mjs reads the same layout.
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

// Paints luma only; the caller must paint neutral chroma there. Precondition: LayoutFor(size).
void PaintStamp(const Stamp& stamp, Size size, uint8_t* luma, int stride);

// Nothing if the checksum is wrong: not a stamp, or too damaged to be read. For tests.
std::optional<Stamp> ReadStamp(Size size, const uint8_t* luma, int stride);

}  // namespace pistream::sim
