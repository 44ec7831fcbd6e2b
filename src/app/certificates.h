// The certificate of the configuration, for new connections, and up to date.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "src/app/config.h"
#include "src/base/clock.h"
#include "src/base/mutex.h"
#include "src/base/result.h"
#include "src/metrics/metrics.h"
#include "src/net/certificate_watch.h"
#include "src/net/tls_context.h"
#include "src/net/tls_metrics.h"

namespace pistream {

// Whether the files of `tls` could be used. Success without TLS, and for a certificate of its own.
Result<void> CheckCertificate(const TlsConfig& tls);

// Thread-safe. Its own thread looks at the files, because reading them may take time.
class Certificates {
 public:
  // Both outlive it.
  Certificates(Metrics& metrics, Clock& clock);
  ~Certificates() = default;
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  // From now on the certificate is that of `tls`; none: new connections are not encrypted. A
  // self-signed one is for the machine's names and addresses and those of `listener`. Does nothing
  // if these are as before: what the files have now is no matter then. After an error all is as
  // before. One call at a time.
  Result<void> Use(const TlsConfig& tls, const ListenerConfig& listener);

  // For the next connection; null: it is not encrypted.
  std::shared_ptr<const TlsContext> context() const;
  const TlsMetrics& metrics() const { return metrics_; }

 private:
  void Run(const std::stop_token& stop);
  std::shared_ptr<CertificateWatch> watch() const;

  const TlsMetrics metrics_;
  std::vector<std::string> used_;  // files and names
  Clock& clock_;
  mutable Mutex mutex_;
  std::shared_ptr<CertificateWatch> watch_ PISTREAM_GUARDED_BY(mutex_);  // null: no TLS
  std::jthread thread_;  // from the first certificate on
};

}  // namespace pistream
