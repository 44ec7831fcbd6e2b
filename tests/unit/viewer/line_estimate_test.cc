#include "src/viewer/line_estimate.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <tuple>

#include "gtest/gtest.h"
#include "tests/unit/viewer/simulated_line.h"

namespace pistream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kFrameTime{40};
constexpr milliseconds kSampleInterval{25};
const SteadyTime kStart(std::chrono::hours(1));

// Pictures of one size, each frame time, on a line that is sampled.
class Stream {
 public:
  Stream(int64_t rate_bps, milliseconds round_trip) : line_(rate_bps, round_trip) {}

  // A stream of `bitrate_bps`; the most delay that was seen in that time.
  Duration Run(milliseconds time, int64_t bitrate_bps) {
    Duration most{0};
    for (const milliseconds end = now_ + time; now_ < end; now_ += SimulatedLine::kStep) {
      if (now_ % kFrameTime == milliseconds(0) && bitrate_bps > 0) {
        line_.Send(static_cast<size_t>(bitrate_bps * kFrameTime.count() / 8000));
        sent_.push_back({kStart + now_, line_.sent_bytes()});
      }
      line_.Pass();
      if (now_ % kSampleInterval == milliseconds(0)) {
        Sample();
        most = std::max(most, estimate_.delay());
      }
    }
    return most;
  }

  SimulatedLine& line() { return line_; }
  LineEstimate& estimate() { return estimate_; }

 private:
  struct Sent {
    SteadyTime at;
    uint64_t end;
  };

  void Sample() {
    while (!sent_.empty() && sent_.front().end <= line_.acknowledged_bytes()) {
      sent_.pop_front();
    }
    LineSample sample{.at = kStart + now_,
                      .acknowledged_bytes = line_.acknowledged_bytes(),
                      .waiting_bytes = line_.sent_bytes() - line_.acknowledged_bytes(),
                      .idle_round_trip = line_.round_trip(),
                      .repairs_loss = line_.repairs_loss()};
    if (!sent_.empty()) {
      sample.oldest = sent_.front().at;
    }
    estimate_.Add(sample);
  }

  SimulatedLine line_;
  LineEstimate estimate_{kFrameTime};
  milliseconds now_{0};
  std::deque<Sent> sent_;
};

TEST(LineEstimateTest, NothingArrivesForLongOfLongRoundTrips_WhatIsMeasuredHasARate) {
  LineEstimate estimate(kFrameTime);
  LineSample sample{.at = kStart,
                    .waiting_bytes = 100'000,
                    .oldest = kStart - seconds(10),
                    .idle_round_trip = seconds(3)};
  estimate.Add(sample);
  for (int i = 1; i <= 600; ++i) {
    sample.at += kSampleInterval;
    sample.acknowledged_bytes += i <= 40 ? 1000 : 0;
    estimate.Add(sample);
  }
  EXPECT_FALSE(estimate.is_down());
  EXPECT_TRUE(estimate.has_measured());
  EXPECT_TRUE(estimate.rate_bps());
}

TEST(LineEstimateTest, NothingSent_IsNeitherLateNorDown) {
  Stream stream(1'000'000, milliseconds(20));
  EXPECT_EQ(stream.Run(seconds(5), 0), Duration(0));
  EXPECT_EQ(stream.estimate().standing_delay(), Duration(0));
  EXPECT_EQ(stream.estimate().rate_bps(), std::nullopt);
  EXPECT_FALSE(stream.estimate().has_measured());
  EXPECT_FALSE(stream.estimate().is_down());
}

class RoundTripTest : public testing::TestWithParam<int> {};

TEST_P(RoundTripTest, LineCarriesMuchMore_IsNeverLateAndHasNoRate) {
  Stream stream(20'000'000, milliseconds(GetParam()));
  EXPECT_EQ(stream.Run(seconds(10), 800'000), Duration(0));
  EXPECT_EQ(stream.estimate().rate_bps(), std::nullopt) << "it carried all it was given";
  EXPECT_FALSE(stream.estimate().is_down());
}

TEST_P(RoundTripTest, LineCarriesLess_RateIsTheLines) {
  for (const int64_t rate_bps : {100'000, 400'000, 700'000}) {
    SCOPED_TRACE(rate_bps);
    Stream stream(rate_bps, milliseconds(GetParam()));
    stream.Run(seconds(3), 800'000);
    ASSERT_TRUE(stream.estimate().rate_bps());
    EXPECT_NEAR(static_cast<double>(*stream.estimate().rate_bps()), static_cast<double>(rate_bps),
                0.15 * static_cast<double>(rate_bps));
    EXPECT_FALSE(stream.estimate().is_down());
  }
}

TEST_P(RoundTripTest, QueueGrows_DelayIsThatOfTheQueue) {
  Stream stream(400'000, milliseconds(GetParam()));
  stream.Run(seconds(2), 800'000);
  // What is sent now waits for two seconds of the line.
  EXPECT_NEAR(Seconds(stream.estimate().delay()), 2, 0.3);
  EXPECT_LE(stream.estimate().standing_delay(), stream.estimate().delay());
  EXPECT_GT(stream.estimate().standing_delay(), milliseconds(1500));
  stream.Run(seconds(4), 0);
  EXPECT_EQ(stream.estimate().delay(), Duration(0)) << "all has arrived";
}

// As LineControl asks for it: once the line is late, what is measured is of the time after that.
TEST_P(RoundTripTest, Outage_IsNoMeasureOfTheRate) {
  for (const milliseconds outage : {seconds(2), seconds(10)}) {
    SCOPED_TRACE(outage.count());
    Stream stream(400'000, milliseconds(GetParam()));
    stream.Run(seconds(1), 800'000);
    stream.line().SetRate(0);
    stream.Run(milliseconds(200) + milliseconds(GetParam()), 0);
    stream.estimate().BeginMeasurement();
    stream.Run(outage, 0);
    EXPECT_TRUE(stream.estimate().is_down());
    EXPECT_FALSE(stream.estimate().has_measured());
    EXPECT_GE(stream.estimate().delay(), outage) << "it lasts on";
    stream.line().SetRate(400'000);
    for (int i = 0; i < 10; ++i) {
      stream.Run(milliseconds(100), 400'000);
      if (stream.estimate().has_measured()) {
        EXPECT_NEAR(static_cast<double>(*stream.estimate().rate_bps()), 400'000, 0.15 * 400'000);
      }
    }
    EXPECT_TRUE(stream.estimate().has_measured());
    EXPECT_FALSE(stream.estimate().is_down());
  }
}

INSTANTIATE_TEST_SUITE_P(Milliseconds, RoundTripTest, testing::Values(1, 20, 80, 300),
                         testing::PrintToStringParamName());

TEST(LineEstimateTest, NoProgress_IsDownAfterFiveRoundTripsButNotBefore400Milliseconds) {
  for (const auto& [round_trip, down_after] : {std::tuple(milliseconds(10), milliseconds(400)),
                                               std::tuple(milliseconds(60), milliseconds(400)),
                                               std::tuple(milliseconds(100), milliseconds(500))}) {
    SCOPED_TRACE(round_trip.count());
    LineEstimate estimate(kFrameTime);
    const LineSample sample{.at = kStart,
                            .acknowledged_bytes = 1000,
                            .waiting_bytes = 100,
                            .oldest = kStart,
                            .idle_round_trip = round_trip};
    for (milliseconds passed{0}; passed <= down_after + kSampleInterval;
         passed += kSampleInterval) {
      LineSample now = sample;
      now.at = kStart + passed;
      estimate.Add(now);
      EXPECT_EQ(estimate.is_down(), passed > down_after) << passed.count();
    }
    LineSample progress = sample;
    progress.at = kStart + seconds(1);
    progress.acknowledged_bytes += 1;
    estimate.Add(progress);
    EXPECT_FALSE(estimate.is_down());
  }
}

// Acknowledgements stand still for a packet that is sent again once, or again and again.
TEST(LineEstimateTest, LossIsRepaired_IsNotLate) {
  for (int round_trips = 1; round_trips <= 5; ++round_trips) {
    SCOPED_TRACE(round_trips);
    const milliseconds round_trip(80);
    Stream stream(2'000'000, round_trip);
    stream.Run(seconds(1), 800'000);
    for (int loss = 0; loss < 5; ++loss) {
      stream.line().Lose(round_trips * round_trip);
      EXPECT_LE(stream.Run(milliseconds(1500), 800'000), milliseconds(200));
      EXPECT_FALSE(stream.estimate().is_down());
    }
    EXPECT_FALSE(stream.estimate().has_measured()) << "the line was not busy, but repaired a loss";
  }
}

TEST(LineEstimateTest, OnePictureIsLate_DelayStandsOnlyWhereAllAre) {
  LineEstimate estimate(kFrameTime);
  const LineSample idle{
      .at = kStart, .acknowledged_bytes = 1000, .idle_round_trip = milliseconds(10)};
  for (int i = 0; i < 8; ++i) {
    LineSample sample = idle;
    sample.at = kStart + i * kSampleInterval;
    if (i % 4 != 0) {
      sample.waiting_bytes = 100;
      sample.oldest = sample.at - milliseconds(150);
    }
    estimate.Add(sample);
    EXPECT_EQ(estimate.delay(), i % 4 == 0 ? milliseconds(0) : milliseconds(100));
    EXPECT_EQ(estimate.standing_delay(), Duration(0));
  }
  for (int i = 8; i < 12; ++i) {
    LineSample sample = idle;
    sample.at = kStart + i * kSampleInterval;
    sample.waiting_bytes = 100;
    sample.oldest = sample.at - milliseconds(70 + 10 * i);
    estimate.Add(sample);
  }
  EXPECT_EQ(estimate.standing_delay(), milliseconds(100)) << "the least of four";
}

TEST(LineEstimateTest, IntraPictureInFront_DelaysByRight) {
  LineEstimate estimate(kFrameTime);
  LineSample sample{.at = kStart,
                    .waiting_bytes = 100,
                    .right = milliseconds(200),
                    .oldest = kStart - milliseconds(260),
                    .idle_round_trip = milliseconds(10)};
  estimate.Add(sample);
  EXPECT_EQ(estimate.delay(), milliseconds(10));
  sample.right = milliseconds(300);
  estimate.Add(sample);
  EXPECT_EQ(estimate.delay(), Duration(0)) << "never negative";
}

TEST(LineEstimateTest, BeginMeasurement_RateStaysUntilTheNext) {
  Stream stream(400'000, milliseconds(20));
  stream.Run(seconds(1), 800'000);
  EXPECT_TRUE(stream.estimate().has_measured());
  stream.estimate().BeginMeasurement();
  EXPECT_FALSE(stream.estimate().has_measured());
  EXPECT_TRUE(stream.estimate().rate_bps());
  stream.line().SetRate(200'000);
  stream.Run(milliseconds(75), 800'000);
  EXPECT_FALSE(stream.estimate().has_measured()) << "too short a time";
  stream.Run(seconds(2), 800'000);
  EXPECT_TRUE(stream.estimate().has_measured());
  EXPECT_NEAR(static_cast<double>(*stream.estimate().rate_bps()), 200'000, 30'000);
}

// Where it is not busy it carries at least what it is given.
TEST(LineEstimateTest, LineHasBecomeBetter_RateIsAtLeastTheThroughput) {
  Stream stream(200'000, milliseconds(20));
  stream.Run(seconds(1), 400'000);
  stream.line().SetRate(10'000'000);
  stream.Run(seconds(3), 800'000);
  ASSERT_TRUE(stream.estimate().rate_bps());
  EXPECT_GT(*stream.estimate().rate_bps(), 600'000);
  EXPECT_LE(stream.Run(seconds(3), 800'000), kFrameTime) << "one picture at a time";
  EXPECT_EQ(stream.estimate().standing_delay(), Duration(0));
}

}  // namespace
}  // namespace pistream
