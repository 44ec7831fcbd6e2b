#include "src/wire/jsmp_header.h"

#include <algorithm>

#include "src/base/bytes.h"

namespace pistream::wire {
namespace {

constexpr std::array<uint8_t, 4> kMagic = {'j', 's', 'm', 'p'};

constexpr size_t kWidthOffset = 4;
constexpr size_t kHeightOffset = 6;
constexpr size_t kSideBytes = 2;

}  // namespace

std::array<uint8_t, kJsmpHeaderSize> JsmpHeader(Size size) {
  std::array<uint8_t, kJsmpHeaderSize> bytes{};
  std::ranges::copy(kMagic, bytes.begin());
  WriteBigEndian(std::span(bytes).subspan(kWidthOffset, kSideBytes),
                 static_cast<uint64_t>(size.width));
  WriteBigEndian(std::span(bytes).subspan(kHeightOffset, kSideBytes),
                 static_cast<uint64_t>(size.height));
  return bytes;
}

std::optional<Size> ParseJsmpHeader(std::span<const uint8_t> bytes) {
  if (bytes.size() != kJsmpHeaderSize || !std::equal(kMagic.begin(), kMagic.end(), bytes.begin())) {
    return std::nullopt;
  }
  return Size{static_cast<int>(ReadBigEndian(bytes.subspan(kWidthOffset, kSideBytes))),
              static_cast<int>(ReadBigEndian(bytes.subspan(kHeightOffset, kSideBytes)))};
}

}  // namespace pistream::wire
