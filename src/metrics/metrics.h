// The counters of the process, at /metrics. Names and meanings: docs/operations.md.
//
// Each module declares its own counters in a struct of references (stream_metrics.h, for example)
// and registers them here.
#pragma once

#include <map>
#include <string>

#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace pistream {

// One for the process; outlives everything that counts. Thread-safe. Registering and Text take
// locks and allocate. Counting allocates nothing; counters and gauges are lock-free, a histogram
// takes a lock of its own.
class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;
  using Boundaries = prometheus::Histogram::BucketBoundaries;

  // Names are of Prometheus, with the prefix. To register a name and its labels again gives the
  // metric there is.
  prometheus::Counter& Counter(const char* name, const char* help, const Labels& labels = {});
  prometheus::Gauge& Gauge(const char* name, const char* help, const Labels& labels = {});
  prometheus::Histogram& Histogram(const char* name, const char* help, const Labels& labels = {},
                                   const Boundaries& boundaries = ShortTimes());

  // Seconds, from a small picture on a laptop to several frame times on a Pi.
  static const Boundaries& ShortTimes();

  // Prometheus text exposition format 0.0.4.
  std::string Text() const;

 private:
  prometheus::Registry registry_;
};

}  // namespace pistream
