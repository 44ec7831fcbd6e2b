// A viewer's line together with what is decided about it: streams on simulated lines.

#include "src/viewer/viewer_line.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "gtest/gtest.h"
#include "src/media/picture.h"
#include "tests/unit/viewer/simulated_line.h"

namespace pistream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kFrameTime{40};
constexpr int64_t kBitrate = 800'000;
const SteadyTime kStart(std::chrono::hours(1));

// An encoder that keeps to the limit of one viewer, and the line to that viewer.
class Viewing {
 public:
  Viewing(int64_t rate_bps, milliseconds round_trip) : line_(rate_bps, round_trip) {
    context_.bitrate_bps = kBitrate;
    context_.sufficient_bps = {400'000, 100'000, 25'000};
  }

  // The viewer's side acknowledges; the socket is a proxy's, which acknowledges at once.
  void PutProxyInBetween() { is_proxied_ = true; }
  // Each tenth picture is so many mean ones, of which the others have less.
  void SetLargest(double pictures) { largest_ = pictures; }
  void AllowSmallerTracks() { context_.can_change_scale = true; }

  void Run(milliseconds time) {
    for (const milliseconds end = now_ + time; now_ < end; now_ += SimulatedLine::kStep) {
      if (now_ % kFrameTime == milliseconds(0)) {
        Encode();
      }
      line_.Pass();
      NoteArrivals();
      if (is_proxied_ && now_ >= next_ping_) {
        SendPing();
      }
      if (now_ % ViewerLine::kSampleInterval == milliseconds(0)) {
        Sample();
      }
    }
  }

  // Until it is limited after having been drained, or `most` has passed; the time that it took.
  Duration RunUntilDrained(milliseconds most) {
    const int before = drains_;
    const milliseconds begin = now_;
    while (now_ - begin < most && (drains_ == before || decision_.limit_bps == 0)) {
      Run(milliseconds(25));
    }
    return now_ - begin;
  }

  SteadyTime now() const { return kStart + now_; }
  SimulatedLine& line() { return line_; }
  ViewerLine& viewer() { return viewer_; }
  std::optional<int64_t> limit() const { return decision_.limit_bps; }
  VideoScale scale() const { return context_.scale; }
  int moves() const { return moves_; }
  // How often it was found late since the last call.
  int TakeDrains() { return std::exchange(drains_, 0); }
  // Of the pictures that have arrived since the last call: the longest time on the way, beyond half
  // a round trip.
  Duration TakeWorstAge() { return std::exchange(worst_age_, Duration(0)); }
  // The same: how many they are.
  int TakeArrived() { return std::exchange(arrived_, 0); }

 private:
  struct Sent {
    uint64_t end;
    uint64_t sequence;
    SteadyTime at;
  };

  // At most what a bucket holds that fills at the bitrate.
  void Encode() {
    ++sequence_;
    if (decision_.limit_bps == 0) {
      return;
    }
    const bool is_limited = decision_.limit_bps.has_value();
    const int64_t bitrate_bps = std::min(decision_.limit_bps.value_or(kBitrate), kBitrate);
    const double mean = static_cast<double>(bitrate_bps) * Seconds(kFrameTime) / 8;
    const double capacity = static_cast<double>(bitrate_bps) * (is_limited ? 0.25 : 0.9) / 8;
    level_ = std::min(capacity, level_ + mean);
    const bool is_intra = since_intra_ >= (is_limited ? 250 : 25);
    since_intra_ = is_intra ? 1 : since_intra_ + 1;
    double bytes = mean * (sequence_ % 10 == 0 ? largest_ : (10 - largest_) / 9);
    if (is_intra) {
      bytes = is_limited ? 0.17 * static_cast<double>(bitrate_bps) / 8 : 8 * mean;
    } else if (bytes > level_) {
      bytes = 20;  // a repeat
    }
    level_ -= bytes;
    Send(is_intra, static_cast<size_t>(bytes) + 36);
  }

  void Send(bool is_intra, size_t bytes) {
    Picture picture;
    picture.type = is_intra ? PictureType::kIntra : PictureType::kPredicted;
    picture.sequence = sequence_;
    viewer_.log().Add(picture, bytes, now());
    line_.Send(bytes);
    sent_.push_back({.end = line_.sent_bytes(), .sequence = sequence_, .at = now()});
  }

  void NoteArrivals() {
    for (; !sent_.empty() && sent_.front().end <= line_.arrived_bytes(); sent_.pop_front()) {
      worst_age_ = std::max(worst_age_, now() - sent_.front().at);
      seen_ = sent_.front().sequence;
      ++arrived_;
    }
  }

  // Half a round trip later it is here, as the pictures were half a round trip later there.
  void SendPing() {
    next_ping_ = now_ + milliseconds(250);
    if (seen_) {
      viewer_.OnSeen(*seen_, line_.round_trip() + kFrameTime, now());
    }
  }

  void Sample() {
    LineAccount account = line_.account();
    if (is_proxied_) {
      account = {.minimum_rtt = std::chrono::microseconds(100)};
    }
    const bool was_draining = decision_.limit_bps == 0;
    decision_ = viewer_.Sample(account, 0, context_, now());
    drains_ += decision_.limit_bps == 0 && !was_draining ? 1 : 0;
    moves_ += std::exchange(context_.scale, decision_.scale) != decision_.scale ? 1 : 0;
  }

  SimulatedLine line_;
  ViewerLine viewer_{SentLog(), kFrameTime, kBitrate, LineControl(kStart)};
  LineContext context_;
  LineControl::Decision decision_;
  bool is_proxied_ = false;
  double largest_ = 3;
  milliseconds now_{0};
  milliseconds next_ping_{0};
  uint64_t sequence_ = 0;
  double level_ = 0;
  int since_intra_ = INT32_MAX - 1;
  std::deque<Sent> sent_;
  std::optional<uint64_t> seen_;
  int drains_ = 0;
  int moves_ = 0;
  int arrived_ = 0;
  Duration worst_age_{0};
};

double InKilobits(std::optional<int64_t> bitrate_bps) {
  return static_cast<double>(bitrate_bps.value_or(1'000'000'000)) / 1000;
}

class ViewerLineTest : public testing::TestWithParam<int> {
 protected:
  static milliseconds round_trip() { return milliseconds(GetParam()); }
};

TEST_P(ViewerLineTest, LineCarriesAll_IsNeverLateAndNeverLimited) {
  for (const int64_t rate_bps : {5'000'000, 20'000'000, 1'000'000'000}) {
    SCOPED_TRACE(rate_bps);
    Viewing viewing(rate_bps, round_trip());
    for (int i = 0; i < 60; ++i) {
      viewing.Run(seconds(1));
      ASSERT_EQ(viewing.limit(), std::nullopt);
    }
    EXPECT_EQ(viewing.TakeArrived(), 1500) << "no frame is missing";
    EXPECT_FALSE(viewing.viewer().state().is_down);
    EXPECT_TRUE(viewing.viewer().control().IsUninteresting(viewing.now()));
  }
}

TEST_P(ViewerLineTest, ThinLine_IsFoundAndWantsWhatItCarries) {
  for (const int64_t rate_bps : {100'000, 200'000, 300'000}) {
    SCOPED_TRACE(rate_bps);
    Viewing viewing(rate_bps, round_trip());
    EXPECT_LE(viewing.RunUntilDrained(seconds(10)), seconds(4));
    EXPECT_EQ(viewing.TakeDrains(), 1);
    const double rate = InKilobits(rate_bps);
    EXPECT_NEAR(InKilobits(viewing.viewer().state().rate_bps), rate, 0.15 * rate);
    EXPECT_NEAR(InKilobits(viewing.limit()), 0.85 * rate, 0.15 * rate);
  }
}

TEST_P(ViewerLineTest, LineBecomesThin_IsFoundAndLittleIsLate) {
  Viewing viewing(20'000'000, round_trip());
  viewing.Run(seconds(5));
  viewing.line().SetRate(300'000);
  EXPECT_LE(viewing.RunUntilDrained(seconds(10)), milliseconds(2500));
  EXPECT_NEAR(InKilobits(viewing.limit()), 255, 45);
  EXPECT_LE(viewing.TakeWorstAge(), milliseconds(1500));
}

// Example failure: the limit grows until the line is late, which is drained, again and again.
TEST_P(ViewerLineTest, ThinLineForAMinute_UsesItAndIsRarelyDrained) {
  for (const int64_t rate_bps : {100'000, 300'000, 600'000, 1'000'000}) {
    SCOPED_TRACE(rate_bps);
    Viewing viewing(rate_bps, round_trip());
    viewing.Run(seconds(5));
    viewing.TakeDrains();
    viewing.TakeWorstAge();
    viewing.TakeArrived();
    int64_t least = INT64_MAX;
    int64_t most = 0;
    for (int i = 0; i < 60; ++i) {
      viewing.Run(seconds(1));
      const int64_t limit = viewing.limit().value_or(INT64_MAX);
      least = limit > 0 ? std::min(least, limit) : least;
      most = std::max(most, limit);
    }
    EXPECT_LE(viewing.TakeDrains(), 2);
    EXPECT_LE(viewing.TakeWorstAge(), milliseconds(220));
    EXPECT_GE(viewing.TakeArrived(), 1470) << "nearly no frame is missing";
    EXPECT_GE(least, rate_bps / 2);
    EXPECT_LE(most, rate_bps * 11 / 10);
  }
}

TEST_P(ViewerLineTest, LineIsGoodAgain_LimitsNothingSoon) {
  Viewing viewing(300'000, round_trip());
  viewing.SetLargest(1);
  viewing.Run(seconds(10));
  ASSERT_TRUE(viewing.limit());
  viewing.TakeDrains();
  viewing.line().SetRate(20'000'000);
  viewing.Run(seconds(8));
  EXPECT_GE(viewing.limit().value_or(INT64_MAX), kBitrate);
  viewing.Run(seconds(10));
  EXPECT_EQ(viewing.limit(), std::nullopt);
  viewing.TakeArrived();
  viewing.Run(seconds(30));
  EXPECT_EQ(viewing.limit(), std::nullopt);
  EXPECT_EQ(viewing.TakeDrains(), 0);
  EXPECT_EQ(viewing.TakeArrived(), 750);
}

TEST_P(ViewerLineTest, OutageOfAThinLine_LimitIsAfterwardsAsBefore) {
  for (const milliseconds outage : {seconds(2), seconds(10)}) {
    SCOPED_TRACE(outage.count());
    Viewing viewing(300'000, round_trip());
    viewing.Run(seconds(10));
    const double before = InKilobits(viewing.limit());
    viewing.TakeDrains();
    viewing.line().SetRate(0);
    viewing.Run(outage);
    EXPECT_EQ(viewing.limit(), 0);
    viewing.line().SetRate(300'000);
    viewing.Run(seconds(3));
    EXPECT_GE(InKilobits(viewing.limit()), 0.8 * before);
    viewing.TakeWorstAge();
    viewing.Run(seconds(10));
    EXPECT_LE(viewing.TakeDrains(), 2);
    EXPECT_LE(viewing.TakeWorstAge(), milliseconds(220));
    EXPECT_NEAR(InKilobits(viewing.limit()), before, 0.25 * before);
  }
}

TEST_P(ViewerLineTest, OutageOfAGoodLine_IsNotLimitedForLong) {
  for (const milliseconds outage : {seconds(2), seconds(10)}) {
    SCOPED_TRACE(outage.count());
    Viewing viewing(20'000'000, round_trip());
    viewing.Run(seconds(5));
    viewing.line().SetRate(0);
    viewing.Run(outage);
    EXPECT_EQ(viewing.limit(), 0);
    viewing.line().SetRate(20'000'000);
    viewing.Run(seconds(1));
    EXPECT_GE(viewing.limit().value_or(INT64_MAX), kBitrate);
    viewing.TakeDrains();
    viewing.Run(seconds(20));
    EXPECT_EQ(viewing.limit(), std::nullopt);
    EXPECT_EQ(viewing.TakeDrains(), 0);
  }
}

TEST(ViewerLineOfLossesTest, PacketsAreLostOnAGoodLine_IsNotTakenForCongestion) {
  for (int round_trips = 1; round_trips <= 5; ++round_trips) {
    SCOPED_TRACE(round_trips);
    Viewing viewing(3'000'000, milliseconds(80));
    viewing.Run(seconds(3));
    for (int loss = 0; loss < 10; ++loss) {
      viewing.line().Lose(round_trips * milliseconds(80));
      viewing.Run(milliseconds(1700));
    }
    EXPECT_EQ(viewing.TakeDrains(), 0);
    EXPECT_GE(viewing.limit().value_or(INT64_MAX), kBitrate);
  }
}

TEST_P(ViewerLineTest, ProxyAcknowledgesAtOnce_SeenFindsWhoIsBehind) {
  Viewing viewing(300'000, round_trip());
  viewing.PutProxyInBetween();
  EXPECT_LE(viewing.RunUntilDrained(seconds(20)), seconds(6));
  ASSERT_TRUE(viewing.limit());
  EXPECT_LE(InKilobits(viewing.limit()), 560);
  viewing.Run(seconds(5));
  viewing.TakeWorstAge();
  viewing.Run(seconds(30));
  EXPECT_LE(viewing.TakeWorstAge(), milliseconds(1000));
}

TEST_P(ViewerLineTest, ProxyAndAGoodLine_IsNeverLimited) {
  Viewing viewing(20'000'000, round_trip());
  viewing.PutProxyInBetween();
  viewing.Run(seconds(30));
  EXPECT_EQ(viewing.limit(), std::nullopt);
  EXPECT_EQ(viewing.TakeDrains(), 0);
}

TEST_P(ViewerLineTest, ThinLineAndSmallerTracks_MovesOnceAndStays) {
  for (const int64_t rate_bps : {60'000, 300'000}) {
    SCOPED_TRACE(rate_bps);
    Viewing viewing(rate_bps, round_trip());
    viewing.AllowSmallerTracks();
    viewing.Run(seconds(60));
    const bool is_very_thin = rate_bps < 100'000;
    EXPECT_EQ(viewing.scale(), is_very_thin ? VideoScale::kQuarter : VideoScale::kHalf);
    EXPECT_LE(viewing.moves(), is_very_thin ? 2 : 1);
  }
}

TEST_P(ViewerLineTest, LineIsGoodAgain_MovesBack) {
  Viewing viewing(300'000, round_trip());
  viewing.AllowSmallerTracks();
  viewing.SetLargest(1);
  viewing.Run(seconds(5));
  ASSERT_EQ(viewing.scale(), VideoScale::kHalf);
  viewing.line().SetRate(20'000'000);
  viewing.Run(seconds(8));
  EXPECT_EQ(viewing.scale(), VideoScale::kFull);
  viewing.Run(seconds(30));
  EXPECT_EQ(viewing.moves(), 2);
  EXPECT_EQ(viewing.limit(), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(RoundTripMilliseconds, ViewerLineTest, testing::Values(2, 20, 80, 200),
                         testing::PrintToStringParamName());

SentLog LogOf(int pictures) {
  SentLog log;
  for (int i = 0; i < pictures; ++i) {
    Picture picture;
    picture.type = PictureType::kPredicted;
    picture.sequence = static_cast<uint64_t>(i);
    log.Add(picture, 100, kStart + i * kFrameTime);
  }
  return log;
}

TEST(OldestUnacknowledgedTest, IsThePictureOfTheOldestByte) {
  const SentLog log = LogOf(10);
  EXPECT_EQ(OldestUnacknowledged(log, 0), std::nullopt);
  EXPECT_EQ(OldestUnacknowledged(log, 1), kStart + 9 * kFrameTime);
  EXPECT_EQ(OldestUnacknowledged(log, 100), kStart + 9 * kFrameTime);
  EXPECT_EQ(OldestUnacknowledged(log, 101), kStart + 8 * kFrameTime);
  EXPECT_EQ(OldestUnacknowledged(log, 1000), kStart);
  EXPECT_EQ(OldestUnacknowledged(log, 5000), kStart) << "messages that are no pictures";
  EXPECT_EQ(OldestUnacknowledged(SentLog(), 100), std::nullopt);
}

// What the session has sent before was written without this one's knowledge.
TEST(ViewerLineOfAnotherLogTest, BeginsWithWhatWasSent) {
  ViewerLine line(LogOf(10), kFrameTime, kBitrate, LineControl(kStart + 10 * kFrameTime));
  LineContext context;
  context.bitrate_bps = kBitrate;
  const auto decision =
      line.Sample({.unacknowledged_bytes = 900}, 100, context, kStart + 10 * kFrameTime);
  EXPECT_EQ(line.state().delay, 9 * kFrameTime) << "the oldest is ten frame times old, less one";
  EXPECT_EQ(decision.limit_bps, 0);
}

TEST(ViewerLineOfAnotherLogTest, SeenOfAPictureThatWasNotSent_IsIgnored) {
  ViewerLine line(LogOf(10), kFrameTime, kBitrate, LineControl(kStart + 10 * kFrameTime));
  LineContext context;
  context.bitrate_bps = kBitrate;
  line.OnSeen(77, milliseconds(10), kStart + 20 * kFrameTime);
  line.Sample({}, 0, context, kStart + 20 * kFrameTime);
  EXPECT_EQ(line.state().delay, Duration(0));
  line.OnSeen(4, milliseconds(10), kStart + 20 * kFrameTime);
  line.Sample({}, 0, context, kStart + 20 * kFrameTime + milliseconds(25));
  EXPECT_EQ(line.state().delay, Duration(0)) << "one message alone may itself be late";
  line.OnSeen(4, milliseconds(10), kStart + 20 * kFrameTime);
  line.Sample({}, 0, context, kStart + 20 * kFrameTime + milliseconds(25));
  EXPECT_EQ(line.state().delay, 14 * kFrameTime - milliseconds(10)) << "as of the fifth";
  line.OnSeen(9, milliseconds(10), kStart + 21 * kFrameTime);
  line.Sample({}, 0, context, kStart + 21 * kFrameTime);
  EXPECT_EQ(line.state().delay, Duration(0));
}

TEST(ViewerLineOfAnotherLogTest, SeenIsOld_DoesNotCount) {
  ViewerLine line(LogOf(10), kFrameTime, kBitrate, LineControl(kStart + 10 * kFrameTime));
  LineContext context;
  context.bitrate_bps = kBitrate;
  const SteadyTime seen = kStart + 20 * kFrameTime;
  line.OnSeen(4, milliseconds(10), seen - milliseconds(250));
  line.OnSeen(4, milliseconds(10), seen);
  line.Sample({}, 0, context, seen + milliseconds(975));
  EXPECT_GT(line.state().delay, Duration(0));
  line.Sample({}, 0, context, seen + milliseconds(1000));
  EXPECT_EQ(line.state().delay, Duration(0));
}

// Example failure: a process that was stopped for a minute takes all its viewers for late.
TEST(ViewerLineOfAnotherLogTest, PauseOfTheProcess_IsNoLateness) {
  ViewerLine line(SentLog(), kFrameTime, kBitrate, LineControl(kStart));
  const LineContext context{.bitrate_bps = kBitrate};
  line.Sample({}, 0, context, kStart);
  line.log().Add(Picture(), 4000, kStart);
  const SteadyTime resumed = kStart + seconds(60);
  EXPECT_EQ(line.Sample({.unacknowledged_bytes = 4000}, 0, context, resumed).limit_bps,
            std::nullopt);
  EXPECT_EQ(line.Sample({}, 0, context, resumed + ViewerLine::kSampleInterval).limit_bps,
            std::nullopt);
}

// Example failure: what was measured while the line was thin lets a large picture look late.
TEST_P(ViewerLineTest, LineIsGoodAgainAndPicturesVary_LimitsNothingSoon) {
  Viewing viewing(300'000, round_trip());
  viewing.Run(seconds(10));
  viewing.TakeDrains();
  viewing.line().SetRate(20'000'000);
  viewing.Run(seconds(15));
  EXPECT_EQ(viewing.limit(), std::nullopt);
  EXPECT_EQ(viewing.TakeDrains(), 0);
}

// Example failure: one late ping counts as ten samples.
TEST_P(ViewerLineTest, ProxyAndAThinLine_IsRarelyDrained) {
  Viewing viewing(300'000, round_trip());
  viewing.PutProxyInBetween();
  viewing.RunUntilDrained(seconds(20));
  viewing.TakeDrains();
  viewing.Run(seconds(60));
  EXPECT_LE(viewing.TakeDrains(), 8);
}

// What a viewer says is not to be relied upon.
TEST(ViewerLineOfAnotherLogTest, SeenGoesBack_IsNoMeasure) {
  const int kPictures = 100;
  const SteadyTime now = kStart + kPictures * kFrameTime;
  ViewerLine line(LogOf(kPictures), kFrameTime, kBitrate, LineControl(now));
  LineContext context;
  context.bitrate_bps = kBitrate;
  line.OnSeen(20, milliseconds(10), now);
  line.Sample({}, 0, context, now);
  line.OnSeen(20, milliseconds(10), now + milliseconds(120));
  line.OnSeen(10, milliseconds(10), now + milliseconds(240));
  line.Sample({}, 0, context, now + milliseconds(240));
  const auto rate_bps = line.state().rate_bps;
  EXPECT_TRUE(!rate_bps || (*rate_bps >= 0 && *rate_bps < 1'000'000'000)) << *rate_bps;
}

}  // namespace
}  // namespace pistream
