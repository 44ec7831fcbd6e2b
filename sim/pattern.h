// The test picture of a simulated camera.
//
//   +--------------------------------+
//   | stamp                          |   sim/stamp.h; luma only, on neutral chroma
//   | colour bars                    |   of constant, known values
//   |--------------------------------|
//   | a drifting zone plate, and     |   motion and detail for the encoder
//   | textured discs bouncing on it  |
//   |--------------------------------|
//   | frame number            clock  |   for people
//   +--------------------------------+
//
// Bars, plate and discs are the scene, which flips mirror. Stamp, clock and frame number are
// painted over it, unflipped, so that they are always readable. A picture that is too small has no
// clock; an even smaller one has no stamp.
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
  Rect stamp;   // rows of the stamp, as wide as the picture; empty if there is none
  Rect bars;    // in the unflipped scene; the stamp may cover its upper part
  Rect moving;  // the rest of the scene; the footer may cover its lower part
  Rect footer;  // frame number and clock; empty if there is none
};

PatternLayout LayoutPattern(Size size);

// The visible part of bar `bar` (of kBarColours) in the picture; empty if it is covered. All
// coordinates are even. For tests.
Rect VisibleBar(Size size, int bar, Flips flips);

// Textures are computed by the constructor; painting only copies them. Immutable.
class Pattern final : public Painter {
 public:
  // The same size and seed produce identical pictures on every machine.
  Pattern(Size size, uint32_t seed);

  // The positions of plate and discs depend on `captured`.
  void Paint(uint64_t sequence, SteadyTime captured, Flips flips,
             const MutablePlanes& planes) const override;

 private:
  static constexpr int kDiscs = 5;

  // One bouncing disc.
  struct Disc {
    Colour colour;
    std::vector<uint8_t> luma;  // disc_size_ rows of as many pixels
    // The time of a round trip along each axis, and the phase at time zero.
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
  // The zone plate is larger than its visible part by plate_drift_ in both directions.
  int plate_drift_ = 0;  // pixels
  int plate_width_ = 0;  // pixels
  std::vector<uint8_t> plate_;
  int disc_size_ = 0;             // pixels, a multiple of 4; 0: no discs
  std::vector<int> disc_insets_;  // for each of its rows: the first pixel
  std::array<Disc, kDiscs> discs_;
};

}  // namespace pistream::sim
