// The few bits of a coded picture that pistream writes itself (ISO/IEC 11172-2).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/media/video_format.h"

namespace pistream {

// Replaces `picture` by a P picture that shows the one before it again: one slice (2.4.2.7) whose
// macroblocks move nothing and add nothing, nearly all of them skipped. 15 to 1,894 bytes.
void WriteRepeatPicture(Size size, std::vector<uint8_t>& picture);

// Sets temporal_reference (2.4.3.4) of the one picture in `picture`, modulo 1024.
void SetTemporalReference(std::span<uint8_t> picture, int temporal_reference);

}  // namespace pistream
