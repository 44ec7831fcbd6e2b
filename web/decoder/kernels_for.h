#pragma once

#include <stddef.h>

#include "web/decoder/colour.h"
#include "web/decoder/idct.h"
#include "web/decoder/kernels.h"
#include "web/decoder/prediction.h"

namespace pistream::mpeg1 {

// The functions of kernels.h on the operations of one machine.
template <class Simd>
struct KernelsFor {
  static void TransformToSamples(Block& block, uint8_t* samples, int stride) {
    if (block.nonzero == kDcOnly) return FillWithDc(block, samples, stride);
    I16x8 rows[8];
    InverseDct<Simd>::Transform(block, rows);
    for (int y = 0; y < 8; y += 2, samples += 2 * stride) {
      const U8x16 both = Simd::NarrowToU8(rows[y], rows[y + 1]);
      StoreLowHalf(samples, both);
      StoreHighHalf(samples + stride, both);
    }
  }

  static void TransformAndAdd(Block& block, uint8_t* samples, int stride) {
    if (block.nonzero == kDcOnly) return AddDc(block, samples, stride);
    I16x8 rows[8];
    InverseDct<Simd>::Transform(block, rows);
    for (int y = 0; y < 8; y += 2, samples += 2 * stride) AddTwoRows(rows + y, samples, stride);
  }

  static void ConvertRowToRgba(const uint8_t* y, const uint8_t* cb, const uint8_t* cr, int width,
                               uint8_t* rgba) {
    using Colour = ColourConversion<Simd>;
    int x = 0;
    for (; x + Colour::kStep <= width; x += Colour::kStep) {
      Colour::Convert(Load<U8x16>(y + x), LoadHalf(cb + x / 2), LoadHalf(cr + x / 2), rgba + 4 * x);
    }
    if (x < width) ConvertRest(y + x, cb + x / 2, cr + x / 2, width - x, rgba + 4 * x);
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
    for (int y = 0; y < 8; ++y, samples += stride) StoreLowHalf(samples, bytes);
  }

  static void AddDc(Block& block, uint8_t* samples, int stride) {
    const I16x8 value = SplatI16(TakeDc(block));
    const I16x8 rows[2] = {value, value};
    for (int y = 0; y < 8; y += 2, samples += 2 * stride) AddTwoRows(rows, samples, stride);
  }

  static void AddTwoRows(const I16x8* rows, uint8_t* samples, int stride) {
    const I16x8 upper = WidenLow(LoadHalf(samples)) + rows[0];
    const I16x8 lower = WidenLow(LoadHalf(samples + stride)) + rows[1];
    const U8x16 both = Simd::NarrowToU8(upper, lower);
    StoreLowHalf(samples, both);
    StoreHighHalf(samples + stride, both);
  }

  // Fewer than kStep samples, by way of buffers that have a whole step.
  static void ConvertRest(const uint8_t* y, const uint8_t* cb, const uint8_t* cr, int width,
                          uint8_t* rgba) {
    using Colour = ColourConversion<Simd>;
    uint8_t input[3][Colour::kStep] = {};
    for (int x = 0; x < width; ++x) {
      input[0][x] = y[x];
      input[1][x / 2] = cb[x / 2];
      input[2][x / 2] = cr[x / 2];
    }
    uint8_t output[4 * Colour::kStep];
    Colour::Convert(Load<U8x16>(input[0]), LoadHalf(input[1]), LoadHalf(input[2]), output);
    for (int i = 0; i < 4 * width; ++i) rgba[i] = output[i];
  }
};

}  // namespace pistream::mpeg1
