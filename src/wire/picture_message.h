// The header of picture messages, for viewers that use the subprotocol `pistream.v1`.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "src/base/clock.h"
#include "src/media/picture.h"

namespace pistream::wire {

// The fixed binary header before each picture (docs/protocol.md). All fields are big-endian:
//   0  uint8   version, 1
//   1  uint8   type: 1 I picture, 2 P picture (picture_coding_type of ISO/IEC 11172-2)
//   2  uint16  flags: bit 0: first picture after a loss or a join; bit 1: repeats the picture
//              before it
//   4  uint32  reserved, 0
//   8  uint64  sequence number of the frame; a gap is a frame that was not encoded
//  16  uint64  capture time of the displayed frame, nanoseconds of the server's steady clock
//  24  uint64  send time, of the same clock
inline constexpr size_t kPictureHeaderSize = 32;

struct PictureHeader {
  PictureType type = PictureType::kIntra;
  bool discontinuity = false;
  bool repeats = false;
  uint64_t sequence = 0;
  SteadyTime captured;
  SteadyTime sent;
};

std::array<uint8_t, kPictureHeaderSize> MakePictureHeader(const PictureHeader& header);

// The header at the beginning of a message; nothing if it is not one. Ignores unknown flags and the
// reserved field, which a later version may use. For clients and tests.
std::optional<PictureHeader> ParsePictureHeader(std::span<const uint8_t> bytes);

}  // namespace pistream::wire
