// Whose pages may watch: other sites must not, through a visitor's browser.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pistream {

// The host of "host", "host:port", "[::1]" or "[::1]:port", in lower case, brackets kept. Nothing
// if it is none of these or has characters no host has.
std::optional<std::string> HostOf(std::string_view authority);

// Whether a page of `origin` (the header's value: "http://pi:8082") may watch the server that was
// asked for as `host` (the Host header): the hosts are the same, whatever the ports, or `allowed`
// names the origin. "null" and what is not an origin never are the same.
bool IsAllowedOrigin(std::string_view origin, std::string_view host,
                     std::span<const std::string> allowed);

}  // namespace pistream
