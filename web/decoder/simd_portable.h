// The vector operations of the kernels for any machine that clang compiles for.
#pragma once

#include "web/decoder/simd.h"

namespace pistream::mpeg1 {

// The operations of simd.h in clang's vector language: for any machine, with vector instructions or
// without.
struct PortableSimd {
  static I32x4 Dot(I16x8 a, I16x8 b) {
    using I32x8 = int32_t __attribute__((vector_size(32)));
    const I32x8 products = __builtin_convertvector(a, I32x8) * __builtin_convertvector(b, I32x8);
    return __builtin_shufflevector(products, products, 0, 2, 4, 6) +
           __builtin_shufflevector(products, products, 1, 3, 5, 7);
  }

  static I16x8 MultiplyHigh(I16x8 a, I16x8 b) {
    using I32x8 = int32_t __attribute__((vector_size(32)));
    const I32x8 products = __builtin_convertvector(a, I32x8) * __builtin_convertvector(b, I32x8);
    return __builtin_convertvector((products + 0x4000) >> 15, I16x8);
  }

  static I16x8 NarrowToI16(I32x4 low, I32x4 high) {
    using I32x8 = int32_t __attribute__((vector_size(32)));
    I32x8 both = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
    both = __builtin_elementwise_max(both, I32x8{} - 32768);
    both = __builtin_elementwise_min(both, I32x8{} + 32767);
    return __builtin_convertvector(both, I16x8);
  }

  static U8x16 NarrowToU8(I16x8 low, I16x8 high) {
    using I16x16 = int16_t __attribute__((vector_size(32)));
    I16x16 both =
        __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    both = __builtin_elementwise_max(both, I16x16{});
    both = __builtin_elementwise_min(both, I16x16{} + int16_t{255});
    return __builtin_convertvector(both, U8x16);
  }

  // Eight at a time in one 64-bit word: a | b is half their sum too much by half of what they
  // differ in.
  static U8x16 Average(U8x16 a, U8x16 b) {
    const U64x2 x = As<U64x2>(a);
    const U64x2 y = As<U64x2>(b);
    return As<U8x16>((x | y) - (((x ^ y) & 0xfefefefefefefefe) >> 1));
  }
};

}  // namespace pistream::mpeg1
