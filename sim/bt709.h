// Conversion of colours from BT.601 to BT.709.
#pragma once

#include "sim/planes.h"
#include "src/media/video_format.h"

namespace pistream::sim {

// Converts a picture in place from BT.601 to BT.709, both of limited range. Precondition: `size` is
// even.
void ConvertToBt709(Size size, const MutablePlanes& planes);

}  // namespace pistream::sim
