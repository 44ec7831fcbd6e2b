// ASCII functions for the grammars of HTTP, independent of the locale.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "fmt/format.h"

namespace pistream {

inline std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  if (c >= 'A' && c <= 'F') {
    return c - 'A' + 10;
  }
  return std::nullopt;
}

// Whether the character is not allowed in a line of HTTP. A tab is allowed.
inline bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7F;
}

// For the log: all but printable ASCII as "\xC3".
inline std::string Printable(std::string_view text) {
  std::string printable;
  for (const char c : text) {
    if (c >= ' ' && c <= '~') {
      printable += c;
    } else {
      printable += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
    }
  }
  return printable;
}

inline char LowerCase(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) { return LowerCase(c); });
  return lower;
}

}  // namespace pistream
