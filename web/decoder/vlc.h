// Variable-length codes: tables that are made from the printed codes when this is compiled.
#pragma once

#include <stdint.h>

#include "web/decoder/bit_reader.h"

namespace pistream::mpeg1 {

// A code as the standard prints it ("0000 0011 011") and what it stands for.
struct VlcCode {
  const char* bits;
  int value;
};

// Bits of a printed code, right-aligned, and how many they are.
struct VlcBits {
  uint32_t value = 0;
  int length = 0;
};

consteval VlcBits ParseVlcBits(const char* text) {
  VlcBits bits;
  for (; *text != '\0'; ++text) {
    if (*text == ' ') {
      continue;
    }
    bits.value = bits.value << 1 | (*text == '1' ? 1u : 0u);
    ++bits.length;
  }
  return bits;
}

// Not constexpr on purpose: to reach it while a table is built stops the compiler.
void VlcCodesOverlap();

// A variable-length code of at most kIndexBits bits, decoded by one look-up.
template <int kIndexBits>
struct VlcTable {
  struct Entry {
    int8_t value;
    uint8_t length;  // 0: no code begins with these bits.
  };
  Entry entries[1 << kIndexBits];

  // The next code. Takes its bits; the reader must hold kIndexBits of them.
  Entry Read(BitReader& bits) const {
    const Entry entry = entries[bits.Peek(kIndexBits)];
    bits.Skip(entry.length);
    return entry;
  }
};

template <int kIndexBits, int kCount>
consteval VlcTable<kIndexBits> MakeVlcTable(const VlcCode (&codes)[kCount]) {
  VlcTable<kIndexBits> table = {};
  for (const VlcCode& code : codes) {
    const VlcBits bits = ParseVlcBits(code.bits);
    const int free_bits = kIndexBits - bits.length;
    for (uint32_t rest = 0; rest < (1u << free_bits); ++rest) {
      auto& entry = table.entries[bits.value << free_bits | rest];
      if (entry.length != 0) {
        VlcCodesOverlap();
      }
      entry = {static_cast<int8_t>(code.value), static_cast<uint8_t>(bits.length)};
    }
  }
  return table;
}

}  // namespace pistream::mpeg1
