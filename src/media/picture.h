// One coded picture, shared by everyone who sends it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "src/base/clock.h"
#include "src/media/video_format.h"

namespace pistream {

enum class Codec : uint8_t { kMpeg1 };

// ISO/IEC 11172-2, picture_coding_type. pistream makes no B pictures: they cost a frame of delay.
enum class PictureType { kIntra, kPredicted };

// Immutable once published.
struct Picture {
  // Exactly one coded picture. MPEG-1: of the video elementary stream; before an I picture its
  // sequence header and GOP header.
  std::vector<uint8_t> bytes;
  Codec codec = Codec::kMpeg1;
  PictureType type = PictureType::kIntra;
  // It shows the same as the picture before it; only a P picture does.
  bool repeats = false;
  // The encoder removed detail to keep the bitrate. Never set together with `repeats`.
  bool is_pixelated = false;
  Size size;
  uint64_t sequence = 0;  // the frame's; a gap is a frame that was never encoded
  // When the frame that it shows was captured: of a picture that repeats, the time of the one
  // before.
  SteadyTime captured;
  SteadyTime encoded;    // when encoding ended
  Duration duration{0};  // nominal: one frame time
};

// Freed by whichever thread releases it last.
using PicturePtr = std::shared_ptr<const Picture>;

}  // namespace pistream
