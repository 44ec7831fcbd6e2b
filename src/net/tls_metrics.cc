#include "src/net/tls_metrics.h"

namespace pistream {
namespace {

prometheus::Counter* Finished(Metrics& registry, const char* version, const char* resumed) {
  return &registry.Counter("pistream_tls_handshakes_total",
                           "TLS handshakes, by version and whether a session was resumed.",
                           {{"version", version}, {"resumed", resumed}});
}

prometheus::Counter& Failed(Metrics& registry, const char* by) {
  return registry.Counter("pistream_tls_handshakes_failed_total",
                          "TLS handshakes that failed, by who ended them.", {{"by", by}});
}

}  // namespace

TlsMetrics::TlsMetrics(Metrics& registry)
    : handshakes_failed_by_client(Failed(registry, "client")),
      handshakes_failed_by_server(Failed(registry, "server")),
      sealed_by_kernel(registry.Counter("pistream_tls_sealed_by_kernel_total",
                                        "TLS connections that the kernel encrypts.")),
      certificate_expires(registry.Gauge("pistream_tls_certificate_expires_timestamp_seconds",
                                         "When the TLS certificate ends, in seconds since 1970.")),
      certificate_reload_failures(
          registry.Counter("pistream_tls_certificate_reload_failures_total",
                           "Changed TLS certificates or keys that could not be used.")),
      handshakes_{{{Finished(registry, "1.2", "false"), Finished(registry, "1.2", "true")},
                   {Finished(registry, "1.3", "false"), Finished(registry, "1.3", "true")}}} {}

}  // namespace pistream
