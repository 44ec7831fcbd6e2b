#include "src/metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/media/allocation_count.h"

namespace pistream {
namespace {

using testing::HasSubstr;

TEST(MetricsTest, Text_NothingCounted_NamesEveryCounterAtZero) {
  const std::string text = Metrics().Text();
  for (const std::string name :
       {"frames_captured", "frames_lost_in_camera", "frames_displaced", "frames_unwatched",
        "camera_opens", "camera_losses", "encoded_bytes", "encoder_errors", "viewers_joined",
        "pictures_sent", "sent_bytes", "pictures_dropped_behind", "keyframe_requests",
        "pictures_coarsened", "accept_errors"}) {
    EXPECT_THAT(text, HasSubstr("\npistream_" + name + "_total 0\n"));
    EXPECT_THAT(text, HasSubstr("# TYPE pistream_" + name + "_total counter\n"));
  }
  for (const std::string cause : {"closed", "stalled", "protocol", "resized", "shutdown"}) {
    EXPECT_THAT(text, HasSubstr("\npistream_viewers_left_total{cause=\"" + cause + "\"} 0\n"));
  }
  for (const std::string type : {"intra", "predicted", "repeated"}) {
    EXPECT_THAT(text, HasSubstr("\npistream_pictures_encoded_total{type=\"" + type + "\"} 0\n"));
  }
}

TEST(MetricsTest, Text_ThingsCounted_TellsHowMany) {
  Metrics metrics;
  metrics.frames_captured.Increment(3);
  metrics.viewers.Increment();
  metrics.viewers_left_stalled.Increment();
  metrics.encode_seconds.Observe(0.003);
  metrics.HttpResponses(200).Increment(2);
  metrics.HttpResponses(404).Increment();
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("\npistream_frames_captured_total 3\n"));
  EXPECT_THAT(text, HasSubstr("\npistream_viewers 1\n"));
  EXPECT_THAT(text, HasSubstr("\npistream_viewers_left_total{cause=\"stalled\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\npistream_encode_seconds_count 1\n"));
  EXPECT_THAT(text, HasSubstr("\npistream_encode_seconds_bucket{le=\"0.002\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("\npistream_encode_seconds_bucket{le=\"0.004\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\npistream_http_responses_total{code=\"200\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("\npistream_http_responses_total{code=\"404\"} 1\n"));
}

// Text format 0.0.4: comments, and samples of name, labels and value.
TEST(MetricsTest, Text_EveryLine_IsOfTheFormat) {
  Metrics metrics;
  metrics.HttpResponses(101).Increment();
  const std::regex line_format(
      R"re(# (HELP|TYPE) pistream_[a-z_]+ .+|)re"
      R"re(pistream_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+)re");
  std::istringstream lines(metrics.Text());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_TRUE(std::regex_match(line, line_format)) << line;
  }
  EXPECT_GT(count, 60);
}

TEST(MetricsTest, HttpResponses_SameStatusAgain_IsTheSameCounterWithoutAllocation) {
  Metrics metrics;
  prometheus::Counter& first = metrics.HttpResponses(200);
  const uint64_t before = AllocationCount();
  EXPECT_EQ(&metrics.HttpResponses(200), &first);
  EXPECT_EQ(AllocationCount(), before);
  EXPECT_NE(&metrics.HttpResponses(404), &first);
}

TEST(MetricsTest, HttpResponses_NoHttpStatus_CountsAsOther) {
  Metrics metrics;
  for (const int status : {-1, 0, 99, 600, 1 << 30}) {
    metrics.HttpResponses(status).Increment();
  }
  EXPECT_THAT(metrics.Text(), HasSubstr("\npistream_http_responses_total{code=\"other\"} 5\n"));
}

TEST(MetricsTest, HttpResponses_ManyThreads_LoseNothing) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 500;
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int status = 100; status < 100 + kRounds; ++status) {
          metrics.HttpResponses(status).Increment();
        }
      });
    }
  }
  for (int status = 100; status < 100 + kRounds; ++status) {
    ASSERT_EQ(metrics.HttpResponses(status).Value(), kThreads);
  }
}

TEST(MetricsTest, Counting_AllocatesNothing) {
  Metrics metrics;
  const uint64_t before = AllocationCount();
  metrics.pictures_sent.Increment();
  metrics.viewers.Set(3);
  metrics.encode_seconds.Observe(0.01);
  EXPECT_EQ(AllocationCount(), before);
}

}  // namespace
}  // namespace pistream
