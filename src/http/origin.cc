#include "src/http/origin.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "src/base/parse_number.h"
#include "src/http/text.h"

namespace pistream {
namespace {

constexpr std::string_view kOpaque = "null";
// What Chromium sends for a page that was opened from the disk.
constexpr std::string_view kFile = "file://";
constexpr std::string_view kForm = "an origin is SCHEME://HOST[:PORT], such as http://pi:8080";

// RFC 3986, 3.1, in lower case.
bool IsScheme(std::string_view text) {
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-.") ==
             std::string_view::npos;
}

bool IsName(std::string_view host) {
  return !host.empty() && host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-._") ==
                              std::string_view::npos;
}

// "[0:0::1]" -> "[::1]"; nothing if it is not an address in brackets.
std::optional<std::string> NormalizeIpv6(std::string_view text) {
  if (!text.starts_with('[') || !text.ends_with(']')) {
    return std::nullopt;
  }
  in6_addr address{};
  const std::string inside(text.substr(1, text.size() - 2));
  if (inet_pton(AF_INET6, inside.c_str(), &address) != 1) {
    return std::nullopt;
  }
  std::array<char, INET6_ADDRSTRLEN> normalized{};
  inet_ntop(AF_INET6, &address, normalized.data(), normalized.size());
  return "[" + std::string(normalized.data()) + "]";
}

std::optional<std::string> NormalizeHost(std::string_view text) {
  return IsName(text) ? std::optional(std::string(text)) : NormalizeIpv6(text);
}

// "host:port", still unchecked.
struct Authority {
  std::string_view host;
  std::string_view port;
};

Authority SplitAuthority(std::string_view text) {
  const size_t host_end = text.starts_with('[') ? std::min(text.find(']'), text.size()) : 0;
  const size_t colon = std::min(text.find(':', host_end), text.size());
  return {.host = text.substr(0, colon), .port = text.substr(std::min(colon + 1, text.size()))};
}

Result<uint16_t> ParsePort(std::string_view digits) {
  return ParseNumber<uint16_t>(digits, 1, UINT16_MAX);
}

uint16_t DefaultPort(std::string_view scheme) {
  return scheme == "http" ? 80 : scheme == "https" ? 443 : 0;
}

struct Origin {
  std::string scheme;
  std::string host;
  uint16_t port = 0;  // 0: the scheme's default
  bool has_path = false;
};

std::string ToString(const Origin& origin) {
  return origin.scheme + "://" + origin.host +
         (origin.port == 0 ? "" : ":" + std::to_string(origin.port));
}

Result<Origin> ParseOrigin(std::string_view address) {
  const std::string lower = LowerCase(address);
  const size_t scheme_end = lower.find("://");
  if (scheme_end == std::string::npos || !IsScheme(std::string_view(lower).substr(0, scheme_end))) {
    return Fail("'{}' is not an origin: {}", address, kForm);
  }
  const std::string_view rest = std::string_view(lower).substr(scheme_end + 3);
  const size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  const Authority authority = SplitAuthority(rest.substr(0, authority_end));
  auto host = NormalizeHost(authority.host);
  if (!host) {
    return Fail("'{}' is not an origin: '{}' is not a host (international names: as xn--...); {}",
                address, authority.host, kForm);
  }
  const auto port = ParsePort(authority.port);
  if (!port && !authority.port.empty()) {
    return Fail("'{}' is not an origin: '{}' is not a port from 1 to 65535; {}", address,
                authority.port, kForm);
  }
  Origin origin{.scheme = lower.substr(0, scheme_end),
                .host = *std::move(host),
                .has_path = rest.size() > authority_end + 1};
  if (port && *port != DefaultPort(origin.scheme)) {
    origin.port = *port;
  }
  return origin;
}

}  // namespace

std::optional<std::string> HostOf(std::string_view authority) {
  const std::string lower = LowerCase(authority);
  const auto [host, port] = SplitAuthority(lower);
  return port.empty() || ParsePort(port) ? NormalizeHost(host) : std::nullopt;
}

std::optional<std::string> OriginOf(std::string_view address) {
  std::string lower = LowerCase(address);
  if (lower == kOpaque) {
    return lower;
  }
  if (lower.starts_with(kFile)) {
    return std::string(kFile);
  }
  const auto origin = ParseOrigin(address);
  return origin ? std::optional(ToString(*origin)) : std::nullopt;
}

Result<std::string> ParseAllowedOrigin(std::string_view text) {
  std::string lower = LowerCase(text);
  if (lower == kOpaque || lower == kFile) {
    return lower;
  }
  const auto origin = ParseOrigin(text);
  if (!origin) {
    return tl::unexpected(origin.error());
  }
  if (origin->has_path) {
    return Fail("'{}' is more than an origin: browsers send only {}", text, ToString(*origin));
  }
  if (origin->scheme == "ws" || origin->scheme == "wss") {
    return Fail("'{}' is not the origin of a page: use the page's scheme, as in http{}", text,
                ToString(*origin).substr(2));
  }
  return ToString(*origin);
}

bool IsAllowedOrigin(std::string_view origin, std::string_view host,
                     std::span<const std::string> allowed) {
  if (origin == kOpaque || origin == kFile) {
    return std::ranges::find(allowed, origin) != allowed.end();
  }
  const auto parsed = ParseOrigin(origin);
  if (!parsed || parsed->has_path) {
    return false;
  }
  return parsed->host == HostOf(host) ||
         std::ranges::find(allowed, ToString(*parsed)) != allowed.end();
}

}  // namespace pistream
