// Start codes of MPEG-1 video (2.4.2.1), and how they are found in bytes.
#pragma once

#include <stdint.h>

#include "web/decoder/byte_span.h"

namespace pistream::mpeg1 {

// ISO/IEC 11172-2, 2.4.2.1, table 2-2: the byte that follows the prefix 00 00 01.
enum StartCode : uint8_t {
  kPictureStartCode = 0x00,
  kFirstSliceStartCode = 0x01,
  kLastSliceStartCode = 0xaf,
  kUserDataStartCode = 0xb2,
  kSequenceHeaderCode = 0xb3,
  kExtensionStartCode = 0xb5,
  kSequenceEndCode = 0xb7,
  kGroupStartCode = 0xb8,
};

constexpr int kStartCodeSize = 4;

// The first whole start code (00 00 01 xx) in the bytes, or their end.
inline const uint8_t* FindStartCode(ByteSpan bytes) {
  const uint8_t* at = bytes.begin;
  while (bytes.end - at >= kStartCodeSize) {
    if (at[2] > 1) {
      at += 3;
    } else if (at[0] == 0 && at[1] == 0 && at[2] == 1) {
      return at;
    } else {
      ++at;
    }
  }
  return bytes.end;
}

}  // namespace pistream::mpeg1
