#include "src/http/http_metrics.h"

#include <string>

namespace pistream {
namespace {

prometheus::Counter& OfCode(Metrics& registry, const std::string& code) {
  return registry.Counter("pistream_http_responses_total", "HTTP responses, by status code.",
                          {{"code", code}});
}

}  // namespace

HttpMetrics::HttpMetrics(Metrics& registry) : registry_(registry) {}

prometheus::Counter& HttpMetrics::Responses(int status) {
  const bool known = status >= kFirstStatus && status < kStatusEnd;
  auto& cached = by_status_[static_cast<size_t>((known ? status : kStatusEnd) - kFirstStatus)];
  prometheus::Counter* counter = cached.load(std::memory_order_acquire);
  if (counter == nullptr) {
    // Two threads that see it first get the same counter.
    counter = &OfCode(registry_, known ? std::to_string(status) : "other");
    cached.store(counter, std::memory_order_release);
  }
  return *counter;
}

}  // namespace pistream
