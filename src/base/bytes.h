// Conversion of numbers from and to big-endian bytes (network byte order).
#pragma once

#include <cassert>
#include <cstdint>
#include <ranges>
#include <span>

namespace pistream {

// Fills `bytes` with `value`; a value that does not fit is truncated to its low bytes.
constexpr void WriteBigEndian(std::span<uint8_t> bytes, uint64_t value) {
  for (uint8_t& byte : std::views::reverse(bytes)) {
    byte = static_cast<uint8_t>(value);
    value >>= 8;
  }
}

// The value of `bytes`. Precondition: at most 8 bytes.
constexpr uint64_t ReadBigEndian(std::span<const uint8_t> bytes) {
  assert(bytes.size() <= sizeof(uint64_t));
  uint64_t value = 0;
  for (const uint8_t byte : bytes) {
    value = value << 8 | byte;
  }
  return value;
}

}  // namespace pistream
