// The picture a simulated camera sees.
//
//   +--------------------------------+
//   | stamp                          |   sim/stamp.h; luma only, on neutral chroma
//   | colour bars                    |   flat, of known values
//   |--------------------------------|
//   | a drifting zone plate, and     |   motion and detail for the encoder to work on
//   | textured discs bouncing on it  |
//   |--------------------------------|
//   | frame number            clock  |   for people
//   +--------------------------------+
//
// Bars, plate and discs are the scene: a flip turns them over. Stamp, clock and frame number are
// painted after it, so that they can always be read. A small picture goes without what does not
// fit: without the clock, then without the stamp.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/painter.h"
#include "sim/planes.h"
#include "src/base/clock.h"
#include "src/media/video_format.h"

namespace pistream::sim {

// 75 % bars, left to right: grey, yellow, cyan, green, magenta, red, blue, black.
inline constexpr int kBars = 8;
inline constexpr std::array<Colour, kBars> kBarColours = {{
    {180, 128, 128},
    {162, 44, 142},
    {131, 156, 44},
    {112, 72, 58},
    {84, 184, 198},
    {65, 100, 212},
    {35, 212, 114},
    {16, 128, 128},
}};

struct PatternLayout {
  Rect stamp;   // rows of the stamp, over the picture's whole width; empty if there is none
  Rect bars;    // of the scene before it is flipped; the stamp may lie over its upper part
  Rect moving;  // the rest of the scene; the footer may lie over its lower part
  Rect footer;  // frame number and clock; empty if there are none
};

PatternLayout LayoutPattern(Size size);

// Where in the picture bar `bar` (of kBarColours) shows nothing but its colour; empty if it is all
// hidden. Sides are even.
Rect VisibleBar(Size size, int bar, Flips flips);

// Everything that takes time is computed at the start; painting is copying. Immutable.
class Pattern final : public Painter {
 public:
  // The same size and seed give the same pictures, byte for byte, on every machine.
  Pattern(Size size, uint32_t seed);

  // Motion follows `captured`.
  void Paint(uint64_t sequence, SteadyTime captured, Flips flips,
             const MutablePlanes& planes) const override;

 private:
  static constexpr int kDiscs = 5;

  // One bouncing disc.
  struct Disc {
    Colour colour;
    std::vector<uint8_t> luma;  // disc_size_ rows of as many pixels
    // A round trip along each axis, and where in it the disc is at time zero.
    int64_t period_x_us = 0;
    int64_t period_y_us = 0;
    int64_t phase_x_us = 0;
    int64_t phase_y_us = 0;
  };

  void MakeBars();
  void MakePlate();
  void MakeDiscs(uint32_t seed);
  void PaintBars(const MutablePlanes& planes) const;
  void PaintPlate(int64_t time_us, const MutablePlanes& planes) const;
  void PaintDisc(const Disc& disc, int64_t time_us, const MutablePlanes& planes) const;

  Size size_;
  PatternLayout layout_;
  std::array<std::vector<uint8_t>, 3> bar_rows_;
  std::array<std::vector<uint8_t>, 2> tint_rows_;  // the plate's chroma
  // The zone plate is larger than its window by plate_drift_ each way, and drifts below it.
  int plate_drift_ = 0;  // pixels
  int plate_width_ = 0;  // pixels
  std::vector<uint8_t> plate_;
  int disc_size_ = 0;             // pixels, a multiple of 4; 0: no discs
  std::vector<int> disc_insets_;  // for each of its rows: where it begins
  std::array<Disc, kDiscs> discs_;
};

}  // namespace pistream::sim
