// The target of a request: path and query.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pistream {

struct QueryParameter {
  std::string name;
  std::string value;  // empty without "="

  bool operator==(const QueryParameter&) const = default;
};

struct RequestTarget {
  std::string path;                   // decoded, from its slash; several slashes together are one
  std::vector<QueryParameter> query;  // decoded, in order, with those of the same name
  std::string raw_query;              // as it was sent, from its question mark; empty: none

  // The value of the first parameter of this name; null if there is none.
  const std::string* Find(std::string_view name) const;
};

// Parses a request's target of origin-form or absolute-form (RFC 9112, 3.2):
// "/a%20b?x=1&y" -> "/a b", {x, 1}, {y}. Nothing (400) for a path that no browser sends:
// no leading slash, bad percent encoding, control characters, NUL, backslashes, an encoded slash,
// bytes that are not UTF-8, "." and ".." as a segment.
//
// The query is decoded as browsers do: invalid percent encoding and "+" are kept. It can contain
// any bytes.
std::optional<RequestTarget> ParseTarget(std::string_view target);

// The "host:port" of a target of absolute-form, unchecked; nothing for other targets.
std::optional<std::string_view> AuthorityOf(std::string_view target);

}  // namespace pistream
