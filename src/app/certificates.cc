#include "src/app/certificates.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "src/app/state_directory.h"
#include "src/base/log.h"
#include "src/base/thread_name.h"
#include "src/http/host_policy.h"
#include "src/net/machine_addresses.h"
#include "src/net/self_signed.h"

namespace pistream {
namespace {

constexpr Duration kCheckInterval = std::chrono::seconds(2);

std::vector<std::string> NamesForCertificate(const ListenerConfig& listener) {
  std::vector<std::string> names = NamesOfThisMachine();
  names.emplace_back("localhost");
  std::ranges::copy(listener.host_names, std::back_inserter(names));
  std::ranges::copy(LastingAddresses(), std::back_inserter(names));
  if (!IsUnspecified(listener.address)) {
    names.push_back(listener.address);
  }
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
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

TlsFiles FilesOf(const TlsConfig& tls) {
  return {.certificate = tls.certificate, .key = tls.key.empty() ? tls.certificate : tls.key};
}

// All that a certificate depends on.
std::vector<std::string> FilesAndNames(const TlsConfig& tls, const ListenerConfig& listener) {
  std::vector<std::string> all;
  if (tls.is_self()) {
    all = NamesForCertificate(listener);
  }
  all.insert(all.begin(), {tls.certificate, tls.key});
  return all;
}

Result<std::shared_ptr<CertificateWatch>> OpenWatch(const TlsConfig& tls,
                                                    const ListenerConfig& listener,
                                                    const TlsMetrics& metrics, Clock& clock) {
  TlsFiles files = FilesOf(tls);
  CertificateWatch::Renew renew;
  if (tls.is_self()) {
    const std::string directory = StateDirectory();
    if (directory.empty()) {
      return Fail(
          "there is no directory for the certificate and its key: set STATE_DIRECTORY to one that "
          "lasts");
    }
    const auto path = EnsureOwn(directory, listener);
    if (!path) {
      return tl::unexpected(path.error());
    }
    files = {.certificate = *path, .key = *path};
    renew = [directory, listener]() -> Result<void> {
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

Result<void> CheckCertificate(const TlsConfig& tls) {
  if (!tls.is_on() || tls.is_self()) {
    return {};
  }
  const auto loaded = TlsContext::Load(FilesOf(tls));
  return loaded ? Result<void>() : tl::unexpected(loaded.error());
}

Certificates::Certificates(Metrics& metrics, Clock& clock) : metrics_(metrics), clock_(clock) {}

Result<void> Certificates::Use(const TlsConfig& tls, const ListenerConfig& listener) {
  std::vector<std::string> used = FilesAndNames(tls, listener);
  if (used == used_) {
    return {};
  }
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
  used_ = std::move(used);
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
