// Halves the size of planar pictures.
#pragma once

#include "src/media/plane.h"
#include "src/media/video_format.h"

namespace pistream {

// Both sides halved, rounded down to even numbers, which 4:2:0 chroma needs.
Size Half(Size size);

// Each pixel of `to` is the mean of four of `from`. `size` is that of `to`, in pixels. Written for
// the vector units of any processor: libswscale takes ten times as long (0.27 ms for 640x480).
void HalvePlane(const Plane& from, const MutablePlane& to, Size size);

// The three planes of I420. `size`: of `to`, both sides even.
void HalveI420(const Planes& from, const MutablePlanes& to, Size size);

}  // namespace pistream
