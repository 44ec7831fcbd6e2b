// Origins of pages (RFC 6454): which may watch, and how they are written.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace pistream {

// The host of "host", "host:port", "[::1]" or "[::1]:port", in lower case, IPv6 addresses in their
// canonical form and with brackets. Nothing if `authority` is none of these.
std::optional<std::string> HostOf(std::string_view authority);

// The origin of a page's address, in the form that browsers send: lower case, without the default
// port and the path, "HTTP://Dash.local:80/panel" -> "http://dash.local". "null" (the origin of
// pages that have none, such as sandboxed ones) stays; that of files is "file://". Nothing if
// `address` is not an address with a host.
std::optional<std::string> OriginOf(std::string_view address);

// Parses an origin from the configuration into the form that browsers send, as OriginOf() does.
// Fails for everything that browsers never send as an origin, such as a path or the scheme ws; the
// error suggests the origin that was probably meant.
Result<std::string> ParseAllowedOrigin(std::string_view text);

// Whether a page of `origin` (the header's value: "http://pi:8082") may watch the server that was
// addressed as `host` (the Host header): if the hosts are the same, whatever the ports, or if
// `allowed`, which is normalized, contains the origin.
bool IsAllowedOrigin(std::string_view origin, std::string_view host,
                     std::span<const std::string> allowed);

}  // namespace pistream
