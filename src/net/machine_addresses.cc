#include "src/net/machine_addresses.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <boost/asio/ip/address.hpp>
#include <cstring>
#include <optional>

namespace pistream {
namespace {

namespace ip = boost::asio::ip;

std::optional<std::string> TextOfLasting(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    const ip::address_v4 number(ntohl(v4.sin_addr.s_addr));
    constexpr uint32_t kLinkLocal = 0xA9FE;  // RFC 3927: 169.254.0.0/16
    return number.to_uint() >> 16 == kLinkLocal ? std::nullopt : std::optional(number.to_string());
  }
  if (address.sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ip::address_v6::bytes_type bytes{};
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    const ip::address_v6 number(bytes);
    const bool is_unique_local = (bytes[0] & 0xFE) == 0xFC;
    return is_unique_local || number.is_loopback() ? std::optional(number.to_string())
                                                   : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> LastingAddresses() {
  std::vector<std::string> addresses;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) {
    return addresses;
  }
  for (const ifaddrs* one = first; one != nullptr; one = one->ifa_next) {
    const bool is_up = (one->ifa_flags & IFF_UP) != 0;
    const auto text =
        is_up && one->ifa_addr != nullptr ? TextOfLasting(*one->ifa_addr) : std::nullopt;
    if (text) {
      addresses.push_back(*text);
    }
  }
  ::freeifaddrs(first);
  return addresses;
}

bool IsUnspecified(std::string_view address) {
  boost::system::error_code error;
  const auto number = ip::make_address(address, error);
  return !error && number.is_unspecified();
}

}  // namespace pistream
