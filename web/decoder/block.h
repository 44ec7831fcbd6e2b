// One block of 8 x 8 coefficients, and its parser (2.4.2.8).
#pragma once

#include <stdint.h>

#include "web/decoder/bit_reader.h"
#include "web/decoder/headers.h"

namespace pistream::mpeg1 {

// The dequantised coefficients of one block. The transform consumes them and sets them to zero.
struct Block {
  // In column order: the coefficient of horizontal frequency u and vertical frequency v is at
  // u * 8 + v, so that the transform's first pass, along u, can load eight of them at once.
  alignas(16) int16_t coefficients[kCoefficients] = {};
  uint64_t nonzero = 0;  // Bit u * 8 + v: the coefficient has been set.

  void Set(int position, int value) {
    coefficients[position] = static_cast<int16_t>(value);
    nonzero |= uint64_t{1} << position;
  }
};

// The parameters of dequantisation (2.4.4.1, 2.4.4.2).
struct Quantiser {
  const uint8_t* weights = nullptr;  // In zigzag order.
  int scale = 0;                     // quantizer_scale, 1 to 31.
};

// Reads the coefficients of a block up to its end_of_block into `block`. Returns false, with the
// coefficients read so far, at an invalid code or if there are too many coefficients.
bool ReadIntraAcCoefficients(BitReader& bits, Quantiser quantiser, Block& block);
bool ReadNonIntraCoefficients(BitReader& bits, Quantiser quantiser, Block& block);

}  // namespace pistream::mpeg1
