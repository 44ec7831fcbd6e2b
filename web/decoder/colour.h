// Conversion of decoded samples to RGB. Pure functions, on vectors and on single samples.
#pragma once

#include <stdint.h>

#include "web/decoder/simd.h"

namespace pistream::mpeg1 {

// Y'CbCr to R'G'B' by ITU-R BT.601 from the limited range: what MPEG-1 implies, having no way to
// say otherwise. Each chroma sample is for the two pixels beside each other that it belongs to.
//
// All in 16 bits, 6 of them after the point: so the result is the nearest value, or, where the
// exact one lies within 0.03 of the middle between two, perhaps the other. With vectors and
// without, the results are the same.
namespace colour {

constexpr int kFraction = 6;
constexpr int kHalf = 1 << (kFraction - 1);

// To use all 16 bits, before they are multiplied.
constexpr int kLumaShift = 7;
constexpr int kChromaShift = 8;

// What to multiply by, as MultiplyHigh takes it, rounded.
constexpr int Factor(double factor, int shift) {
  const double scaled = factor * (1 << kFraction) * 32768 / (1 << shift);
  return static_cast<int>(scaled + (scaled < 0 ? -0.5 : 0.5));
}

// Kr is 0.299, Kb 0.114; the ranges are 219 and 224 of 255.
constexpr int kLuma = Factor(255.0 / 219, kLumaShift);
constexpr int kRedFromCr = Factor(2 * (1 - 0.299) * 255 / 224, kChromaShift);
constexpr int kBlueFromCb = Factor(2 * (1 - 0.114) * 255 / 224, kChromaShift);
constexpr int kGreenFromCr = Factor(-2 * (1 - 0.299) * 0.299 / 0.587 * 255 / 224, kChromaShift);
constexpr int kGreenFromCb = Factor(-2 * (1 - 0.114) * 0.114 / 0.587 * 255 / 224, kChromaShift);

}  // namespace colour

// 16 pixels a step.
template <class Simd>
class VectorColour {
 public:
  // As ConvertRowToRgba in kernels.h.
  static void ConvertRow(const uint8_t* y, const uint8_t* cb, const uint8_t* cr, int width,
                         uint8_t* rgba) {
    int x = 0;
    for (; x + kStep <= width; x += kStep) {
      Convert(Load<U8x16>(y + x), LoadHalf(cb + x / 2), LoadHalf(cr + x / 2), rgba + 4 * x);
    }
    if (x < width) {
      ConvertRest(y + x, cb + x / 2, cr + x / 2, width - x, rgba + 4 * x);
    }
  }

 private:
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

  // Fewer than kStep pixels, by way of buffers that have room for a whole step.
  static void ConvertRest(const uint8_t* y, const uint8_t* cb, const uint8_t* cr, int width,
                          uint8_t* rgba) {
    uint8_t input[3][kStep] = {};
    for (int x = 0; x < width; ++x) {
      input[0][x] = y[x];
      input[1][x / 2] = cb[x / 2];
      input[2][x / 2] = cr[x / 2];
    }
    uint8_t output[4 * kStep];
    Convert(Load<U8x16>(input[0]), LoadHalf(input[1]), LoadHalf(input[2]), output);
    for (int i = 0; i < 4 * width; ++i) {
      rgba[i] = output[i];
    }
  }

  struct Chroma {
    I16x8 red, green, blue;
  };
  using Half = Chroma;

  static Chroma ScaleChroma(U8x16 cb, U8x16 cr) {
    const I16x8 blue = (WidenLow(cb) - int16_t{128}) << colour::kChromaShift;
    const I16x8 red = (WidenLow(cr) - int16_t{128}) << colour::kChromaShift;
    return {.red = Simd::MultiplyHigh(red, SplatI16(colour::kRedFromCr)),
            .green = Simd::MultiplyHigh(red, SplatI16(colour::kGreenFromCr)) +
                     Simd::MultiplyHigh(blue, SplatI16(colour::kGreenFromCb)),
            .blue = Simd::MultiplyHigh(blue, SplatI16(colour::kBlueFromCb))};
  }

  static Half ConvertHalf(I16x8 y, I16x8 red, I16x8 green, I16x8 blue) {
    const I16x8 luma =
        Simd::MultiplyHigh((y - int16_t{16}) << colour::kLumaShift, SplatI16(colour::kLuma)) +
        int16_t{colour::kHalf};
    // Saturated: the brightest blue there can be is past 16 bits.
    return {.red = __builtin_elementwise_add_sat(luma, red) >> colour::kFraction,
            .green = __builtin_elementwise_add_sat(luma, green) >> colour::kFraction,
            .blue = __builtin_elementwise_add_sat(luma, blue) >> colour::kFraction};
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

// A pixel a step, for machines without vector instructions.
class ScalarColour {
 public:
  // As ConvertRowToRgba in kernels.h.
  static void ConvertRow(const uint8_t* y, const uint8_t* cb, const uint8_t* cr, int width,
                         uint8_t* rgba) {
    for (int x = 0; x < width; ++x, rgba += 4) {
      const int blue = (cb[x / 2] - 128) * (1 << colour::kChromaShift);
      const int red = (cr[x / 2] - 128) * (1 << colour::kChromaShift);
      const int luma =
          MultiplyHigh((y[x] - 16) * (1 << colour::kLumaShift), colour::kLuma) + colour::kHalf;
      rgba[0] = ToByte(luma + MultiplyHigh(red, colour::kRedFromCr));
      rgba[1] = ToByte(luma + MultiplyHigh(red, colour::kGreenFromCr) +
                       MultiplyHigh(blue, colour::kGreenFromCb));
      rgba[2] = ToByte(luma + MultiplyHigh(blue, colour::kBlueFromCb));
      rgba[3] = 255;
    }
  }

 private:
  static int MultiplyHigh(int a, int b) { return (a * b + 0x4000) >> 15; }

  static uint8_t ToByte(int value) {
    value >>= colour::kFraction;
    if (value < 0) {
      return 0;
    }
    return static_cast<uint8_t>(value > 255 ? 255 : value);
  }
};

}  // namespace pistream::mpeg1
