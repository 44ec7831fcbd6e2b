#include "src/auth/base64.h"

#include <cstddef>
#include <utility>

namespace pistream {
namespace {

constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::optional<std::string> Decode(std::string_view text, std::string_view alphabet) {
  if (text.size() % 4 == 1) {
    return std::nullopt;
  }
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const size_t value = alphabet.find(c);
    if (value == std::string_view::npos) {
      return std::nullopt;
    }
    bits = (bits << 6 | static_cast<uint32_t>(value)) & 0xFFFF;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<char>(bits >> count & 0xFF));
    }
  }
  const uint32_t left = bits & ((1U << count) - 1);
  return left == 0 ? std::optional(std::move(bytes)) : std::nullopt;
}

}  // namespace

std::string EncodeBase64Url(std::span<const uint8_t> bytes) {
  std::string text;
  uint32_t bits = 0;
  unsigned count = 0;
  for (const uint8_t byte : bytes) {
    bits = (bits << 8 | byte) & 0xFFFF;
    count += 8;
    while (count >= 6) {
      count -= 6;
      text.push_back(kUrl[bits >> count & 0x3F]);
    }
  }
  if (count > 0) {
    text.push_back(kUrl[bits << (6 - count) & 0x3F]);
  }
  return text;
}

std::optional<std::string> DecodeBase64Url(std::string_view text) { return Decode(text, kUrl); }

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.size() % 4 == 0) {
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) {
      text.remove_suffix(1);
    }
  }
  return Decode(text, kStandard);
}

}  // namespace pistream
