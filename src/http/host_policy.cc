#include "src/http/host_policy.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <optional>

#include "src/http/origin.h"
#include "src/http/text.h"

namespace pistream {
namespace {

constexpr std::string_view kLocalhost = "localhost";

// The root's dot: "pi.local." is "pi.local".
std::string_view WithoutDot(std::string_view name) {
  if (name.ends_with('.')) {
    name.remove_suffix(1);
  }
  return name;
}

bool IsAddress(std::string_view host) {
  in_addr address{};
  return host.starts_with('[') || inet_pton(AF_INET, std::string(host).c_str(), &address) == 1;
}

void AddOnce(std::string name, std::vector<std::string>& names) {
  if (!name.empty() && std::ranges::find(names, name) == names.end()) {
    names.push_back(std::move(name));
  }
}

std::vector<std::string_view> WordsOf(std::string_view line) {
  constexpr std::string_view kSpace = " \t\r";
  std::vector<std::string_view> words;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(kSpace), line.size()));
    if (line.empty()) {
      return words;
    }
    const size_t end = std::min(line.find_first_of(kSpace), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

}  // namespace

bool HostPolicy::IsOwn(std::string_view host) const {
  const std::string_view name = WithoutDot(host);
  return IsAddress(name) || name == kLocalhost || name.ends_with(".localhost") ||
         std::ranges::find(names_, name) != names_.end();
}

std::vector<std::string> NamesOfMachine(std::string_view host_name,
                                        std::span<const std::string> domains) {
  const std::string lower = LowerCase(WithoutDot(host_name));
  const std::string label = lower.substr(0, lower.find('.'));
  std::vector<std::string> names;
  if (label.empty()) {
    return names;
  }
  AddOnce(lower, names);
  AddOnce(label, names);
  AddOnce(label + ".local", names);
  for (const std::string& domain : domains) {
    AddOnce(fmt::format("{}.{}", label, domain), names);
  }
  return names;
}

std::vector<std::string> SearchDomains(std::string_view resolv_conf) {
  std::vector<std::string> domains;
  while (!resolv_conf.empty()) {
    const size_t end = std::min(resolv_conf.find('\n'), resolv_conf.size());
    const auto words = WordsOf(resolv_conf.substr(0, end));
    resolv_conf.remove_prefix(std::min(end + 1, resolv_conf.size()));
    if (words.empty() || (words.front() != "search" && words.front() != "domain")) {
      continue;
    }
    domains.clear();
    for (const std::string_view word : std::span(words).subspan(1)) {
      AddOnce(LowerCase(WithoutDot(word)), domains);
    }
  }
  return domains;
}

std::vector<std::string> NamesOfThisMachine() {
  std::array<char, HOST_NAME_MAX + 1> machine{};
  ::gethostname(machine.data(), HOST_NAME_MAX);
  std::ifstream file("/etc/resolv.conf");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return NamesOfMachine(machine.data(), SearchDomains(text));
}

Result<std::string> ParseHostName(std::string_view text) {
  std::string lower = LowerCase(WithoutDot(text));
  const auto host = HostOf(lower);
  if (!host || *host != lower) {
    return Fail("'{}' is not a host's name, such as cam.example.org, without a scheme and a port",
                text);
  }
  return lower;
}

}  // namespace pistream
