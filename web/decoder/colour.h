#pragma once

#include <stdint.h>

#include "web/decoder/simd.h"

namespace pistream::mpeg1 {

// Y'CbCr to R'G'B' by ITU-R BT.601 from the limited range: what MPEG-1 implies, having no way to
// say otherwise. 16 samples a step, each chroma sample for the two beside each other that it
// belongs to.
//
// All in 16 bits, 6 of them behind the point: so the result is the nearest value, or, where the
// exact one lies within 0.03 of the middle between two, perhaps the other.
template <class Simd>
class ColourConversion {
 public:
  static constexpr int kStep = 16;

  // Reads 16 of Y, 8 of each chroma; writes 64 bytes.
  static void Convert(U8x16 y, U8x16 cb, U8x16 cr, uint8_t* rgba) {
    const Chroma chroma = ScaleChroma(cb, cr);
    const Half low =
        ConvertHalf(WidenLow(y), ZipLow(chroma.red, chroma.red), ZipLow(chroma.green, chroma.green),
                    ZipLow(chroma.blue, chroma.blue));
    const Half high =
        ConvertHalf(WidenHigh(y), ZipHigh(chroma.red, chroma.red),
                    ZipHigh(chroma.green, chroma.green), ZipHigh(chroma.blue, chroma.blue));
    const U8x16 red = Simd::NarrowToU8(low.red, high.red);
    const U8x16 green = Simd::NarrowToU8(low.green, high.green);
    const U8x16 blue = Simd::NarrowToU8(low.blue, high.blue);
    StorePixels(red, green, blue, rgba);
  }

 private:
  struct Chroma {
    I16x8 red, green, blue;
  };
  using Half = Chroma;

  static constexpr int kFraction = 6;

  // To multiply by, after a shift left by `shift`: `factor` as MultiplyHigh takes it, rounded.
  static I16x8 Factor(double factor, int shift) {
    const double scaled = factor * (1 << kFraction) * 32768 / (1 << shift);
    return SplatI16(static_cast<int>(scaled + (scaled < 0 ? -0.5 : 0.5)));
  }

  static Chroma ScaleChroma(U8x16 cb, U8x16 cr) {
    // 255 / 224 of: 2 (1 - Kr), 2 (1 - Kb), and these times Kr / Kg, Kb / Kg; Kr = 0.299, Kb =
    // 0.114.
    const I16x8 blue = (WidenLow(cb) - int16_t{128}) << 8;
    const I16x8 red = (WidenLow(cr) - int16_t{128}) << 8;
    return {.red = Simd::MultiplyHigh(red, Factor(1.402 * 255 / 224, 8)),
            .green = Simd::MultiplyHigh(red, Factor(-0.714136286 * 255 / 224, 8)) +
                     Simd::MultiplyHigh(blue, Factor(-0.344136286 * 255 / 224, 8)),
            .blue = Simd::MultiplyHigh(blue, Factor(1.772 * 255 / 224, 8))};
  }

  static Half ConvertHalf(I16x8 y, I16x8 red, I16x8 green, I16x8 blue) {
    const I16x8 luma = Simd::MultiplyHigh((y - int16_t{16}) << 7, Factor(255.0 / 219, 7)) +
                       int16_t{1 << (kFraction - 1)};
    // Saturated: the brightest blue there can be is past 16 bits.
    return {.red = __builtin_elementwise_add_sat(luma, red) >> kFraction,
            .green = __builtin_elementwise_add_sat(luma, green) >> kFraction,
            .blue = __builtin_elementwise_add_sat(luma, blue) >> kFraction};
  }

  static void StorePixels(U8x16 red, U8x16 green, U8x16 blue, uint8_t* rgba) {
    const U8x16 opaque = U8x16{} + uint8_t{255};
    const U8x16 red_green[2] = {ZipLow(red, green), ZipHigh(red, green)};
    const U8x16 blue_alpha[2] = {ZipLow(blue, opaque), ZipHigh(blue, opaque)};
    for (int i = 0; i < 2; ++i, rgba += 32) {
      Store(rgba, ZipLow(As<I16x8>(red_green[i]), As<I16x8>(blue_alpha[i])));
      Store(rgba + 16, ZipHigh(As<I16x8>(red_green[i]), As<I16x8>(blue_alpha[i])));
    }
  }
};

}  // namespace pistream::mpeg1
