#include "src/viewer/line_control.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include "gtest/gtest.h"

namespace pistream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int64_t kBitrate = 800'000;
constexpr int64_t kFree = 8 * kBitrate;
constexpr milliseconds kSampleInterval{25};
const LineState kGood{};
const LineState kVeryLate{.delay = milliseconds(300), .standing_delay = milliseconds(300)};

LineState Measured(int64_t rate_bps) { return {.rate_bps = rate_bps, .has_measured = true}; }

class LineControlTest : public testing::Test {
 protected:
  // One sample. The viewer is moved at once where that is decided.
  LineControl::Decision Update(const LineState& line) {
    now_ += kSampleInterval;
    decision_ = control_.Update(line, context_, now_);
    context_.scale = decision_.scale;
    return decision_;
  }

  LineControl::Decision UpdateFor(Duration time, const LineState& line) {
    for (const SteadyTime end = now_ + time; now_ < end;) {
      Update(line);
    }
    return decision_;
  }

  // Late, and then all has arrived, on a line of `rate_bps`.
  LineControl::Decision Drain(int64_t rate_bps) {
    EXPECT_EQ(Update(kVeryLate).limit_bps, 0);
    return Update(Measured(rate_bps));
  }

  // Until it decides to move, or `most` has passed; the time that it took.
  Duration TimeToMove(VideoScale from, Duration most, const LineState& line = kGood) {
    const SteadyTime begin = now_;
    while (context_.scale == from && now_ - begin < most) {
      Update(line);
    }
    return now_ - begin;
  }

  SteadyTime now_{std::chrono::hours(1)};
  LineControl control_{now_};
  LineContext context_{.can_change_scale = true,
                       .bitrate_bps = kBitrate,
                       .sufficient_bps = {400'000, 100'000, 25'000}};
  LineControl::Decision decision_;
};

TEST_F(LineControlTest, NeverLate_LimitsNothing) {
  EXPECT_EQ(UpdateFor(seconds(10), kGood), LineControl::Decision{});
  EXPECT_FALSE(control_.is_limited());
  EXPECT_FALSE(control_.TakeWantsMeasurement());
  EXPECT_EQ(control_.reason(), "the line carries all");
}

TEST_F(LineControlTest, LateInTwoSamples_IsNotDrained) {
  const LineState late{.delay = milliseconds(100), .standing_delay = milliseconds(100)};
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Update(i % 3 == 2 ? kGood : late).limit_bps, std::nullopt);
  }
}

TEST_F(LineControlTest, LateInThreeSamples_IsDrained) {
  const LineState late{.delay = milliseconds(100), .standing_delay = milliseconds(100)};
  EXPECT_EQ(Update(late).limit_bps, std::nullopt);
  EXPECT_EQ(Update(late).limit_bps, std::nullopt);
  EXPECT_EQ(Update(late).limit_bps, 0);
  EXPECT_TRUE(control_.is_limited());
  EXPECT_EQ(control_.reason(), "pictures are late");
}

TEST_F(LineControlTest, VeryLate_IsDrainedAtOnceAndMeasured) {
  EXPECT_EQ(Update({.delay = milliseconds(200)}).limit_bps, std::nullopt);
  EXPECT_EQ(Update({.delay = milliseconds(201)}).limit_bps, 0);
  EXPECT_TRUE(control_.TakeWantsMeasurement());
  EXPECT_FALSE(control_.TakeWantsMeasurement()) << "once";
}

TEST_F(LineControlTest, Draining_LastsUntilAllHasArrived) {
  Update(kVeryLate);
  for (const milliseconds delay : {milliseconds(300), milliseconds(100), milliseconds(10)}) {
    EXPECT_EQ(Update({.delay = delay}).limit_bps, 0);
  }
  EXPECT_NE(Update({.delay = milliseconds(9)}).limit_bps, 0);
}

TEST_F(LineControlTest, Drained_WantsALittleLessThanTheLineCarried) {
  EXPECT_EQ(Drain(600'000).limit_bps, 510'000);
  EXPECT_EQ(control_.reason(), "the line is slow");
  EXPECT_EQ(Drain(500'000).limit_bps, 425'000);
}

TEST_F(LineControlTest, DrainedAndLineCarriesMoreThanBefore_LimitStays) {
  Drain(500'000);
  EXPECT_EQ(Drain(900'000).limit_bps, 425'000) << "that was too much just now";
}

TEST_F(LineControlTest, DrainedWithoutAMeasurement_WantsLessThanBefore) {
  context_.can_change_scale = false;
  Update(kVeryLate);
  EXPECT_EQ(Update(kGood).limit_bps, 560'000) << "of the bitrate";
  Update(kVeryLate);
  EXPECT_EQ(Update(kGood).limit_bps, 392'000) << "of its limit";
}

TEST_F(LineControlTest, OutageWithoutAMeasurement_LimitIsAsBefore) {
  LineState down = kVeryLate;
  down.is_down = true;
  Update(kVeryLate);
  Update(down);
  EXPECT_EQ(Update(kGood).limit_bps, std::nullopt);
  EXPECT_FALSE(control_.is_limited());
  EXPECT_EQ(control_.reason(), "the line was down");
  Drain(600'000);
  Update(kVeryLate);
  UpdateFor(seconds(10), down);
  EXPECT_EQ(Update(kGood).limit_bps, 510'000);
}

TEST_F(LineControlTest, LineIsDown_DrainingDoesNotEnd) {
  Update(kVeryLate);
  EXPECT_EQ(Update({.delay = milliseconds(0), .is_down = true}).limit_bps, 0);
}

TEST_F(LineControlTest, LineCarriesNextToNothing_LimitHasALowerBound) {
  context_.can_change_scale = false;
  EXPECT_EQ(Drain(1'000).limit_bps, 20'000);
  const LineState standing{.standing_delay = milliseconds(50)};
  EXPECT_EQ(UpdateFor(seconds(10), standing).limit_bps, 20'000);
}

TEST_F(LineControlTest, LineOfAFewTimesTheBitrate_IsLimitedThoughNothingIsLate) {
  EXPECT_EQ(Update({.rate_bps = 2'000'000}).limit_bps, std::nullopt) << "not measured now";
  EXPECT_EQ(Update(Measured(2'000'000)).limit_bps, 1'700'000);
  EXPECT_EQ(context_.scale, VideoScale::kFull);
}

TEST_F(LineControlTest, LineOfManyTimesTheBitrate_IsNotLimited) {
  EXPECT_EQ(Update(Measured(8'000'000)).limit_bps, std::nullopt);
}

TEST_F(LineControlTest, NothingIsLate_LimitGrowsByAThirdASecondAfterAWhile) {
  Drain(600'000);
  EXPECT_EQ(UpdateFor(milliseconds(975), kGood).limit_bps, 510'000);
  const auto after_one = static_cast<double>(*UpdateFor(milliseconds(1025), kGood).limit_bps);
  EXPECT_NEAR(after_one, 510'000 * std::exp(0.3), 15'000);
  const auto after_two = static_cast<double>(*UpdateFor(seconds(1), kGood).limit_bps);
  EXPECT_NEAR(after_two / after_one, std::exp(0.3), 0.02);
}

TEST_F(LineControlTest, QueueStands_LimitGrowsMoreSlowlyOrShrinks) {
  const auto factor = [&](milliseconds standing) {
    LineControl control(now_);
    std::swap(control, control_);
    Drain(600'000);
    UpdateFor(seconds(1), kGood);
    const auto before = static_cast<double>(*decision_.limit_bps);
    const LineState line{.delay = standing, .standing_delay = standing};
    return static_cast<double>(*UpdateFor(seconds(1), line).limit_bps) / before;
  };
  EXPECT_NEAR(factor(milliseconds(5)), std::exp(0.3), 0.02);
  EXPECT_NEAR(factor(milliseconds(12)), std::exp(0.3 * 8 / 15), 0.02);
  EXPECT_NEAR(factor(milliseconds(20)), std::exp(-0.5), 0.02);
  EXPECT_NEAR(factor(milliseconds(60)), std::exp(-0.5), 0.02);
}

TEST_F(LineControlTest, LineIsGoodAgain_LimitGoes) {
  Drain(600'000);
  control_.TakeWantsMeasurement();
  Duration past_bitrate{0};
  const SteadyTime begin = now_;
  while (control_.is_limited() && now_ - begin < seconds(30)) {
    Update(kGood);
    if (past_bitrate == Duration(0) && decision_.limit_bps.value_or(INT64_MAX) >= kBitrate) {
      past_bitrate = now_ - begin;
    }
    EXPECT_LT(decision_.limit_bps.value_or(0), kFree);
  }
  EXPECT_LE(past_bitrate, seconds(5)) << "then it limits nothing any more";
  EXPECT_LE(now_ - begin, seconds(12));
  EXPECT_EQ(decision_.limit_bps, std::nullopt);
  EXPECT_EQ(control_.reason(), "the line carries all");
  EXPECT_TRUE(control_.TakeWantsMeasurement()) << "what was measured is old";
}

TEST_F(LineControlTest, DrainingWhileOthersWatch_PicturesAreNotForIt) {
  context_.shares_pictures = true;
  EXPECT_FALSE(Update(kGood).drops_pictures);
  EXPECT_TRUE(Update(kVeryLate).drops_pictures);
  context_.shares_pictures = false;
  EXPECT_FALSE(Update(kVeryLate).drops_pictures) << "alone: there will be none";
  context_.shares_pictures = true;
  EXPECT_TRUE(Update(kVeryLate).drops_pictures);
  EXPECT_FALSE(Update(Measured(600'000)).drops_pictures);
}

TEST_F(LineControlTest, OthersWantMoreThanTheLineCarries_MovesToASmallerTrack) {
  context_.others_want_bps = 600'000;
  EXPECT_EQ(Drain(600'000).scale, VideoScale::kHalf);
  EXPECT_EQ(decision_.limit_bps, 510'000) << "at once, with its limit";
  EXPECT_EQ(control_.reason(), "too slow for this size");
}

TEST_F(LineControlTest, OthersWantLess_Stays) {
  context_.others_want_bps = 500'000;
  EXPECT_EQ(Drain(600'000).scale, VideoScale::kFull);
}

// It is not congested by them as yet.
TEST_F(LineControlTest, OthersComeWhileNothingIsLate_Stays) {
  Drain(600'000);
  context_.others_want_bps = INT64_MAX;
  EXPECT_EQ(UpdateFor(milliseconds(500), kGood).scale, VideoScale::kFull);
}

TEST_F(LineControlTest, LineCarriesLittleMoreThanSuffices_MovesWhenDrained) {
  EXPECT_EQ(Drain(560'000).scale, VideoScale::kHalf);  // 476'000 of 400'000
}

TEST_F(LineControlTest, LineCarriesEnough_StaysWhenDrained) {
  EXPECT_EQ(Drain(570'000).scale, VideoScale::kFull);  // 484'500
}

TEST_F(LineControlTest, LimitShrinksBelowWhatSuffices_MovesWithoutBeingLate) {
  Drain(570'000);
  const LineState standing{.standing_delay = milliseconds(40)};
  EXPECT_LE(TimeToMove(VideoScale::kFull, seconds(5), standing), seconds(1));
  EXPECT_EQ(context_.scale, VideoScale::kHalf);
  EXPECT_LT(*decision_.limit_bps, 400'000);
}

TEST_F(LineControlTest, LineCarriesNextToNothing_NeverBelowAQuarter) {
  Drain(10'000);
  EXPECT_EQ(UpdateFor(milliseconds(500), kGood).scale, VideoScale::kQuarter);
  context_.others_want_bps = INT64_MAX;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Drain(10'000).scale, VideoScale::kQuarter);
    EXPECT_EQ(Update(kGood).scale, VideoScale::kQuarter);
  }
}

TEST_F(LineControlTest, ProtocolHasOneSize_NeverMoves) {
  context_.can_change_scale = false;
  context_.others_want_bps = INT64_MAX;
  for (const Quality quality : {Quality::kAuto, Quality::kFull, Quality::kLow}) {
    context_.quality = quality;
    EXPECT_EQ(Drain(10'000).scale, VideoScale::kFull);
    EXPECT_EQ(UpdateFor(seconds(3), kGood).scale, VideoScale::kFull);
  }
}

TEST_F(LineControlTest, QualityFull_NeverMovesAndIsLimited) {
  context_.quality = Quality::kFull;
  context_.others_want_bps = INT64_MAX;
  EXPECT_EQ(Drain(50'000).scale, VideoScale::kFull);
  EXPECT_EQ(decision_.limit_bps, 42'500);
}

TEST_F(LineControlTest, QualityFullOnASmallerTrack_MovesAtOnceEvenWhileDraining) {
  Drain(200'000);
  Update(kGood);
  ASSERT_EQ(context_.scale, VideoScale::kHalf);
  Update(kVeryLate);
  context_.quality = Quality::kFull;
  EXPECT_EQ(Update(kVeryLate).scale, VideoScale::kFull);
}

TEST_F(LineControlTest, QualityLow_IsHalfWithALimitOfItsOwn) {
  context_.quality = Quality::kLow;
  EXPECT_EQ(Update(kGood).scale, VideoScale::kHalf);
  EXPECT_EQ(Update(kGood).limit_bps, 220'000);
  EXPECT_FALSE(control_.is_limited()) << "not by its line";
  EXPECT_EQ(UpdateFor(seconds(30), kGood).scale, VideoScale::kHalf);
}

TEST_F(LineControlTest, QualityLowOnAThinLine_IsAQuarterAndComesBackToHalf) {
  context_.quality = Quality::kLow;
  Update(kGood);
  Drain(100'000);
  ASSERT_EQ(context_.scale, VideoScale::kQuarter);
  TimeToMove(VideoScale::kQuarter, seconds(10));
  EXPECT_EQ(UpdateFor(seconds(30), kGood).scale, VideoScale::kHalf);
}

TEST_F(LineControlTest, QualityLowAfterItWasLate_WantsNoMoreThanBefore) {
  context_.quality = Quality::kLow;
  Update(kGood);
  Drain(150'000);
  EXPECT_LT(*decision_.limit_bps, 220'000);
  UpdateFor(seconds(30), kGood);
  EXPECT_EQ(decision_.limit_bps, 220'000);
  EXPECT_FALSE(control_.is_limited());
  EXPECT_TRUE(control_.IsUninteresting(now_));
}

TEST_F(LineControlTest, NoSmallerTrack_IsFullAtEveryQuality) {
  context_.sufficient_bps = {400'000, 0, 0};
  for (const Quality quality : {Quality::kAuto, Quality::kFull, Quality::kLow}) {
    context_.quality = quality;
    EXPECT_EQ(UpdateFor(seconds(1), kGood).scale, VideoScale::kFull);
    EXPECT_EQ(Drain(50'000).scale, VideoScale::kFull);
    EXPECT_EQ(UpdateFor(seconds(30), kGood).scale, VideoScale::kFull);
    EXPECT_EQ(decision_.limit_bps, std::nullopt);
  }
}

TEST_F(LineControlTest, ItsTrackIsNoMore_MovesToFull) {
  for (const Quality quality : {Quality::kAuto, Quality::kLow}) {
    context_.quality = quality;
    context_.scale = VideoScale::kQuarter;
    context_.sufficient_bps = {400'000, 100'000, 0};
    EXPECT_EQ(Update(kGood).scale, VideoScale::kFull);
  }
}

TEST_F(LineControlTest, FreeOnASmallerTrack_WantsWhatSufficesForIt) {
  context_.scale = VideoScale::kHalf;
  context_.quality = Quality::kLow;
  EXPECT_EQ(Update(kGood).limit_bps, 220'000);
}

TEST_F(LineControlTest, LowBitrate_ComesBackToFull) {
  context_.bitrate_bps = 40'000;  // of which a limit is at most eight times as much
  Drain(30'000);
  ASSERT_EQ(context_.scale, VideoScale::kHalf);
  UpdateFor(seconds(60), kGood);
  EXPECT_EQ(context_.scale, VideoScale::kFull);
  EXPECT_FALSE(control_.is_limited());
}

// A larger track's first picture may come seconds after the decision.
TEST_F(LineControlTest, LateBeforeTheLargerTrackBegins_StaysAndDoesNotCountAsAFailure) {
  Drain(400'000);
  ASSERT_EQ(context_.scale, VideoScale::kHalf);
  TimeToMove(VideoScale::kHalf, seconds(10));
  ASSERT_EQ(context_.scale, VideoScale::kFull);
  context_.is_moving = true;
  UpdateFor(seconds(5), kGood);
  EXPECT_EQ(Update(kVeryLate).scale, VideoScale::kHalf);
  context_.is_moving = false;
  Update(Measured(400'000));
  EXPECT_NEAR(Seconds(TimeToMove(VideoScale::kHalf, seconds(10))), 1 + std::log(600. / 340) / 0.3,
              0.2)
      << "the hold is as short as before";
}

TEST_F(LineControlTest, LateSoonAfterTheLargerTrackBegan_HoldsTwiceAsLong) {
  Drain(400'000);
  TimeToMove(VideoScale::kHalf, seconds(10));
  context_.is_moving = true;
  UpdateFor(seconds(10), kGood);
  context_.is_moving = false;
  UpdateFor(milliseconds(500), kGood);
  Drain(400'000);
  ASSERT_EQ(context_.scale, VideoScale::kHalf);
  EXPECT_NEAR(Seconds(TimeToMove(VideoScale::kHalf, seconds(10))), 2 + std::log(600. / 340) / 0.3,
              0.2);
}

TEST_F(LineControlTest, Pause_DoesNotCountAsTime) {
  Drain(700'000);
  const auto limit = decision_.limit_bps;
  const LineState shrinking{.standing_delay = milliseconds(25)};
  control_.NotePause(now_ += seconds(3));
  EXPECT_GE(Update(shrinking).limit_bps, *limit * 9 / 10);
}

TEST_F(LineControlTest, QualityAutoAfterLow_MovesToFull) {
  context_.quality = Quality::kLow;
  UpdateFor(seconds(1), kGood);
  context_.quality = Quality::kAuto;
  EXPECT_EQ(Update(kGood).scale, VideoScale::kFull);
  EXPECT_EQ(decision_.limit_bps, std::nullopt);
}

TEST_F(LineControlTest, LineCarriesTheLargerTrackAgain_MovesBack) {
  Drain(400'000);
  ASSERT_EQ(context_.scale, VideoScale::kHalf);
  // From 340'000 to 600'000, and the hold.
  const Duration time = TimeToMove(VideoScale::kHalf, seconds(10));
  EXPECT_EQ(context_.scale, VideoScale::kFull);
  EXPECT_GE(*decision_.limit_bps, 600'000);
  EXPECT_NEAR(Seconds(time), 1 + std::log(600. / 340) / 0.3, 0.2);
}

TEST_F(LineControlTest, ViewersOfTheLargerTrackWantMore_WaitsUntilTheLineCarriesThat) {
  Drain(400'000);
  context_.larger_wants_bps = INT64_MAX;  // one of them has no limit
  TimeToMove(VideoScale::kHalf, seconds(10));
  EXPECT_EQ(context_.scale, VideoScale::kFull);
  EXPECT_GE(*decision_.limit_bps, kBitrate);
}

TEST_F(LineControlTest, ThinLine_MovesBackStepByStep) {
  Drain(50'000);
  Update(kGood);
  ASSERT_EQ(context_.scale, VideoScale::kQuarter);
  TimeToMove(VideoScale::kQuarter, seconds(30));
  EXPECT_EQ(context_.scale, VideoScale::kHalf);
  EXPECT_GE(*decision_.limit_bps, 150'000);
  EXPECT_LT(*decision_.limit_bps, 200'000);
  TimeToMove(VideoScale::kHalf, seconds(30));
  EXPECT_EQ(context_.scale, VideoScale::kFull);
}

TEST_F(LineControlTest, MoveToTheLargerTrackFails_NextOneWaitsTwiceAsLongEachTimeUpToAMinute) {
  Drain(700'000);
  context_.others_want_bps = INT64_MAX;
  Duration hold = seconds(1);
  for (int failures = 0; failures < 9; ++failures) {
    SCOPED_TRACE(failures);
    Drain(700'000);
    ASSERT_EQ(context_.scale, VideoScale::kHalf);
    // It carries enough at the latest when the hold ends, because it grows after that only.
    const Duration time = TimeToMove(VideoScale::kHalf, seconds(90));
    ASSERT_EQ(context_.scale, VideoScale::kFull);
    EXPECT_GE(time, hold);
    EXPECT_LE(time, hold + seconds(2));
    UpdateFor(seconds(5), kGood);
    hold = std::min<Duration>(2 * hold, seconds(60));
  }
}

TEST_F(LineControlTest, MoveToTheLargerTrackSucceeds_NextOneWaitsAsAtFirst) {
  Drain(700'000);
  context_.others_want_bps = INT64_MAX;
  for (int failures = 0; failures < 4; ++failures) {
    Drain(700'000);
    TimeToMove(VideoScale::kHalf, seconds(90));
    UpdateFor(seconds(5), kGood);
  }
  Drain(700'000);
  EXPECT_GE(TimeToMove(VideoScale::kHalf, seconds(90)), seconds(16));
  UpdateFor(seconds(11), kGood);
  Drain(700'000);
  EXPECT_LE(TimeToMove(VideoScale::kHalf, seconds(90)), seconds(3));
}

TEST_F(LineControlTest, NewAndNeverLate_IsUninterestingSoon) {
  UpdateFor(milliseconds(225), kGood);
  EXPECT_FALSE(control_.IsUninteresting(now_));
  Update(kGood);
  EXPECT_TRUE(control_.IsUninteresting(now_));
}

TEST_F(LineControlTest, WasLimited_IsUninterestingTwoSecondsAfterTheLimit) {
  Drain(600'000);
  EXPECT_FALSE(control_.IsUninteresting(now_ + seconds(60)));
  while (control_.is_limited()) {
    Update(kGood);
  }
  UpdateFor(milliseconds(1975), kGood);
  EXPECT_FALSE(control_.IsUninteresting(now_));
  Update(kGood);
  EXPECT_TRUE(control_.IsUninteresting(now_));
}

TEST_F(LineControlTest, Reasons_FitTheMessage) {
  const auto check = [&] { EXPECT_LE(control_.reason().size(), 24U) << control_.reason(); };
  check();
  Update(Measured(2'000'000));
  check();
  Drain(600'000);
  check();
  Update(kVeryLate);
  check();
  Update({.delay = seconds(1), .is_down = true});
  Update(kGood);
  check();
  Drain(100'000);
  check();
}

}  // namespace
}  // namespace pistream
