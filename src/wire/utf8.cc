#include "src/wire/utf8.h"

namespace pistream::wire {
namespace {

constexpr uint8_t kLowestContinuation = 0x80;
constexpr uint8_t kHighestContinuation = 0xBF;

constexpr bool IsContinuation(char byte) { return (static_cast<uint8_t>(byte) & 0xC0) == 0x80; }

}  // namespace

bool Utf8Checker::Add(uint8_t byte) {
  if (missing_ > 0) {
    const bool fits = byte >= lowest_ && byte <= highest_;
    lowest_ = kLowestContinuation;
    highest_ = kHighestContinuation;
    --missing_;
    return fits;
  }
  if (byte < 0x80) {
    return true;
  }
  // 0xC0 and 0xC1 would begin overlong forms; no character begins with 0xF5 or above.
  if (byte < 0xC2 || byte > 0xF4) {
    return false;
  }
  missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  lowest_ = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : kLowestContinuation;    // overlong forms
  highest_ = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : kHighestContinuation;  // surrogates, end
  return true;
}

std::string_view CutUtf8(std::string_view text, size_t maximum_bytes) {
  if (text.size() <= maximum_bytes) {
    return text;
  }
  size_t end = maximum_bytes;
  while (end > 0 && IsContinuation(text[end])) {
    --end;
  }
  return text.substr(0, end);
}

}  // namespace pistream::wire
