// Which names are ours. A page of a stranger's name that leads to our address (DNS rebinding) would
// otherwise be of the same origin as ours.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/result.h"

namespace pistream {

// Immutable: any thread.
class HostPolicy {
 public:
  // `names`: in lower case, without a dot at the end.
  explicit HostPolicy(std::vector<std::string> names) : names_(std::move(names)) {}

  // `host`: as HostOf() returns it. True for addresses, which nobody can rebind, for localhost and
  // what is below it, and for the names; with or without a dot at the end.
  bool IsOwn(std::string_view host) const;

 private:
  std::vector<std::string> names_;
};

// The names of a machine called `host_name`: this, its first label, and that with ".local" and with
// each of `domains`. In lower case.
std::vector<std::string> NamesOfMachine(std::string_view host_name,
                                        std::span<const std::string> domains);

// The domains that the resolver appends to names, by the text of its configuration (resolv.conf(5):
// "search" and "domain", of which the last line counts). In lower case.
std::vector<std::string> SearchDomains(std::string_view resolv_conf);

// Those of this machine, as they are now.
std::vector<std::string> NamesOfThisMachine();

// A name from the configuration, as HostPolicy takes it. Fails for what is no name, such as an
// address with a port.
Result<std::string> ParseHostName(std::string_view text);

}  // namespace pistream
