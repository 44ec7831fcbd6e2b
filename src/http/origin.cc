#include "src/http/origin.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "src/http/text.h"

namespace pistream {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kOpaque = "null";
// What Chromium sends for a page that was opened from the disk.
constexpr std::string_view kFile = "file://";

bool IsName(std::string_view host) {
  return !host.empty() && host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-._") ==
                              std::string_view::npos;
}

bool IsIpv6(std::string_view inside_brackets) {
  return !inside_brackets.empty() &&
         inside_brackets.find_first_not_of("abcdef0123456789:.") == std::string_view::npos;
}

bool IsPort(std::string_view text) {
  return text.empty() || (text.front() == ':' && text.size() <= 6 &&
                          text.find_first_not_of(kDigits, 1) == std::string_view::npos);
}

bool IsScheme(std::string_view text) {
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-.") ==
             std::string_view::npos;
}

// ":80" -> 80; nothing for no port, and for one that there is not.
std::optional<uint16_t> PortOf(std::string_view text) {
  uint16_t port = 0;
  if (text.size() < 2) {
    return std::nullopt;
  }
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), port);
  return error == std::errc() && port != 0 ? std::optional(port) : std::nullopt;
}

bool IsDefaultPort(std::string_view scheme, uint16_t port) {
  return (scheme == "http" && port == 80) || (scheme == "https" && port == 443);
}

struct Origin {
  std::string scheme;
  std::string host;
  std::string port;  // ":8082"; empty: the scheme's own
  bool has_path = false;
};

std::optional<Origin> ParseOrigin(std::string_view text) {
  const std::string lower = LowerCase(text);
  const size_t scheme_end = lower.find("://");
  if (scheme_end == std::string::npos || !IsScheme(std::string_view(lower).substr(0, scheme_end))) {
    return std::nullopt;
  }
  const std::string_view rest = std::string_view(lower).substr(scheme_end + 3);
  const size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, authority_end);
  auto host = HostOf(authority);
  if (!host) {
    return std::nullopt;
  }
  Origin origin{.scheme = lower.substr(0, scheme_end),
                .host = *std::move(host),
                .port = "",
                .has_path = rest.size() > authority_end + 1};
  const std::string_view port = authority.substr(origin.host.size());
  const auto number = PortOf(port);
  if (port.size() > 1 && !number) {
    return std::nullopt;
  }
  if (number && !IsDefaultPort(origin.scheme, *number)) {
    origin.port = ":" + std::to_string(*number);
  }
  return origin;
}

std::string TextOf(const Origin& origin) {
  return origin.scheme + "://" + origin.host + origin.port;
}

// An origin as a header has it: without a path.
std::optional<std::string> NormalizeHeader(std::string_view text, const std::optional<Origin>& as) {
  if (text == kOpaque || text == kFile) {
    return std::string(text);
  }
  return as && !as->has_path ? std::optional(TextOf(*as)) : std::nullopt;
}

}  // namespace

std::optional<std::string> HostOf(std::string_view authority) {
  const std::string lower = LowerCase(authority);
  const bool has_brackets = lower.starts_with('[');
  const size_t end = has_brackets ? lower.find(']') : lower.find(':');
  if (has_brackets && end == std::string::npos) {
    return std::nullopt;
  }
  std::string host = lower.substr(0, has_brackets ? end + 1 : end);
  const bool is_host =
      has_brackets ? IsIpv6(std::string_view(host).substr(1, host.size() - 2)) : IsName(host);
  if (!is_host || !IsPort(std::string_view(lower).substr(host.size()))) {
    return std::nullopt;
  }
  return host;
}

Result<std::string> NormalizeOrigin(std::string_view address) {
  std::string lower = LowerCase(address);
  if (lower == kOpaque) {
    return lower;
  }
  if (lower.starts_with(kFile)) {
    return std::string(kFile);
  }
  if (const auto origin = ParseOrigin(address)) {
    return TextOf(*origin);
  }
  if (const auto guess = ParseOrigin("http://" + std::string(address));
      guess && address.find("://") == std::string_view::npos) {
    return FailUsage("'{}' is not an origin: write {}", address, TextOf(*guess));
  }
  return FailUsage("'{}' is not an origin, such as http://example.org:8080", address);
}

bool IsAllowedOrigin(std::string_view origin, std::string_view host,
                     std::span<const std::string> allowed) {
  const auto parsed = ParseOrigin(origin);
  const auto normalized = NormalizeHeader(origin, parsed);
  if (!normalized) {
    return false;
  }
  if (std::ranges::find(allowed, *normalized) != allowed.end()) {
    return true;
  }
  return parsed && parsed->host == HostOf(host);
}

}  // namespace pistream
