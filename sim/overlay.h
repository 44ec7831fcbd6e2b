// The overlay of the simulated camera's scene: the machine-readable stamp, and a clock for people.
#pragma once

#include <cstdint>

#include "sim/planes.h"
#include "src/base/clock.h"
#include "src/media/video_format.h"

namespace pistream::sim {

// The rows of the stamp, as wide as the picture; empty if the picture is too small for a stamp.
Rect StampBand(Size size);

// The rows of the footer, at the bottom of the picture; empty if it does not fit below `top`.
Rect FooterBand(Size size, int top);

// Paints the stamp, and to its right the project's name if it fits; chroma is neutral. Does nothing
// if `band` is empty.
void PaintStampBand(const Rect& band, Size size, uint64_t sequence, SteadyTime captured,
                    const MutablePlanes& planes);

// Paints the capture time by the steady clock in hours (modulo 100), minutes, seconds and
// milliseconds, and to its left the frame number (modulo 10^7) if it fits. Does nothing if `band`
// is empty.
void PaintFooter(const Rect& band, uint64_t sequence, SteadyTime captured,
                 const MutablePlanes& planes);

}  // namespace pistream::sim
