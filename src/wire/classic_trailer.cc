#include "src/wire/classic_trailer.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace pistream::wire {
namespace {

// Each decoding attempt of the original player advances 29 bits; this suffices for 14 attempts,
// seven pictures.
constexpr size_t kZeros = 48;

using Trailer = std::array<uint8_t, kClassicTrailerBytes>;

constexpr Trailer MakeTrailer() {
  Trailer trailer{};
  size_t size = 0;
  const auto append = [&](std::initializer_list<uint8_t> bytes) {
    std::ranges::copy(bytes, trailer.begin() + static_cast<ptrdiff_t>(size));
    size += bytes.size();
  };
  append({0x00, 0x00, 0x01, 0xB7});
  size += kZeros;
  // temporal_reference 0, type B, vbv_delay 0xFFFF (ISO/IEC 11172-2, 2.4.2.5).
  append({0x00, 0x00, 0x01, 0x00, 0x00, 0x1F, 0xFF, 0xF8});
  append({0x00, 0x00, 0x01, 0xB7});
  append({0x00, 0x00, 0x01, 0x01, 0x00});
  return trailer;
}

constexpr Trailer kTrailer = MakeTrailer();

}  // namespace

std::span<const uint8_t, kClassicTrailerBytes> ClassicTrailer() { return kTrailer; }

}  // namespace pistream::wire
