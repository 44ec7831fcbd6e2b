#include "src/http/request_target.h"

#include <cstddef>
#include <cstdint>

#include "src/http/text.h"
#include "src/wire/utf8.h"

namespace pistream {
namespace {

std::optional<std::string> DecodePercent(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) {
      return std::nullopt;
    }
    const auto high = HexDigit(text[i + 1]);
    const auto low = HexDigit(text[i + 2]);
    if (!high || !low || *high * 16 + *low == '/') {
      return std::nullopt;
    }
    decoded.push_back(static_cast<char>(*high * 16 + *low));
    i += 2;
  }
  return decoded;
}

bool IsCleanText(std::string_view text) {
  wire::Utf8Checker utf8;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (IsControl(c) || c == '\t' || c == '\\' || !utf8.Add(byte)) {
      return false;
    }
  }
  return utf8.IsComplete();
}

bool HasDotSegment(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::string_view segment = path.substr(0, path.find('/'));
    if (segment == "." || segment == "..") {
      return true;
    }
    path.remove_prefix(segment.size());
  }
  return false;
}

std::string_view WithoutSchemeAndHost(std::string_view target) {
  constexpr std::string_view kScheme = "http://";
  if (!target.starts_with(kScheme)) {
    return target;
  }
  const size_t path = target.find('/', kScheme.size());
  return path == std::string_view::npos ? "/" : target.substr(path);
}

}  // namespace

std::optional<std::string> DecodePath(std::string_view target) {
  target = WithoutSchemeAndHost(target);
  target = target.substr(0, target.find('?'));
  if (!target.starts_with('/') || target.find('#') != std::string_view::npos) {
    return std::nullopt;
  }
  auto path = DecodePercent(target);
  if (!path || !IsCleanText(*path) || HasDotSegment(*path)) {
    return std::nullopt;
  }
  return path;
}

}  // namespace pistream
