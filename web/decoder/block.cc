#include "web/decoder/block.h"

#include "web/decoder/vlc_codes.h"

namespace pistream::mpeg1 {
namespace {

// Where in Block each coefficient goes, in the order of transmission.
struct ScanTable {
  uint8_t positions[kCoefficients];
};

consteval ScanTable MakeScanTable() {
  ScanTable table = {};
  for (int i = 0; i < kCoefficients; ++i) {
    const int column = kZigzag[i] % kBlockSize;
    const int row = kZigzag[i] / kBlockSize;
    table.positions[i] = static_cast<uint8_t>(column * kBlockSize + row);
  }
  return table;
}

constexpr ScanTable kScan = MakeScanTable();

// What the next bits mean. `level` 0 stands for what is not a plain coefficient; then `length` says
// which.
struct CoefficientEntry {
  uint8_t advance;  // run + 1
  uint8_t level;    // Without its sign.
  uint8_t length;   // With the sign bit.
};

constexpr int kShortBits = 8;
constexpr int kLongBits = 16;
constexpr int kLongPrefixBits = 6;  // The codes longer than kShortBits begin with as many zeros.
constexpr VlcBits kEndOfBlock = ParseVlcBits(kEndOfBlockCode);
constexpr VlcBits kEscape = ParseVlcBits(kCoefficientEscapeCode);

// Two levels, so that what is used most stays in the first-level cache: 768 bytes decide nearly all
// codes.
struct CoefficientTable {
  CoefficientEntry short_codes[1 << kShortBits];
  CoefficientEntry long_codes[1 << (kLongBits - kLongPrefixBits)];
};

template <int kSize>
consteval void Enter(CoefficientEntry (&entries)[kSize], int index_bits, VlcBits bits,
                     CoefficientEntry entry) {
  const int free_bits = index_bits - bits.length;
  for (uint32_t rest = 0; rest < (1u << free_bits); ++rest) {
    CoefficientEntry& slot = entries[bits.value << free_bits | rest];
    if (slot.length != 0) {
      VlcCodesOverlap();
    }
    slot = entry;
  }
}

consteval CoefficientTable MakeCoefficientTable() {
  CoefficientTable table = {};
  Enter(table.short_codes, kShortBits, kEndOfBlock, {0, 0, kEndOfBlock.length});
  Enter(table.short_codes, kShortBits, kEscape, {0, 0, kEscape.length});
  for (const CoefficientCode& code : kCoefficientCodes) {
    const VlcBits bits = ParseVlcBits(code.bits);
    const CoefficientEntry entry = {static_cast<uint8_t>(code.run + 1),
                                    static_cast<uint8_t>(code.level),
                                    static_cast<uint8_t>(bits.length + 1)};
    if (bits.length <= kShortBits) {
      Enter(table.short_codes, kShortBits, bits, entry);
    } else {
      Enter(table.long_codes, kLongBits, bits, entry);
    }
  }
  return table;
}

constexpr CoefficientTable kCoefficientTable = MakeCoefficientTable();

// The next thing in a block.
struct Symbol {
  int advance;  // run + 1; 0: end_of_block.
  int level;    // Without its sign.
  int sign;     // 0 or -1.
};

// Leads out of any block.
constexpr Symbol kNoSuchCode = {kCoefficients, 0, 0};

// A run and a level sent as they are (2.4.3.7, tables 2-B.5g and 2-B.5h).
inline Symbol ReadEscaped(BitReader& bits) {
  bits.Skip(kEscape.length);
  const int run = static_cast<int>(bits.Peek(6));
  bits.Skip(6);
  int level = static_cast<int8_t>(bits.Peek(8));
  bits.Skip(8);
  if (level == 0 || level == -128) {
    level = static_cast<int>(bits.Peek(8)) + 2 * level;
    bits.Skip(8);
  }
  if (level == 0) {
    return kNoSuchCode;
  }
  const int sign = level >> 31;
  return {run + 1, (level ^ sign) - sign, sign};
}

// Needs the 28 bits that the longest takes.
inline Symbol ReadSymbol(BitReader& bits) {
  CoefficientEntry entry = kCoefficientTable.short_codes[bits.Peek(kShortBits)];
  if (entry.level == 0) {
    if (entry.length == kEndOfBlock.length) {
      bits.Skip(kEndOfBlock.length);
      return {0, 0, 0};
    }
    if (entry.length == kEscape.length) {
      return ReadEscaped(bits);
    }
    entry = kCoefficientTable.long_codes[bits.Peek(kLongBits)];
    if (entry.length == 0) {
      return kNoSuchCode;
    }
  }
  const int sign = -static_cast<int>(bits.PeekBit(entry.length));
  bits.Skip(entry.length);
  return {entry.advance, entry.level, sign};
}

// 2.4.4.1 and 2.4.4.2: scaled, made odd towards zero, saturated. `doubled_level` is 2 * |level|,
// plus 1 in a non-intra block; `sign` is 0 or -1.
inline int Dequantise(int doubled_level, int sign, int scale, int weight) {
  int value = (doubled_level * scale * weight) >> 4;
  value -= (value & 1) ^ 1;
  if (value < 0) {
    value = 0;
  }
  if (value > 2047 - sign) {
    value = 2047 - sign;
  }
  return (value ^ sign) - sign;
}

// From the coefficient after `index` on, in the order of transmission.
template <int kNonIntra>
inline bool ReadCoefficients(BitReader& reader, Quantiser quantiser, int index, Block& block) {
  BitReader bits = reader;
  uint64_t nonzero = block.nonzero;
  bool good = false;
  for (;;) {
    bits.Refill();
    const Symbol symbol = ReadSymbol(bits);
    if (symbol.advance == 0) {
      good = true;
      break;
    }
    index += symbol.advance;
    if (index >= kCoefficients) {
      break;
    }
    const int position = kScan.positions[index];
    const int value = Dequantise(2 * symbol.level + kNonIntra, symbol.sign, quantiser.scale,
                                 quantiser.weights[index]);
    block.coefficients[position] = static_cast<int16_t>(value);
    nonzero |= uint64_t{1} << position;
  }
  block.nonzero = nonzero;
  reader = bits;
  return good;
}

}  // namespace

bool ReadIntraAcCoefficients(BitReader& bits, Quantiser quantiser, Block& block) {
  return ReadCoefficients<0>(bits, quantiser, 0, block);
}

bool ReadNonIntraCoefficients(BitReader& bits, Quantiser quantiser, Block& block) {
  bits.Refill();
  int index = -1;
  if (bits.Peek(1) == 1) {  // dct_coeff_first: "1s" is run 0, level 1.
    const int sign = -static_cast<int>(bits.PeekBit(2));
    bits.Skip(2);
    index = 0;
    block.Set(0, Dequantise(3, sign, quantiser.scale, quantiser.weights[0]));
  }
  return ReadCoefficients<1>(bits, quantiser, index, block);
}

}  // namespace pistream::mpeg1
