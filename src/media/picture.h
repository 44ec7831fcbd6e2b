// A coded picture, shared by all its users.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "src/base/clock.h"
#include "src/media/video_format.h"

namespace pistream {

enum class Codec : uint8_t { kMpeg1 };

// ISO/IEC 11172-2, picture_coding_type. pistream encodes no B pictures: they cost a frame of delay.
enum class PictureType { kIntra, kPredicted };

// Immutable once published.
struct Picture {
  // Exactly one coded picture of the MPEG-1 video elementary stream; an I picture is preceded by
  // its sequence header and GOP header.
  std::vector<uint8_t> bytes;
  Codec codec = Codec::kMpeg1;
  PictureType type = PictureType::kIntra;
  // Repeats the picture before it; only P pictures do.
  bool repeats = false;
  // The encoder removed detail to keep the bitrate. Never set together with `repeats`.
  bool is_pixelated = false;
  Size size;
  uint64_t sequence = 0;  // the frame's; a gap is a frame that was never encoded
  // The capture time of the displayed frame: for a repeat, that of the picture it repeats.
  SteadyTime captured;
  SteadyTime encoded;    // when encoding ended
  Duration duration{0};  // nominal: one frame time
};

// Freed by the thread that releases the last reference.
using PicturePtr = std::shared_ptr<const Picture>;

}  // namespace pistream
