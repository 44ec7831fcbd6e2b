// Vector types and what compilers offer for them everywhere. Pure functions.
#pragma once

#include <stdint.h>

namespace pistream::mpeg1 {

// 16 bytes of numbers. clang has +, -, *, & and shifts of them for every machine; what else the
// kernels need is in a struct of static functions (PortableSimd, WasmSimd), which is their template
// argument:
//
// - I32x4 Dot(I16x8 a, I16x8 b): a[0] * b[0] + a[1] * b[1], a[2] * b[2] + a[3] * b[3], and so on.
// - I16x8 MultiplyHigh(I16x8 a, I16x8 b): (a * b + 0x4000) >> 15; not for -32768 times itself.
// - I16x8 NarrowToI16(I32x4 low, I32x4 high): saturated.
// - U8x16 NarrowToU8(I16x8 low, I16x8 high): saturated.
// - U8x16 Average(U8x16 a, U8x16 b): (a + b + 1) >> 1.
using U8x16 = uint8_t __attribute__((vector_size(16)));
using I16x8 = int16_t __attribute__((vector_size(16)));
using I32x4 = int32_t __attribute__((vector_size(16)));
using U32x4 = uint32_t __attribute__((vector_size(16)));
using U64x2 = uint64_t __attribute__((vector_size(16)));

// The same 16 bytes, seen as other numbers.
template <class To, class From>
To As(From vector) {
  return __builtin_bit_cast(To, vector);
}

template <class Vector>
Vector Load(const void* from) {
  Vector vector;
  __builtin_memcpy(&vector, from, sizeof(vector));
  return vector;
}

template <class Vector>
void Store(void* to, Vector vector) {
  __builtin_memcpy(to, &vector, sizeof(vector));
}

// Eight bytes, in the lower half.
inline U8x16 LoadHalf(const void* from) {
  uint64_t half;
  __builtin_memcpy(&half, from, sizeof(half));
  return As<U8x16>(U64x2{half, 0});
}

template <class Vector>
void StoreLowHalf(void* to, Vector vector) {
  const uint64_t half = As<U64x2>(vector)[0];
  __builtin_memcpy(to, &half, sizeof(half));
}

template <class Vector>
void StoreHighHalf(void* to, Vector vector) {
  const uint64_t half = As<U64x2>(vector)[1];
  __builtin_memcpy(to, &half, sizeof(half));
}

inline I16x8 SplatI16(int value) {
  const auto lane = static_cast<int16_t>(value);
  return I16x8{lane, lane, lane, lane, lane, lane, lane, lane};
}

inline I32x4 SplatI32(int32_t value) { return I32x4{value, value, value, value}; }

// Lanes of `a` and `b` in turns: from their lower halves, from their upper ones.
inline I16x8 ZipLow(I16x8 a, I16x8 b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
inline I16x8 ZipHigh(I16x8 a, I16x8 b) {
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
inline U8x16 ZipLow(U8x16 a, U8x16 b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
inline U8x16 ZipHigh(U8x16 a, U8x16 b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15,
                                 31);
}

// Bytes as 16-bit numbers: the lower eight, the upper eight.
inline I16x8 WidenLow(U8x16 bytes) {
  return __builtin_convertvector(__builtin_shufflevector(bytes, bytes, 0, 1, 2, 3, 4, 5, 6, 7),
                                 I16x8);
}
inline I16x8 WidenHigh(U8x16 bytes) {
  return __builtin_convertvector(
      __builtin_shufflevector(bytes, bytes, 8, 9, 10, 11, 12, 13, 14, 15), I16x8);
}

}  // namespace pistream::mpeg1
