#include "src/auth/failure_limit.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace pistream {
namespace {

std::string TextOf(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, address, text.data(), text.size());
  return text.data();
}

}  // namespace

std::optional<std::chrono::seconds> FailureLimit::Count(std::string_view address) {
  std::string group = AddressGroup(address, prefix_);
  const auto known = addresses_.find(group);
  if (known != addresses_.end()) {
    entries_.splice(entries_.begin(), entries_, known->second);
  } else {
    if (entries_.size() == kMaximumAddresses) {
      addresses_.erase(entries_.back().group);
      entries_.pop_back();
    }
    entries_.push_front({.group = group, .allowance = {}});
    addresses_.emplace(std::move(group), entries_.begin());
  }
  const auto wait = entries_.front().allowance.Take(clock_.Now(), burst_, interval_);
  return wait ? std::optional(std::chrono::ceil<std::chrono::seconds>(*wait)) : std::nullopt;
}

std::string AddressGroup(std::string_view address, Ipv6Prefix prefix) {
  std::string text(address.substr(0, address.find('%')));
  in6_addr ipv6{};
  if (inet_pton(AF_INET6, text.c_str(), &ipv6) != 1) {
    return text;
  }
  if (IN6_IS_ADDR_V4MAPPED(&ipv6)) {
    return TextOf(AF_INET, &ipv6.s6_addr[12]);
  }
  if (IN6_IS_ADDR_LOOPBACK(&ipv6)) {
    return text;
  }
  const int bits = static_cast<int>(prefix);
  std::fill(std::begin(ipv6.s6_addr) + bits / 8, std::end(ipv6.s6_addr), uint8_t{0});
  return TextOf(AF_INET6, &ipv6) + "/" + std::to_string(bits);
}

}  // namespace pistream
