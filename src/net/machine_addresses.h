// The IP addresses of this machine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pistream {

// Those of the interfaces that are up, and of loopback, as in "192.168.1.7" and "fd00::7". Only
// addresses that last: none for one link alone, and of IPv6 only unique local ones (RFC 4193), for
// the network may change others any day.
std::vector<std::string> LastingAddresses();

// Of an IP address: it is for all of the machine's, as 0.0.0.0 and :: are.
bool IsUnspecified(std::string_view address);

}  // namespace pistream
