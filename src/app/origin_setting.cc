#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "src/app/settings.h"
#include "src/base/parse_number.h"
#include "src/http/origin.h"

namespace pistream {
namespace {

constexpr std::string_view kExample = "an origin is SCHEME://HOST[:PORT], such as http://pi:8080";

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

// RFC 3986, 3.1, in lower case.
bool IsScheme(std::string_view text) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
  return !text.empty() && kLetters.find(text.front()) != std::string_view::npos &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-.") ==
             std::string_view::npos;
}

// "[0:0::1]" is sent as "[::1]". Nothing if it is not an address.
std::optional<std::string> NormalizeIpv6(const std::string& host) {
  in6_addr address{};
  const std::string inside = host.substr(1, host.size() - 2);
  if (inet_pton(AF_INET6, inside.c_str(), &address) != 1) {
    return std::nullopt;
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, &address, text.data(), text.size());
  return fmt::format("[{}]", text.data());
}

// The port's digits without leading zeros; empty for none and for the scheme's own. Nothing if it
// is not a port.
std::optional<std::string> NormalizePort(std::string_view scheme, std::string_view digits) {
  if (digits.empty()) {
    return "";
  }
  const auto port = ParseNumber<uint16_t>(digits, 0, 65535);
  if (!port) {
    return std::nullopt;
  }
  const bool is_default = (scheme == "http" && *port == 80) || (scheme == "https" && *port == 443);
  return is_default ? "" : fmt::format(":{}", *port);
}

// "host:port" in the form in which browsers send it.
Result<std::string> NormalizeAuthority(std::string_view scheme, std::string_view authority) {
  auto host = HostOf(authority);
  if (host && host->starts_with('[')) {
    host = NormalizeIpv6(*host);
  }
  if (!host) {
    return Fail("'{}' is not a host (international names: as xn--...)", authority);
  }
  const size_t host_end = authority.starts_with('[') ? authority.find(']') : 0;
  const size_t colon = authority.find(':', host_end);
  const auto port =
      NormalizePort(scheme, colon == std::string_view::npos ? "" : authority.substr(colon + 1));
  if (!port) {
    return Fail("'{}' is not a port from 0 to 65535", authority.substr(colon + 1));
  }
  return *host + *port;
}

}  // namespace

Result<std::string> ParseAllowedOrigin(std::string_view text) {
  std::string lower = LowerCase(text);
  if (lower == "null" || lower == "file://") {
    return lower;
  }
  const size_t scheme_end = lower.find("://");
  const std::string scheme = lower.substr(0, std::min(scheme_end, lower.size()));
  if (scheme_end == std::string::npos || !IsScheme(scheme)) {
    return Fail("'{}' is not an origin: {}", text, kExample);
  }
  const std::string_view rest = std::string_view(lower).substr(scheme_end + 3);
  const size_t authority_end = rest.find_first_of("/?#");
  const std::string_view after =
      authority_end == std::string_view::npos ? "" : rest.substr(authority_end);
  const auto authority = NormalizeAuthority(scheme, rest.substr(0, authority_end));
  if (!authority) {
    return Fail("'{}' is not an origin: {}; {}", text, authority.error().message, kExample);
  }
  std::string origin = fmt::format("{}://{}", scheme, *authority);
  if (!after.empty() && after != "/") {
    return Fail("'{}' is more than an origin: browsers send only {}", text, origin);
  }
  if (scheme == "ws" || scheme == "wss") {
    return Fail("'{}' is never sent: the page's own scheme counts, such as http{}", text,
                origin.substr(2));
  }
  return origin;
}

}  // namespace pistream
