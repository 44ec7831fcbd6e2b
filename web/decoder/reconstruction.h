// From coefficients to samples, on vectors. Pure functions.
#pragma once

#include <stdint.h>

#include "web/decoder/block.h"
#include "web/decoder/idct.h"
#include "web/decoder/simd.h"

namespace pistream::mpeg1 {

// The inverse transform of a block on its way to the samples.
template <class Simd>
class Reconstruction {
 public:
  static void TransformToSamples(Block& block, uint8_t* samples, int stride) {
    if (block.nonzero == kDcOnly) {
      return FillWithDc(block, samples, stride);
    }
    I16x8 rows[8];
    InverseDct<Simd>::Transform(block, rows);
    for (int y = 0; y < 8; y += 2, samples += 2 * stride) {
      const U8x16 both = Simd::NarrowToU8(rows[y], rows[y + 1]);
      StoreLowHalf(samples, both);
      StoreHighHalf(samples + stride, both);
    }
  }

  static void TransformAndAdd(Block& block, uint8_t* samples, int stride) {
    if (block.nonzero == kDcOnly) {
      return AddDc(block, samples, stride);
    }
    I16x8 rows[8];
    InverseDct<Simd>::Transform(block, rows);
    for (int y = 0; y < 8; y += 2, samples += 2 * stride) {
      AddTwoRows(rows + y, samples, stride);
    }
  }

 private:
  static constexpr uint64_t kDcOnly = 1;

  static int TakeDc(Block& block) {
    const int value = InverseDct<Simd>::TransformDc(block.coefficients[0]);
    block.coefficients[0] = 0;
    block.nonzero = 0;
    return value;
  }

  static void FillWithDc(Block& block, uint8_t* samples, int stride) {
    const I16x8 value = SplatI16(TakeDc(block));
    const U8x16 bytes = Simd::NarrowToU8(value, value);
    for (int y = 0; y < 8; ++y, samples += stride) {
      StoreLowHalf(samples, bytes);
    }
  }

  static void AddDc(Block& block, uint8_t* samples, int stride) {
    const I16x8 value = SplatI16(TakeDc(block));
    const I16x8 rows[2] = {value, value};
    for (int y = 0; y < 8; y += 2, samples += 2 * stride) {
      AddTwoRows(rows, samples, stride);
    }
  }

  static void AddTwoRows(const I16x8* rows, uint8_t* samples, int stride) {
    const I16x8 upper = WidenLow(LoadHalf(samples)) + rows[0];
    const I16x8 lower = WidenLow(LoadHalf(samples + stride)) + rows[1];
    const U8x16 both = Simd::NarrowToU8(upper, lower);
    StoreLowHalf(samples, both);
    StoreHighHalf(samples + stride, both);
  }
};

}  // namespace pistream::mpeg1
