// What a request asks for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pistream {

// The decoded path of a request's target ("/a%20b?x" -> "/a b"), of origin-form or absolute-form
// (RFC 9112, 3.2). Nothing, which is a 400, for what no browser sends: no leading slash, bad
// percent encoding, control characters, NUL, backslashes, an encoded slash, bytes that are not
// UTF-8, "." and ".." as a segment.
std::optional<std::string> DecodePath(std::string_view target);

}  // namespace pistream
