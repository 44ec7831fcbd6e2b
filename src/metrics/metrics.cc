#include "src/metrics/metrics.h"

#include <sstream>
#include <utility>

#include "prometheus/text_serializer.h"

namespace pistream {

// Registering a family again gives the family there is, and so does adding labels again.
prometheus::Counter& Metrics::Counter(const char* name, const char* help, const Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry_).Add(labels);
}

prometheus::Gauge& Metrics::Gauge(const char* name, const char* help, const Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry_).Add(labels);
}

prometheus::Histogram& Metrics::Histogram(const char* name, const char* help, const Labels& labels,
                                          const Boundaries& boundaries) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry_).Add(labels,
                                                                                    boundaries);
}

const Metrics::Boundaries& Metrics::ShortTimes() {
  static const Boundaries kBoundaries = {0.0005, 0.001, 0.002, 0.004, 0.008, 0.016,
                                         0.033,  0.066, 0.133, 0.266, 0.5,   1};
  return kBoundaries;
}

std::string Metrics::Text() const {
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, registry_.Collect());
  return std::move(text).str();
}

}  // namespace pistream
