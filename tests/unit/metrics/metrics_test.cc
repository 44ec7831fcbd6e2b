#include "src/metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <sstream>
#include <string>

#include "tests/unit/media/allocation_count.h"

namespace pistream {
namespace {

using testing::HasSubstr;

TEST(MetricsTest, Text_NothingCounted_IsAtZero) {
  Metrics metrics;
  metrics.Counter("pistream_frames_total", "Frames.", {{"stream", "garden"}});
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("# HELP pistream_frames_total Frames.\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE pistream_frames_total counter\n"));
  EXPECT_THAT(text, HasSubstr("\npistream_frames_total{stream=\"garden\"} 0\n"));
}

TEST(MetricsTest, Text_ThingsCounted_TellsHowMany) {
  Metrics metrics;
  metrics.Counter("pistream_frames_total", "Frames.").Increment(3);
  metrics.Gauge("pistream_viewers", "Viewers.").Set(2);
  metrics.Histogram("pistream_encode_seconds", "Time.").Observe(0.003);
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("\npistream_frames_total 3\n"));
  EXPECT_THAT(text, HasSubstr("\npistream_viewers 2\n"));
  EXPECT_THAT(text, HasSubstr("\npistream_encode_seconds_count 1\n"));
  EXPECT_THAT(text, HasSubstr("\npistream_encode_seconds_bucket{le=\"0.002\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("\npistream_encode_seconds_bucket{le=\"0.004\"} 1\n"));
}

TEST(MetricsTest, Counter_SameNameAndLabelsAgain_IsTheSame) {
  Metrics metrics;
  auto& garden = metrics.Counter("pistream_frames_total", "Frames.", {{"stream", "garden"}});
  EXPECT_EQ(&metrics.Counter("pistream_frames_total", "Frames.", {{"stream", "garden"}}), &garden);
  EXPECT_NE(&metrics.Counter("pistream_frames_total", "Frames.", {{"stream", "door"}}), &garden);
}

// Text format 0.0.4: comments, and samples of name, labels and value.
TEST(MetricsTest, Text_EveryLine_IsOfTheFormat) {
  Metrics metrics;
  metrics.Counter("pistream_frames_total", "Frames.", {{"stream", "garden"}, {"type", "intra"}});
  metrics.Gauge("pistream_viewers", "Viewers.");
  metrics.Histogram("pistream_encode_seconds", "Time.", {{"stream", "garden"}});
  const std::regex line_format(
      R"re(# (HELP|TYPE) pistream_[a-z_]+ .+|)re"
      R"re(pistream_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+)re");
  std::istringstream lines(metrics.Text());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_TRUE(std::regex_match(line, line_format)) << line;
  }
  EXPECT_GT(count, 20);
}

TEST(MetricsTest, Counting_AllocatesNothing) {
  Metrics metrics;
  auto& counter = metrics.Counter("pistream_frames_total", "Frames.");
  auto& gauge = metrics.Gauge("pistream_viewers", "Viewers.");
  auto& histogram = metrics.Histogram("pistream_encode_seconds", "Time.");
  const uint64_t before = AllocationCount();
  counter.Increment();
  gauge.Set(3);
  histogram.Observe(0.01);
  EXPECT_EQ(AllocationCount(), before);
}

}  // namespace
}  // namespace pistream
