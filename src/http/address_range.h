// Ranges of IP addresses, as "192.168.1.0/24".
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "src/base/result.h"

namespace pistream {

struct AddressRange {
  std::array<uint8_t, 16> network{};  // IPv4 as ::ffff:0:0/96; zero beyond `bits`
  int bits = 128;                     // of `network` that count

  // False for what is no address. IPv4 in IPv6 ("::ffff:192.168.1.7") is IPv4, and a zone
  // ("fe80::1%eth0") is left out.
  bool Includes(std::string_view address) const;

  bool operator==(const AddressRange&) const = default;
};

// Parses "192.168.1.7", "10.0.0.0/8", "::1" or "fd00::/8".
Result<AddressRange> ParseAddressRange(std::string_view text);

bool IncludeAddress(std::span<const AddressRange> ranges, std::string_view address);

bool IsIpAddress(std::string_view text);

}  // namespace pistream
