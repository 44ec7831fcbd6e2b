// One coded picture, shared by everyone who sends it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "src/base/clock.h"
#include "src/media/video_format.h"

namespace pistream {

// ISO/IEC 11172-2, picture_coding_type. pistream makes no B pictures: they cost a frame of delay.
enum class PictureType { kIntra, kPredicted };

// Immutable once published.
struct Picture {
  // Exactly one picture of MPEG-1 video elementary stream; in front of an I picture its sequence
  // header and GOP header.
  std::vector<uint8_t> bytes;
  PictureType type = PictureType::kIntra;
  Size size;
  uint64_t sequence = 0;  // the frame's; a gap is a frame that was never encoded
  SteadyTime captured;    // the frame's
  SteadyTime encoded;     // when encoding ended
};

// Freed by whichever thread lets go last.
using PicturePtr = std::shared_ptr<const Picture>;

}  // namespace pistream
