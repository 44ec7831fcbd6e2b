// How often an address may be wrong. Bounded in memory, whatever addresses come.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "src/base/clock.h"

namespace pistream {

// Room for `burst` events, and for another one after each `interval`. Holds one time only.
class Allowance {
 public:
  // How long until there is room for another event; nothing: there was, and it is taken.
  std::optional<Duration> Take(SteadyTime now, int burst, Duration interval) {
    const SteadyTime full_until = std::max(full_until_, now);
    const Duration excess = full_until - now - (burst - 1) * interval;
    if (excess > Duration::zero()) {
      return excess;
    }
    full_until_ = full_until + interval;
    return std::nullopt;
  }

 private:
  SteadyTime full_until_ = SteadyTime::min();  // when all room is there again
};

// Of an IPv6 address: a network is what a host has to choose addresses from, a site what its owner
// has to choose networks from.
enum class Ipv6Prefix : uint8_t { kNetwork = 64, kSite = 48 };

// Counts failures of addresses, those of one IPv6 prefix as one. Not thread-safe.
class FailureLimit {
 public:
  static constexpr int kBurst = 10;
  static constexpr Duration kInterval = std::chrono::seconds(6);
  // More addresses than these: the one that has not failed for the longest time is forgotten.
  static constexpr size_t kMaximumAddresses = 1024;

  // `clock` outlives it.
  explicit FailureLimit(Clock& clock, Ipv6Prefix prefix = Ipv6Prefix::kNetwork, int burst = kBurst,
                        Duration interval = kInterval)
      : clock_(clock), prefix_(prefix), burst_(burst), interval_(interval) {}

  // Counts one of `address`, as text. Nothing: it is within the limit. Otherwise it is beyond, and
  // not counted: the time after which the next one would be within, at least a second.
  std::optional<std::chrono::seconds> Count(std::string_view address);

  size_t size() const { return addresses_.size(); }

 private:
  struct Entry {
    std::string group;
    Allowance allowance;
  };

  Clock& clock_;
  const Ipv6Prefix prefix_;
  const int burst_;
  const Duration interval_;
  std::list<Entry> entries_;  // the one that failed last is the first
  std::unordered_map<std::string, std::list<Entry>::iterator> addresses_;  // by the group
};

// What counts as one address: the text of an IPv4 address, also of one in IPv6 ("::ffff:1.2.3.4"),
// and the prefix of an IPv6 address ("2001:db8::/64") that is not this machine's own ("::1"). Other
// text is its own group.
std::string AddressGroup(std::string_view address, Ipv6Prefix prefix = Ipv6Prefix::kNetwork);

}  // namespace pistream
