#include "src/http/request_target.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "src/http/text.h"
#include "src/wire/utf8.h"

namespace pistream {
namespace {

// The byte that "%41" at the beginning of `text` stands for.
std::optional<char> DecodeByte(std::string_view text) {
  if (text.size() < 3 || text[0] != '%') {
    return std::nullopt;
  }
  const auto high = HexDigit(text[1]);
  const auto low = HexDigit(text[2]);
  if (!high || !low) {
    return std::nullopt;
  }
  return static_cast<char>(*high * 16 + *low);
}

std::optional<std::string> DecodePath(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    size_t used = 1;
    char c = text.front();
    if (c == '%') {
      const auto byte = DecodeByte(text);
      if (!byte || *byte == '/') {
        return std::nullopt;
      }
      c = *byte;
      used = 3;
    }
    decoded.push_back(c);
    text.remove_prefix(used);
  }
  return decoded;
}

std::string DecodeQueryPart(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    const auto byte = DecodeByte(text);
    decoded.push_back(byte.value_or(text.front()));
    text.remove_prefix(byte ? 3 : 1);
  }
  return decoded;
}

std::vector<QueryParameter> ParseQuery(std::string_view text) {
  std::vector<QueryParameter> query;
  while (!text.empty()) {
    const size_t end = std::min(text.find('&'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!part.empty()) {
      const size_t equals = std::min(part.find('='), part.size());
      query.push_back({.name = DecodeQueryPart(part.substr(0, equals)),
                       .value = DecodeQueryPart(part.substr(std::min(equals + 1, part.size())))});
    }
  }
  return query;
}

bool IsCleanText(std::string_view text) {
  wire::Utf8Checker utf8;
  for (const char c : text) {
    if (IsControl(c) || c == '\t' || c == '\\' || !utf8.Add(static_cast<uint8_t>(c))) {
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

// A proxy that cuts "/cam" off "/cam/stream" where it should cut "/cam/" leaves "//stream" of
// "/cam//stream".
void MergeSlashes(std::string& path) {
  const auto both_slashes = [](char a, char b) { return a == '/' && b == '/'; };
  path.erase(std::unique(path.begin(), path.end(), both_slashes), path.end());
}

std::string_view WithoutSchemeAndHost(std::string_view target) {
  const auto authority = AuthorityOf(target);
  return authority ? target.substr(target.find("//") + 2 + authority->size()) : target;
}

}  // namespace

std::optional<std::string_view> AuthorityOf(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.starts_with(scheme)) {
      target.remove_prefix(scheme.size());
      return target.substr(0, target.find_first_of("/?"));
    }
  }
  return std::nullopt;
}

const std::string* RequestTarget::Find(std::string_view name) const {
  const auto found = std::ranges::find(query, name, &QueryParameter::name);
  return found == query.end() ? nullptr : &found->value;
}

std::optional<RequestTarget> ParseTarget(std::string_view target) {
  const std::string_view rest = WithoutSchemeAndHost(target);
  const size_t question_mark = std::min(rest.find('?'), rest.size());
  std::string_view encoded = rest.substr(0, question_mark);
  if (encoded.empty() && rest.size() < target.size()) {
    encoded = "/";  // RFC 9112, 3.2.2: "http://host" is its root
  }
  if (!encoded.starts_with('/') || target.find('#') != std::string_view::npos) {
    return std::nullopt;
  }
  auto path = DecodePath(encoded);
  if (!path || !IsCleanText(*path) || HasDotSegment(*path)) {
    return std::nullopt;
  }
  MergeSlashes(*path);
  const std::string_view query = rest.substr(std::min(question_mark + 1, rest.size()));
  return RequestTarget{.path = *std::move(path),
                       .query = ParseQuery(query),
                       .raw_query = std::string(rest.substr(question_mark))};
}

}  // namespace pistream
