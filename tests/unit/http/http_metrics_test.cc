#include "src/http/http_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/unit/media/allocation_count.h"

namespace pistream {
namespace {

using testing::HasSubstr;

TEST(HttpMetricsTest, Responses_SameStatusAgain_IsTheSameCounterWithoutAllocation) {
  Metrics registry;
  HttpMetrics metrics(registry);
  prometheus::Counter& first = metrics.Responses(200);
  const uint64_t before = AllocationCount();
  EXPECT_EQ(&metrics.Responses(200), &first);
  EXPECT_EQ(AllocationCount(), before);
  EXPECT_NE(&metrics.Responses(404), &first);
}

TEST(HttpMetricsTest, Responses_NoHttpStatus_CountsAsOther) {
  Metrics registry;
  HttpMetrics metrics(registry);
  for (const int status : {-1, 0, 99, 600, 1 << 30}) {
    metrics.Responses(status).Increment();
  }
  EXPECT_THAT(registry.Text(), HasSubstr("\npistream_http_responses_total{code=\"other\"} 5\n"));
}

TEST(HttpMetricsTest, Responses_ManyThreads_LoseNothing) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 500;
  Metrics registry;
  HttpMetrics metrics(registry);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int status = 100; status < 100 + kRounds; ++status) {
          metrics.Responses(status).Increment();
        }
      });
    }
  }
  for (int status = 100; status < 100 + kRounds; ++status) {
    ASSERT_EQ(metrics.Responses(status).Value(), kThreads);
  }
}

}  // namespace
}  // namespace pistream
