// What lies over the simulated camera's scene: the stamp, and the clock for people.
#pragma once

#include <cstdint>

#include "sim/planes.h"
#include "src/base/clock.h"
#include "src/media/video_format.h"

namespace pistream::sim {

// The stamp's rows over the picture's whole width; empty if the picture is too small for a stamp.
Rect StampBand(Size size);

// At the bottom of the picture; empty if it does not fit below `top`.
Rect FooterBand(Size size, int top);

// The stamp, right of it the project's name where there is room; neutral chroma. Nothing if `band`
// is empty.
void PaintStampBand(const Rect& band, Size size, uint64_t sequence, SteadyTime captured,
                    const MutablePlanes& planes);

// The steady clock's hours (modulo 100), minutes, seconds and milliseconds; left of them the
// frame's number (modulo 10^7) where there is room. Nothing if `band` is empty.
void PaintFooter(const Rect& band, uint64_t sequence, SteadyTime captured,
                 const MutablePlanes& planes);

}  // namespace pistream::sim
