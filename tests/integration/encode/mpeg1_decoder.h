// What another program makes of the stream: libavformat's demuxer and libavcodec's decoder.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/media/video_format.h"

namespace pistream {

struct DecodedVideo {
  Size size;
  FrameRate framerate;                     // of the sequence header
  std::vector<std::vector<uint8_t>> luma;  // of each picture, without padding
  // Every line libav wrote at the level of a warning or above.
  std::vector<std::string> complaints;
};

// kStrict: the first damage ends it with an error. kAsPlayersDo: it goes on, with a complaint.
enum class Decoding : uint8_t { kStrict, kAsPlayersDo };

// Decodes an elementary stream.
Result<DecodedVideo> Decode(std::span<const uint8_t> stream, Decoding decoding = Decoding::kStrict);

}  // namespace pistream
