// What pistream needs to know of MPEG-1 video's bytes (ISO/IEC 11172-2, 2.4.2): start codes and the
// first fields behind them. Nothing is decoded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "src/media/picture.h"
#include "src/media/video_format.h"

namespace pistream::wire {

// The byte after the prefix 00 00 01. 0x01 to 0xAF are slices.
enum class StartCode : uint8_t {
  kPicture = 0x00,
  kUserData = 0xB2,
  kSequenceHeader = 0xB3,
  kSequenceError = 0xB4,
  kExtension = 0xB5,
  kSequenceEnd = 0xB7,
  kGroupOfPictures = 0xB8,
};

struct FoundStartCode {
  size_t offset = 0;  // of the prefix's first byte
  uint8_t code = 0;
};

// The first start code whose four bytes lie in `bytes` at or after `from`.
std::optional<FoundStartCode> FindStartCode(std::span<const uint8_t> bytes, size_t from = 0);

// What one coded picture's bytes are, or nothing if they are not exactly one picture: optional
// sequence header and group header (both or neither), one picture header of type I or P, slices.
struct PictureSummary {
  PictureType type = PictureType::kIntra;
  std::optional<Size> size;  // of the sequence header, where there is one
  int temporal_reference = 0;
  int slices = 0;
};
std::optional<PictureSummary> SummarizePicture(std::span<const uint8_t> bytes);

}  // namespace pistream::wire
