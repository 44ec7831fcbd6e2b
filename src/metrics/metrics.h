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

// One for the process; outlives all metrics. Thread-safe. Registering and Text take locks and
// allocate. Counting allocates nothing; counters and gauges are lock-free, each histogram has a
// lock.
class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;
  using Boundaries = prometheus::Histogram::BucketBoundaries;

  // Names are Prometheus names, including the prefix. Registering a name and labels again returns
  // the existing metric.
  prometheus::Counter& Counter(const char* name, const char* help, const Labels& labels = {});
  prometheus::Gauge& Gauge(const char* name, const char* help, const Labels& labels = {});
  prometheus::Histogram& Histogram(const char* name, const char* help, const Labels& labels = {},
                                   const Boundaries& boundaries = ShortTimes());

  // In seconds, from a small picture on a laptop to several frame times on a Pi.
  static const Boundaries& ShortTimes();

  // Prometheus text exposition format 0.0.4.
  std::string Text() const;

 private:
  prometheus::Registry registry_;
};

}  // namespace pistream
