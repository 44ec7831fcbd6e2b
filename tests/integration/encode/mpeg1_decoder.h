// Decodes the stream as other programs do: with libavformat's demuxer and libavcodec's decoder.
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

// kStrict: fails at the first damage. kAsPlayersDo: reports damage and continues.
enum class Decoding : uint8_t { kStrict, kAsPlayersDo };

// Decodes an elementary stream.
Result<DecodedVideo> Decode(std::span<const uint8_t> stream, Decoding decoding = Decoding::kStrict);

}  // namespace pistream
