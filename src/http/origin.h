// Origins of pages (RFC 6454): which may watch, and how they are written.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace pistream {

// The host of "host", "host:port", "[::1]" or "[::1]:port", in lower case, brackets kept. Nothing
// if it is none of these or has characters no host has.
std::optional<std::string> HostOf(std::string_view authority);

// The origin of `address` as browsers send it: lower case, without the default port, without a
// path: "HTTP://Dash.local:80/panel" -> "http://dash.local". "null" (the origin of pages that have
// none, such as sandboxed ones) and "file://" stay. Fails if it is not an origin.
Result<std::string> NormalizeOrigin(std::string_view address);

// Whether a page of `origin` (the header's value: "http://pi:8082") may watch the server that was
// asked for as `host` (the Host header): the hosts are the same, whatever the ports, or `allowed`,
// which are normalized, has the origin.
bool IsAllowedOrigin(std::string_view origin, std::string_view host,
                     std::span<const std::string> allowed);

}  // namespace pistream
