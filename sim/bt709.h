// The same colours by another matrix.
#pragma once

#include "sim/planes.h"
#include "src/media/video_format.h"

namespace pistream::sim {

// Rewrites a picture of BT.601 samples, limited range, as one of BT.709 samples, limited range, in
// place. `size` is even.
void ConvertToBt709(Size size, const MutablePlanes& planes);

}  // namespace pistream::sim
