// Motion compensation, on vectors. Pure functions.
#pragma once

#include <stdint.h>

#include "web/decoder/prediction_source.h"
#include "web/decoder/simd.h"

namespace pistream::mpeg1 {

// 2.4.4.2: motion compensation with half samples, of a square of kSize (8 or 16) samples.
template <class Simd, int kSize>
class Prediction {
 public:
  static void Make(PredictionSource source, uint8_t* to, int stride) {
    const uint8_t* from = source.samples;
    if (source.half_x) {
      source.half_y ? BetweenFour(from, to, stride) : BetweenTwo(from, 1, to, stride);
    } else {
      source.half_y ? BetweenTwo(from, stride, to, stride) : Copy(from, to, stride);
    }
  }

 private:
  static U8x16 LoadRow(const uint8_t* from) {
    if constexpr (kSize == 16) {
      return Load<U8x16>(from);
    } else {
      return LoadHalf(from);
    }
  }

  static void StoreRow(uint8_t* to, U8x16 row) {
    if constexpr (kSize == 16) {
      Store(to, row);
    } else {
      StoreLowHalf(to, row);
    }
  }

  static void Copy(const uint8_t* from, uint8_t* to, int stride) {
    for (int y = 0; y < kSize; ++y, from += stride, to += stride) {
      StoreRow(to, LoadRow(from));
    }
  }

  // Means of samples `distance` apart.
  static void BetweenTwo(const uint8_t* from, int distance, uint8_t* to, int stride) {
    for (int y = 0; y < kSize; ++y, from += stride, to += stride) {
      StoreRow(to, Simd::Average(LoadRow(from), LoadRow(from + distance)));
    }
  }

  // (a + b + c + d + 2) / 4 in bytes: the mean of two means rounded up is too much by one just
  // where the pairs' means differ in parity and one of them was rounded.
  static void BetweenFour(const uint8_t* from, uint8_t* to, int stride) {
    const U8x16 one = U8x16{} + uint8_t{1};
    U8x16 left = LoadRow(from);
    U8x16 right = LoadRow(from + 1);
    U8x16 mean = Simd::Average(left, right);
    U8x16 rounded = left ^ right;
    for (int y = 0; y < kSize; ++y, to += stride) {
      from += stride;
      left = LoadRow(from);
      right = LoadRow(from + 1);
      const U8x16 mean_below = Simd::Average(left, right);
      const U8x16 rounded_below = left ^ right;
      const U8x16 excess = (mean ^ mean_below) & (rounded | rounded_below) & one;
      StoreRow(to, Simd::Average(mean, mean_below) - excess);
      mean = mean_below;
      rounded = rounded_below;
    }
  }
};

}  // namespace pistream::mpeg1
