// One block of 8 x 8 coefficients, and how it is read from the bits of a macroblock (2.4.2.8).
#pragma once

#include <stdint.h>

#include "web/decoder/bit_reader.h"
#include "web/decoder/headers.h"

namespace pistream::mpeg1 {

// The coefficients of one block, dequantised. The transform takes them from here and leaves all
// zero again.
struct Block {
  // Column after column: the coefficient of horizontal frequency u, vertical frequency v is at u *
  // 8 + v. So the transform's first pass, along u, finds eight of them side by side.
  alignas(16) int16_t coefficients[kCoefficients] = {};
  uint64_t nonzero = 0;  // Bit u * 8 + v: that coefficient has been set.

  void Set(int position, int value) {
    coefficients[position] = static_cast<int16_t>(value);
    nonzero |= uint64_t{1} << position;
  }
};

// What turns a level into a coefficient (2.4.4.1, 2.4.4.2).
struct Quantiser {
  const uint8_t* weights = nullptr;  // In the order of transmission.
  int scale = 0;                     // quantizer_scale, 1 to 31.
};

// Reads the coefficients of a block up to its end_of_block into `block`. False, with the
// coefficients so far in it, if a code does not exist or the block gets too long.
bool ReadIntraAcCoefficients(BitReader& bits, Quantiser quantiser, Block& block);
bool ReadNonIntraCoefficients(BitReader& bits, Quantiser quantiser, Block& block);

}  // namespace pistream::mpeg1
