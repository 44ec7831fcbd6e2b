// Metrics of TLS.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "src/metrics/metrics.h"

namespace pistream {

// Thread-safe. One for the process.
class TlsMetrics {
 public:
  enum class Version : uint8_t { kTls12, kTls13 };

  // `registry` outlives it.
  explicit TlsMetrics(Metrics& registry);

  // Handshakes that came to their end. One that resumes a session costs neither a signature nor a
  // verification.
  prometheus::Counter& Handshakes(Version version, bool is_resumed) const {
    return *handshakes_[static_cast<size_t>(version)][is_resumed ? 1 : 0];
  }

  // Broken off by the client: an alert, the end of its connection. Browsers do that when they do
  // not know the certificate, and some then before each connection.
  prometheus::Counter& handshakes_failed_by_client;
  // Refused here: no version or suite in common, or something that is not TLS.
  prometheus::Counter& handshakes_failed_by_server;
  // Connections whose bytes the kernel seals.
  prometheus::Counter& sealed_by_kernel;
  // In seconds since 1970, of the certificate for new connections.
  prometheus::Gauge& certificate_expires;
  // The files changed, and could not be used.
  prometheus::Counter& certificate_reload_failures;

 private:
  std::array<std::array<prometheus::Counter*, 2>, 2> handshakes_;
};

}  // namespace pistream
