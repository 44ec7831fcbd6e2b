#include "src/http/address_range.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>

#include "src/base/parse_number.h"

namespace pistream {
namespace {

using Bytes = std::array<uint8_t, 16>;

constexpr int kBits = 128;
constexpr int kIpv4Bits = 32;

struct Address {
  Bytes bytes{};
  bool is_ipv4 = false;  // as text
};

std::optional<Address> ParseAddress(std::string_view text) {
  const std::string address(text);
  Address parsed;
  in_addr ipv4{};
  if (inet_pton(AF_INET, address.c_str(), &ipv4) == 1) {
    parsed.is_ipv4 = true;
    parsed.bytes[10] = 0xFF;
    parsed.bytes[11] = 0xFF;
    std::memcpy(&parsed.bytes[12], &ipv4, sizeof(ipv4));
    return parsed;
  }
  return inet_pton(AF_INET6, address.c_str(), parsed.bytes.data()) == 1 ? std::optional(parsed)
                                                                        : std::nullopt;
}

Bytes Masked(Bytes bytes, int bits) {
  for (int i = 0; i < kBits / 8; ++i) {
    const int kept = std::clamp(bits - 8 * i, 0, 8);
    bytes[static_cast<size_t>(i)] &= static_cast<uint8_t>(0xFF00U >> kept);
  }
  return bytes;
}

}  // namespace

bool AddressRange::Includes(std::string_view address) const {
  const auto parsed = ParseAddress(address.substr(0, address.find('%')));
  return parsed && Masked(parsed->bytes, bits) == network;
}

Result<AddressRange> ParseAddressRange(std::string_view text) {
  const size_t slash = std::min(text.find('/'), text.size());
  const auto address = ParseAddress(text.substr(0, slash));
  if (!address) {
    return Fail("'{}' is not an address or a range, such as 127.0.0.1 or 192.168.1.0/24", text);
  }
  const int maximum = address->is_ipv4 ? kIpv4Bits : kBits;
  int bits = maximum;
  if (slash < text.size()) {
    const auto number = ParseNumber<int>(text.substr(slash + 1), 0, maximum);
    if (!number) {
      return Fail("'{}' is not a range: after the slash there is a number from 0 to {}", text,
                  maximum);
    }
    bits = *number;
  }
  bits += kBits - maximum;
  return AddressRange{.network = Masked(address->bytes, bits), .bits = bits};
}

bool IncludeAddress(std::span<const AddressRange> ranges, std::string_view address) {
  return std::ranges::any_of(ranges,
                             [&](const AddressRange& range) { return range.Includes(address); });
}

bool IsIpAddress(std::string_view text) { return ParseAddress(text).has_value(); }

}  // namespace pistream
