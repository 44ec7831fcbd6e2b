// Who sent a request, and where to: behind a proxy, what that says of it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/http/address_range.h"
#include "src/http/http_message.h"

namespace pistream {

struct Sender {
  std::string address;     // of the client
  bool is_secure = false;  // it uses TLS
  // The Host that the client used, if the proxy says so in place of the request's. Unchecked.
  std::optional<std::string> host;
  // Of a proxy that does not say so, the request's Host is the name by which the proxy knows us.
  bool has_host_of_proxy = false;

  bool operator==(const Sender&) const = default;
};

// Believes X-Forwarded-For, -Host and -Proto only of a peer in `proxies`. Of each, the last element
// of the last line counts, which is the proxy's own: what is before it may be a client's claim.
Sender SenderOf(const HttpRequest& request, std::string_view peer_address, bool is_secure,
                std::span<const AddressRange> proxies);

}  // namespace pistream
