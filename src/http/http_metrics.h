// Metrics of HTTP.
#pragma once

#include <array>
#include <atomic>

#include "src/metrics/metrics.h"

namespace pistream {

// Thread-safe. One for the process.
class HttpMetrics {
 public:
  // `registry` outlives it.
  explicit HttpMetrics(Metrics& registry);

  // Responses by status code ("101", "200", ...). A status is allocated for when it is first seen;
  // one outside 100 to 599 counts as code "other".
  prometheus::Counter& Responses(int status);

 private:
  static constexpr int kFirstStatus = 100;
  static constexpr int kStatusEnd = 600;

  Metrics& registry_;
  // By status; the last one is "other". Null until first seen.
  std::array<std::atomic<prometheus::Counter*>, kStatusEnd - kFirstStatus + 1> by_status_{};
};

}  // namespace pistream
