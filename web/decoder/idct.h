// The inverse transform of one block, on vectors. Pure functions.
#pragma once

#include <stdint.h>

#include "web/decoder/block.h"
#include "web/decoder/simd.h"

namespace pistream::mpeg1 {

// The inverse discrete cosine transform (annex A; accuracy: IEEE 1180), first along u, then along
// v.
//
// Each dimension is the 8-point transform split once into even and odd inputs, in 32 bits, by
// constants of 14 bits: libavcodec's "simple" transform to the bit, which the encoder of our
// streams predicts with. So errors do not add up from one P picture to the next, not even by
// rounding.
template <class Simd>
class InverseDct {
 public:
  // The 64 values of the block, row after row; the block becomes zero.
  static void Transform(Block& block, I16x8 (&rows)[8]) {
    if ((block.nonzero & ~kLowFrequencies) == 0) {
      TransformLowFrequencies(block, rows);
    } else {
      TransformAll(block, rows);
    }
    block.nonzero = 0;
  }

  // All values of a block that has only coefficient 0.
  static int TransformDc(int16_t dc) {
    return (kW4 * (dc * (1 << kDcShift)) + kColumnRounding) >> kColumnShift;
  }

 private:
  // cos(k * pi / 16) * sqrt(2) * 2^14
  static constexpr int kW1 = 22725;
  static constexpr int kW2 = 21407;
  static constexpr int kW3 = 19266;
  static constexpr int kW4 = 16383;  // 16384 less one, as libavcodec has it.
  static constexpr int kW5 = 12873;
  static constexpr int kW6 = 8867;
  static constexpr int kW7 = 4520;
  static constexpr int kRowShift = 11;
  static constexpr int kRowRounding = 1 << (kRowShift - 1);
  static constexpr int kColumnShift = 20;
  static constexpr int kColumnRounding = ((1 << (kColumnShift - 1)) / kW4) * kW4;
  static constexpr int kDcShift = 3;  // What the row transform of a lone DC comes to.

  // u and v below 4. Most blocks that have anything have no more.
  static constexpr uint64_t kLowFrequencies = 0x0f0f0f0f;

  // u above 0, v 0.
  static constexpr uint64_t kFirstRowAc = 0x0101010101010100;

  // For rows 0 to 3. A row that has only a DC comes to eight times that, and not to a little less
  // by kW4: that shows from 1024 on, where only the first row's DC gets.
  static I32x4 RowRounding(const Block& block) {
    const int lone_dc = (block.nonzero & kFirstRowAc) == 0 ? block.coefficients[0] : 0;
    return I32x4{kRowRounding + lone_dc, kRowRounding, kRowRounding, kRowRounding};
  }

  // Four 8-point transforms side by side.
  struct Quad {
    I32x4 values[8];
  };

  static I16x8 Pair(int first, int second) {
    return As<I16x8>(SplatI32((first & 0xffff) | second * 0x10000));
  }

  template <int kShift>
  static Quad Butterfly(const I32x4 (&even)[4], const I32x4 (&odd)[4]) {
    Quad out{};
    for (int i = 0; i < 4; ++i) {
      // Each fits in 32 bits; of coefficients that make no sense, the sum may not.
      const auto a = As<U32x4>(even[i]);
      const auto b = As<U32x4>(odd[i]);
      out.values[i] = As<I32x4>(a + b) >> kShift;
      out.values[7 - i] = As<I32x4>(a - b) >> kShift;
    }
    return out;
  }

  // Inputs 0 to 3, zipped to pairs; 4 to 7 are zero.
  template <int kShift>
  static Quad TransformLow(I16x8 in02, I16x8 in13, I32x4 round) {
    const I32x4 even[4] = {
        Simd::Dot(in02, Pair(kW4, kW2)) + round,
        Simd::Dot(in02, Pair(kW4, kW6)) + round,
        Simd::Dot(in02, Pair(kW4, -kW6)) + round,
        Simd::Dot(in02, Pair(kW4, -kW2)) + round,
    };
    const I32x4 odd[4] = {
        Simd::Dot(in13, Pair(kW1, kW3)),
        Simd::Dot(in13, Pair(kW3, -kW7)),
        Simd::Dot(in13, Pair(kW5, -kW1)),
        Simd::Dot(in13, Pair(kW7, -kW5)),
    };
    return Butterfly<kShift>(even, odd);
  }

  template <int kShift>
  static Quad TransformFull(I16x8 in04, I16x8 in26, I16x8 in13, I16x8 in57, I32x4 round) {
    const I32x4 sum04 = Simd::Dot(in04, Pair(kW4, kW4)) + round;
    const I32x4 difference04 = Simd::Dot(in04, Pair(kW4, -kW4)) + round;
    const I32x4 outer26 = Simd::Dot(in26, Pair(kW2, kW6));
    const I32x4 inner26 = Simd::Dot(in26, Pair(kW6, -kW2));
    const I32x4 even[4] = {sum04 + outer26, difference04 + inner26, difference04 - inner26,
                           sum04 - outer26};
    const I32x4 odd[4] = {
        Simd::Dot(in13, Pair(kW1, kW3)) + Simd::Dot(in57, Pair(kW5, kW7)),
        Simd::Dot(in13, Pair(kW3, -kW7)) + Simd::Dot(in57, Pair(-kW1, -kW5)),
        Simd::Dot(in13, Pair(kW5, -kW1)) + Simd::Dot(in57, Pair(kW7, kW3)),
        Simd::Dot(in13, Pair(kW7, -kW5)) + Simd::Dot(in57, Pair(kW3, -kW1)),
    };
    return Butterfly<kShift>(even, odd);
  }

  static void Join(const Quad& low, const Quad& high, I16x8 (&out)[8]) {
    for (int i = 0; i < 8; ++i) {
      out[i] = Simd::NarrowToI16(low.values[i], high.values[i]);
    }
  }

  static void TransformAll(Block& block, I16x8 (&rows)[8]) {
    const I32x4 row_round = RowRounding(block);
    I16x8 in[8];
    for (int u = 0; u < 8; ++u) {
      in[u] = Load<I16x8>(block.coefficients + u * 8);
      Store(block.coefficients + u * 8, I16x8{});
    }
    I16x8 columns[8];
    TransformAll<kRowShift>(in, row_round, SplatI32(kRowRounding), columns);
    Transpose(columns);
    const I32x4 round = SplatI32(kColumnRounding);
    TransformAll<kColumnShift>(columns, round, round, rows);
  }

  template <int kShift>
  static void TransformAll(const I16x8 (&in)[8], I32x4 round_low, I32x4 round_high,
                           I16x8 (&out)[8]) {
    const Quad low = TransformFull<kShift>(ZipLow(in[0], in[4]), ZipLow(in[2], in[6]),
                                           ZipLow(in[1], in[3]), ZipLow(in[5], in[7]), round_low);
    const Quad high =
        TransformFull<kShift>(ZipHigh(in[0], in[4]), ZipHigh(in[2], in[6]), ZipHigh(in[1], in[3]),
                              ZipHigh(in[5], in[7]), round_high);
    Join(low, high, out);
  }

  static void TransformLowFrequencies(Block& block, I16x8 (&rows)[8]) {
    const I32x4 row_round = RowRounding(block);
    I16x8 in[4];
    for (int u = 0; u < 4; ++u) {
      in[u] = Load<I16x8>(block.coefficients + u * 8);
      Store(block.coefficients + u * 8, I16x8{});
    }
    const Quad quad =
        TransformLow<kRowShift>(ZipLow(in[0], in[2]), ZipLow(in[1], in[3]), row_round);
    I16x8 columns[4];
    TransposeQuad(quad, columns);
    const I32x4 round = SplatI32(kColumnRounding);
    const Quad low = TransformLow<kColumnShift>(ZipLow(columns[0], columns[2]),
                                                ZipLow(columns[1], columns[3]), round);
    const Quad high = TransformLow<kColumnShift>(ZipHigh(columns[0], columns[2]),
                                                 ZipHigh(columns[1], columns[3]), round);
    Join(low, high, rows);
  }

  static void Transpose(I16x8 (&m)[8]) {
    I16x8 a[8];
    for (int i = 0; i < 4; ++i) {
      a[2 * i] = ZipLow(m[i], m[i + 4]);
      a[2 * i + 1] = ZipHigh(m[i], m[i + 4]);
    }
    I16x8 b[8];
    for (int i = 0; i < 4; ++i) {
      b[2 * i] = ZipLow(a[i], a[i + 4]);
      b[2 * i + 1] = ZipHigh(a[i], a[i + 4]);
    }
    for (int i = 0; i < 4; ++i) {
      m[2 * i] = ZipLow(b[i], b[i + 4]);
      m[2 * i + 1] = ZipHigh(b[i], b[i + 4]);
    }
  }

  // Eight vectors of four values become four of eight.
  static void TransposeQuad(const Quad& quad, I16x8 (&out)[4]) {
    I16x8 pairs[4];  // Of x and x + 4.
    for (int x = 0; x < 4; ++x) {
      const I16x8 both = Simd::NarrowToI16(quad.values[x], quad.values[x + 4]);
      pairs[x] = __builtin_shufflevector(both, both, 0, 4, 1, 5, 2, 6, 3, 7);
    }
    const I16x8 even_low = ZipLow(pairs[0], pairs[2]);
    const I16x8 even_high = ZipHigh(pairs[0], pairs[2]);
    const I16x8 odd_low = ZipLow(pairs[1], pairs[3]);
    const I16x8 odd_high = ZipHigh(pairs[1], pairs[3]);
    out[0] = ZipLow(even_low, odd_low);
    out[1] = ZipHigh(even_low, odd_low);
    out[2] = ZipLow(even_high, odd_high);
    out[3] = ZipHigh(even_high, odd_high);
  }
};

}  // namespace pistream::mpeg1
