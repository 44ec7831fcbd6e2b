#include "src/app/certificates.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "src/base/log.h"
#include "src/base/thread_name.h"
#include "src/http/host_policy.h"
#include "src/net/self_signed.h"

namespace pistream {
namespace {

namespace ip = boost::asio::ip;

constexpr Duration kCheckInterval = std::chrono::seconds(2);

// Of an address that stays: one that is for this link alone, or of a prefix that the network may
// change any day, is not worth another certificate, which browsers would have to be told of.
std::optional<std::string> TextOfLasting(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    const ip::address_v4 bytes(ntohl(v4.sin_addr.s_addr));
    return bytes.is_loopback() ? std::nullopt : std::optional(bytes.to_string());
  }
  if (address.sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ip::address_v6::bytes_type bytes{};
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    const bool is_unique_local = (bytes[0] & 0xFE) == 0xFC;  // RFC 4193
    return is_unique_local ? std::optional(ip::address_v6(bytes).to_string()) : std::nullopt;
  }
  return std::nullopt;
}

std::vector<std::string> AddressesOfThisMachine() {
  std::vector<std::string> addresses = {"127.0.0.1", "::1"};
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) {
    return addresses;
  }
  for (const ifaddrs* one = first; one != nullptr; one = one->ifa_next) {
    const bool is_up = (one->ifa_flags & IFF_UP) != 0;
    if (const auto text =
            is_up && one->ifa_addr != nullptr ? TextOfLasting(*one->ifa_addr) : std::nullopt) {
      addresses.push_back(*text);
    }
  }
  ::freeifaddrs(first);
  return addresses;
}

std::vector<std::string> NamesForCertificate(const ListenerConfig& listener) {
  std::vector<std::string> names = NamesOfThisMachine();
  names.emplace_back("localhost");
  std::ranges::copy(listener.host_names, std::back_inserter(names));
  std::ranges::copy(AddressesOfThisMachine(), std::back_inserter(names));
  boost::system::error_code error;
  const auto address = ip::make_address(listener.address, error);
  if (!error && !address.is_unspecified()) {
    names.push_back(address.to_string());
  }
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

std::filesystem::path FromEnvironment(const char* name) {
  const char* const value = std::getenv(name);
  const std::string_view all = value == nullptr ? "" : value;
  return all.substr(0, all.find(':'));
}

// systemd's StateDirectory=, or the user's (XDG Base Directory Specification).
Result<std::string> StateDirectory() {
  if (const auto given = FromEnvironment("STATE_DIRECTORY"); !given.empty()) {
    return given.string();
  }
  if (const auto state = FromEnvironment("XDG_STATE_HOME"); !state.empty()) {
    return (state / "pistream").string();
  }
  if (const auto home = FromEnvironment("HOME"); !home.empty()) {
    return (home / ".local/state/pistream").string();
  }
  return Fail(
      "there is no directory for the certificate and its key: set STATE_DIRECTORY to one that "
      "lasts");
}

Result<std::string> EnsureOwn(const std::string& directory, const ListenerConfig& listener) {
  auto made =
      EnsureSelfSigned(directory, NamesForCertificate(listener), std::chrono::system_clock::now());
  if (!made) {
    return tl::unexpected(std::move(made).error());
  }
  if (made->why_new) {
    log::Info("made a certificate ({}): {}", *made->why_new, ToText(made->certificate));
  }
  return made->path;
}

Result<std::shared_ptr<CertificateWatch>> OpenWatch(const TlsConfig& tls,
                                                    const ListenerConfig& listener,
                                                    const TlsMetrics& metrics, Clock& clock) {
  TlsFiles files{.certificate = tls.certificate,
                 .key = tls.key.empty() ? tls.certificate : tls.key};
  CertificateWatch::Renew renew;
  if (tls.is_self()) {
    const auto directory = StateDirectory();
    if (!directory) {
      return tl::unexpected(directory.error());
    }
    const auto path = EnsureOwn(*directory, listener);
    if (!path) {
      return tl::unexpected(path.error());
    }
    files = {.certificate = *path, .key = *path};
    renew = [directory = *directory, listener]() -> Result<void> {
      const auto renewed = EnsureOwn(directory, listener);
      return renewed ? Result<void>() : tl::unexpected(renewed.error());
    };
  }
  auto watch = CertificateWatch::Open(std::move(files), metrics, clock, std::move(renew));
  if (!watch) {
    return tl::unexpected(std::move(watch).error());
  }
  return std::shared_ptr<CertificateWatch>(*std::move(watch));
}

}  // namespace

Certificates::Certificates(Metrics& metrics, Clock& clock) : metrics_(metrics), clock_(clock) {}

Result<void> Certificates::Use(const TlsConfig& tls, const ListenerConfig& listener) {
  std::shared_ptr<CertificateWatch> wanted;
  if (tls.is_on()) {
    auto opened = OpenWatch(tls, listener, metrics_, clock_);
    if (!opened) {
      return tl::unexpected(std::move(opened).error());
    }
    wanted = *std::move(opened);
  }
  const bool is_on = wanted != nullptr;
  {
    const MutexLock lock(mutex_);
    watch_ = std::move(wanted);
  }
  if (is_on && !thread_.joinable()) {
    thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  }
  return {};
}

std::shared_ptr<CertificateWatch> Certificates::watch() const {
  const MutexLock lock(mutex_);
  return watch_;
}

std::shared_ptr<const TlsContext> Certificates::context() const {
  const auto present = watch();
  return present ? present->context() : nullptr;
}

void Certificates::Run(const std::stop_token& stop) {
  SetThreadName("certificates");
  while (clock_.SleepUntil(clock_.Now() + kCheckInterval, stop)) {
    if (const auto present = watch()) {
      present->Check();
    }
  }
}

}  // namespace pistream
