// Parses text that consists of a number only.
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <string_view>
#include <system_error>

#include "src/base/result.h"

namespace pistream {

// Parses a decimal integer or floating-point number, independent of the locale. Fails for any other
// text (also with spaces or a leading '+'), for values out of the type's range, and for infinity
// and NaN.
template <typename Number>
  requires std::integral<Number> || std::floating_point<Number>
Result<Number> ParseNumber(std::string_view text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc::result_out_of_range && parsed == end) {
    return Fail("'{}' is out of range", text);
  }
  if (error != std::errc() || parsed != end) {
    return Fail(std::integral<Number> ? "'{}' is not a whole number" : "'{}' is not a number",
                text);
  }
  if constexpr (std::floating_point<Number>) {
    if (!std::isfinite(number)) {
      return Fail("'{}' is not a number", text);
    }
  }
  return number;
}

// The same, but also fails for a number less than `low` or greater than `high`.
template <typename Number>
Result<Number> ParseNumber(std::string_view text, Number low, Number high) {
  const auto number = ParseNumber<Number>(text);
  if (!number || *number < low || *number > high) {
    return Fail("'{}' is not a {} from {} to {}", text,
                std::integral<Number> ? "whole number" : "number", low, high);
  }
  return *number;
}

}  // namespace pistream
