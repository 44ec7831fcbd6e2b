// What a WebSocket message holds besides the coded picture, for viewers that ask for it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "src/base/clock.h"
#include "src/media/picture.h"

namespace pistream::wire {

// The fixed binary header in front of each picture for viewers that speak `pistream.v1`
// (docs/protocol.md). All fields big-endian:
//   0  uint8   version, 1
//   1  uint8   type: 1 I picture, 2 P picture (picture_coding_type of ISO/IEC 11172-2)
//   2  uint16  flags: bit 0: first picture after a loss or a join; bit 1: shows the same as the
//              picture before it
//   4  uint32  reserved, 0
//   8  uint64  sequence of the frame; a gap is a frame that was not encoded
//  16  uint64  capture time of what it shows, nanoseconds of the server's steady clock
//  24  uint64  send time, likewise: when the picture was handed to the network
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
// Of a message that starts with such a header; nothing if it does not. Unknown flags and what is in
// the reserved field are ignored: a later version may use them.
std::optional<PictureHeader> ParsePictureHeader(std::span<const uint8_t> bytes);

}  // namespace pistream::wire
