// The vector operations of the kernels for WebAssembly with SIMD.
#pragma once

#include <wasm_simd128.h>

#include "web/decoder/simd.h"

namespace pistream::mpeg1 {

// The operations of simd.h by WebAssembly's 128-bit instructions.
struct WasmSimd {
  static I32x4 Dot(I16x8 a, I16x8 b) {
    return As<I32x4>(wasm_i32x4_dot_i16x8(As<v128_t>(a), As<v128_t>(b)));
  }
  static I16x8 MultiplyHigh(I16x8 a, I16x8 b) {
    return As<I16x8>(wasm_i16x8_q15mulr_sat(As<v128_t>(a), As<v128_t>(b)));
  }
  static I16x8 NarrowToI16(I32x4 low, I32x4 high) {
    return As<I16x8>(wasm_i16x8_narrow_i32x4(As<v128_t>(low), As<v128_t>(high)));
  }
  static U8x16 NarrowToU8(I16x8 low, I16x8 high) {
    return As<U8x16>(wasm_u8x16_narrow_i16x8(As<v128_t>(low), As<v128_t>(high)));
  }
  static U8x16 Average(U8x16 a, U8x16 b) {
    return As<U8x16>(wasm_u8x16_avgr(As<v128_t>(a), As<v128_t>(b)));
  }
};

}  // namespace pistream::mpeg1
