#include "src/http/origin.h"

#include <algorithm>

#include "src/http/text.h"

namespace pistream {
namespace {

constexpr std::string_view kDigits = "0123456789";

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

std::string_view WithoutTrailingSlash(std::string_view origin) {
  return origin.ends_with('/') ? origin.substr(0, origin.size() - 1) : origin;
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

bool IsAllowedOrigin(std::string_view origin, std::string_view host,
                     std::span<const std::string> allowed) {
  const std::string lower = LowerCase(WithoutTrailingSlash(origin));
  const auto names_it = [&](const std::string& name) {
    return LowerCase(WithoutTrailingSlash(name)) == lower;
  };
  if (std::ranges::any_of(allowed, names_it)) {
    return true;
  }
  const size_t scheme_end = lower.find("://");
  if (scheme_end == std::string::npos) {
    return false;
  }
  const auto origin_host = HostOf(std::string_view(lower).substr(scheme_end + 3));
  return origin_host && origin_host == HostOf(host);
}

}  // namespace pistream
