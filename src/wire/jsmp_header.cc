#include "src/wire/jsmp_header.h"

#include <algorithm>

namespace pistream::wire {
namespace {

constexpr std::array<uint8_t, 4> kMagic = {'j', 's', 'm', 'p'};

uint8_t HighByte(int value) { return static_cast<uint8_t>(value >> 8); }
uint8_t LowByte(int value) { return static_cast<uint8_t>(value & 0xFF); }

}  // namespace

std::array<uint8_t, kJsmpHeaderSize> JsmpHeader(Size size) {
  return {kMagic[0],
          kMagic[1],
          kMagic[2],
          kMagic[3],
          HighByte(size.width),
          LowByte(size.width),
          HighByte(size.height),
          LowByte(size.height)};
}

std::optional<Size> ParseJsmpHeader(std::span<const uint8_t> bytes) {
  if (bytes.size() != kJsmpHeaderSize || !std::equal(kMagic.begin(), kMagic.end(), bytes.begin())) {
    return std::nullopt;
  }
  return Size{bytes[4] << 8 | bytes[5], bytes[6] << 8 | bytes[7]};
}

}  // namespace pistream::wire
