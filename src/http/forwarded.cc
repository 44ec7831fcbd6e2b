#include "src/http/forwarded.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "src/http/text.h"

namespace pistream {
namespace {

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

// The last element of the last line; empty if there is none.
std::string_view LastOf(const HttpRequest& request, std::string_view name) {
  const auto [first, last] = request.equal_range(name);
  std::string_view value;
  for (auto field = first; field != last; ++field) {
    value = field->value();
  }
  const size_t comma = value.find_last_of(',');
  return Trimmed(comma == std::string_view::npos ? value : value.substr(comma + 1));
}

// Some proxies add the port: "192.168.1.7:5678", "[::1]:5678".
std::string_view WithoutPort(std::string_view text) {
  if (text.starts_with('[')) {
    return text.substr(1, std::min(text.find(']'), text.size()) - 1);
  }
  const size_t colon = text.find(':');
  const bool is_ipv6 = colon != text.rfind(':');
  return is_ipv6 ? text : text.substr(0, colon);
}

}  // namespace

Sender SenderOf(const HttpRequest& request, std::string_view peer_address, bool is_secure,
                std::span<const AddressRange> proxies) {
  Sender sender{.address = std::string(peer_address), .is_secure = is_secure, .host = std::nullopt};
  if (proxies.empty() || !IncludeAddress(proxies, peer_address)) {
    return sender;
  }
  const std::string_view address = WithoutPort(LastOf(request, "X-Forwarded-For"));
  if (IsIpAddress(address)) {
    sender.address = address;
  }
  const std::string protocol = LowerCase(LastOf(request, "X-Forwarded-Proto"));
  if (!protocol.empty()) {
    sender.is_secure = protocol == "https" || protocol == "wss";
  }
  const std::string_view host = LastOf(request, "X-Forwarded-Host");
  if (host.empty()) {
    sender.has_host_of_proxy = true;
  } else {
    sender.host = host;
  }
  return sender;
}

}  // namespace pistream
