#include "src/net/certificate_watch.h"

#include <sys/stat.h>

#include <chrono>
#include <string>
#include <utility>

#include "openssl/evp.h"
#include "src/base/log.h"
#include "src/net/certificate_info.h"

namespace pistream {
namespace {

constexpr Duration kSettleTime = std::chrono::seconds(1);
constexpr Duration kRenewInterval = std::chrono::hours(1);

bool CanOthersRead(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0;
}

}  // namespace

Result<std::unique_ptr<CertificateWatch>> CertificateWatch::Open(TlsFiles files,
                                                                 const TlsMetrics& metrics,
                                                                 Clock& clock, Renew renew) {
  std::unique_ptr<CertificateWatch> watch(
      new CertificateWatch(std::move(files), metrics, clock, std::move(renew)));
  MutexLock lock(watch->checking_);
  watch->seen_ = watch->Look();
  if (auto loaded = watch->Load(); !loaded) {
    return tl::unexpected(loaded.error());
  }
  lock.Unlock();
  return watch;
}

CertificateWatch::CertificateWatch(TlsFiles files, const TlsMetrics& metrics, Clock& clock,
                                   Renew renew)
    : files_(std::move(files)),
      metrics_(metrics),
      clock_(clock),
      renew_(std::move(renew)),
      seen_since_(clock.Now()),
      next_renewal_(clock.Now() + kRenewInterval) {}

std::shared_ptr<const TlsContext> CertificateWatch::context() const {
  MutexLock lock(mutex_);
  return context_;
}

void CertificateWatch::Check() {
  MutexLock lock(checking_);
  const SteadyTime now = clock_.Now();
  RenewIfDue(now);
  if (const Traces traces = Look(); traces != seen_) {
    seen_ = traces;
    seen_since_ = now;
    is_settled_ = false;
  } else if (is_settled_) {
    return;
  }
  is_settled_ = now - seen_since_ >= kSettleTime;
  if (const auto loaded = Load(); !loaded && is_settled_) {
    metrics_.certificate_reload_failures.Increment();
    log::Warning("{}; the certificate from before stays", loaded.error().message);
  }
}

void CertificateWatch::RenewIfDue(SteadyTime now) {
  if (!renew_ || now < next_renewal_) {
    return;
  }
  next_renewal_ = now + kRenewInterval;
  if (const auto renewed = renew_(); !renewed) {
    metrics_.certificate_reload_failures.Increment();
    log::Warning("{}; the certificate from before stays", renewed.error().message);
  }
}

// Does nothing if the files have what is loaded.
Result<void> CertificateWatch::Load() {
  const Result<TlsPem> pem = ReadTlsFiles(files_);
  if (!pem) {
    return tl::unexpected(pem.error());
  }
  const Digest digest = DigestOf(*pem);
  if (digest == loaded_) {
    return {};
  }
  auto loaded = TlsContext::Make(files_, *pem);
  if (!loaded) {
    return tl::unexpected(loaded.error());
  }
  loaded_ = digest;
  const CertificateInfo& certificate = (*loaded)->certificate();
  metrics_.certificate_expires.Set(
      std::chrono::duration<double>(certificate.ends.time_since_epoch()).count());
  log::Info("TLS certificate {} {}", files_.certificate, ToText(certificate));
  if (const auto expiry = FindExpiry(certificate, std::chrono::system_clock::now())) {
    log::Warning("TLS certificate {}: {}", files_.certificate, *expiry);
  }
  if (CanOthersRead(files_.key)) {
    log::Warning("all users of this machine can read the TLS key {}: chmod 600 {}", files_.key,
                 files_.key);
  }
  MutexLock lock(mutex_);
  context_ = *std::move(loaded);
  return {};
}

CertificateWatch::Trace CertificateWatch::TraceOf(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    return {};
  }
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = status.st_size,
          .seconds = status.st_mtim.tv_sec,
          .nanoseconds = status.st_mtim.tv_nsec};
}

CertificateWatch::Digest CertificateWatch::DigestOf(const TlsPem& pem) {
  // The NUL says where the first ends: PEM has none.
  const std::string text = pem.certificate + '\0' + pem.key;
  Digest digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return digest;
}

}  // namespace pistream
