// The parts of the MPEG-1 syntax that pistream writes itself (ISO/IEC 11172-2).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/media/video_format.h"

namespace pistream {

// The number of macroblocks in a picture, incomplete ones included.
int MacroblockCount(Size size);

// Replaces `picture` by a P picture that repeats the one before it: one slice (2.4.2.7) of
// macroblocks with zero motion and no coefficients, nearly all of them skipped. 15 to 1,894 bytes.
void WriteRepeatPicture(Size size, std::vector<uint8_t>& picture);

// Sets temporal_reference (2.4.3.4) of the picture in `picture`, which may begin with other
// headers. Precondition: `temporal_reference` is below 1024.
void SetTemporalReference(std::span<uint8_t> picture, int temporal_reference);

}  // namespace pistream
