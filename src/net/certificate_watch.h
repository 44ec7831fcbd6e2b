// Keeps the TLS context for new connections up to date with its files.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <string>

#include "src/base/clock.h"
#include "src/base/mutex.h"
#include "src/base/result.h"
#include "src/net/tls_context.h"
#include "src/net/tls_metrics.h"

namespace pistream {

// Thread-safe. Certificate and key are looked at only within Check.
class CertificateWatch {
 public:
  // Recreates the files if they expire soon (EnsureSelfSigned). Called within Check, once an hour.
  using Renew = std::function<Result<void>()>;

  // Loads the pair; says in the log which certificate it is, and warns if that has expired.
  // `metrics` and `clock` outlive it.
  static Result<std::unique_ptr<CertificateWatch>> Open(TlsFiles files, const TlsMetrics& metrics,
                                                        Clock& clock, Renew renew = {});

  CertificateWatch(const CertificateWatch&) = delete;
  CertificateWatch& operator=(const CertificateWatch&) = delete;
  ~CertificateWatch() = default;

  // To be called from time to time, each few seconds: two system calls if nothing has changed. If
  // one of the files has (links are followed), reloads the pair, and logs that. The two are
  // seldom replaced at the same instant: a pair that cannot be used is logged and counted only once
  // it has been the same for a second, and once only. Until there is a better one, the old one
  // stays.
  void Check();

  // For the next connection. Never null.
  std::shared_ptr<const TlsContext> context() const;

 private:
  // Of a file, what changes with its contents. Zero if there is none.
  struct Trace {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    time_t seconds = 0;  // of the last change to its contents
    int64_t nanoseconds = 0;

    bool operator==(const Trace&) const = default;
  };
  using Traces = std::array<Trace, 2>;
  using Digest = std::array<uint8_t, 32>;

  CertificateWatch(TlsFiles files, const TlsMetrics& metrics, Clock& clock, Renew renew);

  static Trace TraceOf(const std::string& path);
  static Digest DigestOf(const TlsPem& pem);
  Traces Look() const { return {TraceOf(files_.certificate), TraceOf(files_.key)}; }
  void RenewIfDue(SteadyTime now) PISTREAM_REQUIRES(checking_);
  Result<void> Load() PISTREAM_REQUIRES(checking_);

  const TlsFiles files_;
  const TlsMetrics& metrics_;
  Clock& clock_;
  const Renew renew_;

  Mutex checking_;  // one Check at a time
  Traces seen_ PISTREAM_GUARDED_BY(checking_);
  SteadyTime seen_since_ PISTREAM_GUARDED_BY(checking_);
  // What was seen was read when it had been the same for a while: writes within one tick of the
  // file system's clock leave the same trace.
  bool is_settled_ PISTREAM_GUARDED_BY(checking_) = false;
  Digest loaded_ PISTREAM_GUARDED_BY(checking_){};
  SteadyTime next_renewal_ PISTREAM_GUARDED_BY(checking_);

  mutable Mutex mutex_;  // may be locked while checking_ is
  std::shared_ptr<const TlsContext> context_ PISTREAM_GUARDED_BY(mutex_);
};

}  // namespace pistream
