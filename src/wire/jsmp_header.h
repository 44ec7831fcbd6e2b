// The first message of every stream: pistreaming's 8-byte header.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "src/media/video_format.h"

namespace pistream::wire {

inline constexpr size_t kJsmpHeaderSize = 8;

// "jsmp", width, height (uint16, big-endian). Precondition: both sides fit 16 bits.
std::array<uint8_t, kJsmpHeaderSize> JsmpHeader(Size size);

// The size in the header; nothing if these bytes are not such a header. For clients and tests.
std::optional<Size> ParseJsmpHeader(std::span<const uint8_t> bytes);

}  // namespace pistream::wire
