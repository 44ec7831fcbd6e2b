#include "src/encode/mpeg1/rate_control.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>

#include "gtest/gtest.h"

namespace pistream {
namespace {

using std::chrono::milliseconds;

constexpr RateControlConfig kConfig = {.bitrate_bps = 800'000,
                                       .framerate = {.numerator = 25, .denominator = 1},
                                       .gop_pictures = 25,
                                       .smallest_intra_bits = 36'000,
                                       .repeat_bits = 400,
                                       .largest_picture_bits = 4'194'304};
constexpr int64_t kMeanBits = 32'000;
constexpr milliseconds kFrameTime{40};

// Content that takes `cost / quantiser` bits.
class Simulation {
 public:
  explicit Simulation(const RateControlConfig& config = kConfig) : rate_(config) {}

  // What an encoder does with a RateControl that turns nothing down.
  int64_t Code(PictureType type, double cost) {
    Wait(kFrameTime);
    last_quantiser_ = rate_.Quantiser(type);
    const auto bits = static_cast<int64_t>(cost / last_quantiser_);
    rate_.Tried(type, last_quantiser_, bits);
    type == PictureType::kIntra ? rate_.SentIntra(bits) : rate_.SentPredicted(bits);
    return bits;
  }

  int64_t CodeGop(double intra_cost, double predicted_cost) {
    int64_t bits = Code(PictureType::kIntra, intra_cost);
    for (int picture = 1; picture < kConfig.gop_pictures; ++picture) {
      bits += Code(PictureType::kPredicted, predicted_cost);
    }
    return bits;
  }

  void Wait(milliseconds time) {
    now_ += time;
    rate_.Advance(now_);
  }

  RateControl& rate() { return rate_; }
  int last_quantiser() const { return last_quantiser_; }

 private:
  RateControl rate_;
  SteadyTime now_{std::chrono::hours(1)};
  int last_quantiser_ = 0;
};

TEST(RateControlTest, EvenContent_TakesTheBitrate) {
  Simulation simulation;
  for (int gop = 0; gop < 5; ++gop) {
    simulation.CodeGop(1'500'000, 250'000);
  }
  int64_t bits = 0;
  for (int gop = 0; gop < 10; ++gop) {
    bits += simulation.CodeGop(1'500'000, 250'000);
  }
  EXPECT_NEAR(static_cast<double>(bits), 8'000'000, 0.02 * 8'000'000);
}

TEST(RateControlTest, CheapContent_GetsTheFinestQuantiser) {
  Simulation simulation;
  for (int gop = 0; gop < 3; ++gop) {
    simulation.CodeGop(100'000, 1'000);
  }
  EXPECT_EQ(simulation.last_quantiser(), RateControl::kFinest);
}

TEST(RateControlTest, DearContent_GetsTheCoarsestQuantiser) {
  Simulation simulation;
  for (int gop = 0; gop < 3; ++gop) {
    simulation.CodeGop(8'000'000, 2'000'000);
  }
  EXPECT_EQ(simulation.last_quantiser(), RateControl::kCoarsest);
}

TEST(RateControlTest, IntraLimit_IsAtMostEightMeanPictures) {
  Simulation simulation;
  simulation.Wait(milliseconds(0));
  EXPECT_EQ(simulation.rate().Limit(PictureType::kIntra), 8 * kMeanBits);
}

TEST(RateControlTest, IntraLimit_IsNeverLessThanTheSmallestIntra) {
  Simulation simulation;
  simulation.rate().SentPredicted(1'000'000);
  EXPECT_EQ(simulation.rate().Limit(PictureType::kIntra), kConfig.smallest_intra_bits);
}

TEST(RateControlTest, LargestPicture_LimitsBothTypes) {
  RateControlConfig config = kConfig;
  config.largest_picture_bits = 100'000;
  RateControl rate(config);
  EXPECT_EQ(rate.Limit(PictureType::kIntra), 100'000);
  EXPECT_EQ(rate.Limit(PictureType::kPredicted), 100'000);
}

TEST(RateControlTest, PredictedPictures_LeaveEnoughForAnIntra) {
  Simulation simulation;
  for (int picture = 0; picture < 200; ++picture) {
    simulation.Wait(kFrameTime);
    simulation.rate().SentPredicted(simulation.rate().Limit(PictureType::kPredicted));
  }
  EXPECT_GE(simulation.rate().Limit(PictureType::kIntra), kConfig.smallest_intra_bits);
  // No more is there than that, and what came since.
  EXPECT_LE(simulation.rate().Limit(PictureType::kPredicted), kMeanBits);
}

// Example failure is a bucket so large that it alone exceeds 10 % of 10 s.
TEST(RateControlTest, GreedyEncoder_StaysWithinTheBoundOverAny10Seconds) {
  Simulation simulation;
  std::deque<int64_t> window;
  int64_t sum = 0;
  int64_t most = 0;
  for (int picture = 0; picture < 1500; ++picture) {
    simulation.Wait(kFrameTime);
    // Saves for 8 s, then takes all it gets, with keyframes each half second.
    int64_t bits = 0;
    if (picture >= 200) {
      const bool intra = picture % 13 == 0;
      bits = simulation.rate().Limit(intra ? PictureType::kIntra : PictureType::kPredicted);
      intra ? simulation.rate().SentIntra(bits) : simulation.rate().SentPredicted(bits);
    }
    window.push_back(bits);
    sum += bits;
    if (window.size() > 250) {
      sum -= window.front();
      window.pop_front();
    }
    most = std::max(most, sum);
  }
  EXPECT_LE(most, 8'800'000);
  EXPECT_GE(most, 8'000'000);
}

TEST(RateControlTest, SlowCamera_SpendsByTheFramesTimes) {
  Simulation simulation;
  simulation.Wait(kFrameTime);
  simulation.rate().SentPredicted(simulation.rate().Limit(PictureType::kPredicted));
  simulation.Wait(milliseconds(100));
  EXPECT_NEAR(static_cast<double>(simulation.rate().Limit(PictureType::kPredicted)), 80'000, 2);
}

TEST(RateControlTest, TimeGoingBack_TakesNothingAway) {
  Simulation simulation;
  simulation.Wait(kFrameTime);
  const int64_t before = simulation.rate().Limit(PictureType::kPredicted);
  simulation.Wait(milliseconds(-500));
  EXPECT_EQ(simulation.rate().Limit(PictureType::kPredicted), before);
}

// Example failures are P pictures that leave the next I picture no more than a flat one takes, and
// a P picture tried when it cannot fit, after which only I pictures can follow.
TEST(RateControlTest, PredictedTooDear_IsSentNowAndThenAndLeavesTheIntraItsPart) {
  constexpr double kPredictedCost = 1.7 * kMeanBits * RateControl::kCoarsest;
  const auto limit = [](Simulation& simulation, PictureType type) {
    return simulation.rate().Limit(type) + kMeanBits;  // a frame's time passes before it is coded
  };
  Simulation simulation;
  simulation.Code(PictureType::kIntra, 4'000'000);  // the first is a guess
  int shown = 0;
  int stands = 0;
  for (int gop = 0; gop < 20; ++gop) {
    const int64_t intra_limit = limit(simulation, PictureType::kIntra);
    EXPECT_LE(simulation.Code(PictureType::kIntra, 4'000'000), intra_limit) << "GOP " << gop;
    for (int picture = 1; picture < kConfig.gop_pictures; ++picture) {
      if (simulation.rate().PredictedFits()) {
        const int64_t predicted_limit = limit(simulation, PictureType::kPredicted);
        EXPECT_LE(simulation.Code(PictureType::kPredicted, kPredictedCost), predicted_limit);
        ++shown;
        stands = 0;
      } else {
        simulation.Wait(kFrameTime);
        simulation.rate().SentRepeat(400);
        EXPECT_LE(++stands, 4) << "GOP " << gop << ", picture " << picture;
      }
    }
  }
  EXPECT_GE(shown, 20 * 10);
}

// Example failure is a scene that has come to rest, and is shown in I pictures only for good: with
// short GOPs the bucket never gets full enough for what the last P picture took.
TEST(RateControlTest, PredictedTooDear_IsTriedAgainAfterAWhile) {
  RateControlConfig config = kConfig;
  config.gop_pictures = 2;
  Simulation simulation(config);
  for (int gop = 0; gop < 5; ++gop) {
    simulation.Code(PictureType::kIntra, 4'000'000);
    simulation.Code(PictureType::kPredicted, 3'900'000);
  }
  int frames = 0;
  for (; !simulation.rate().PredictedFits() && frames < 100; frames += 2) {
    simulation.Code(PictureType::kIntra, 4'000'000);
    simulation.Wait(kFrameTime);
    simulation.rate().SentRepeat(400);
  }
  EXPECT_GT(frames, 0);
  EXPECT_LT(frames, 25);
}

TEST(RateControlTest, PredictedAsDearAsAnIntra_IsACutWhereTheLastWereCheap) {
  Simulation simulation;
  simulation.CodeGop(1'500'000, 150'000);
  EXPECT_TRUE(simulation.rate().IsCut(10, 140'000));
  EXPECT_FALSE(simulation.rate().IsCut(10, 130'000));
  EXPECT_FALSE(simulation.rate().IsCut(9, 140'000));
}

// Noise: each P picture takes as much as an I picture, which would be no better.
TEST(RateControlTest, PredictedAsDearAsAnIntra_IsNoCutWhereTheLastWereDear) {
  Simulation simulation;
  simulation.CodeGop(1'500'000, 1'400'000);
  EXPECT_FALSE(simulation.rate().IsCut(10, 140'000));
}

TEST(RateControlTest, PredictedRightAfterAnIntra_IsNoCut) {
  Simulation simulation;
  simulation.CodeGop(1'500'000, 150'000);
  simulation.Code(PictureType::kIntra, 1'500'000);
  EXPECT_FALSE(simulation.rate().IsCut(10, 140'000));
}

TEST(RateControlTest, IntraOutOfTurn_WaitsUntilEnoughIsSaved) {
  Simulation simulation;
  EXPECT_TRUE(simulation.rate().IntraFits());
  simulation.Wait(kFrameTime);
  simulation.rate().SentPredicted(simulation.rate().Limit(PictureType::kPredicted));
  EXPECT_FALSE(simulation.rate().IntraFits());
  simulation.Wait(milliseconds(160));
  EXPECT_TRUE(simulation.rate().IntraFits());
}

// A still scene must not go from coarse to finest in one picture that only an I picture could pay.
TEST(RateControlTest, StillScene_IsRefinedInAffordableSteps) {
  Simulation simulation;
  simulation.CodeGop(4'000'000, 100'000);
  simulation.Code(PictureType::kIntra, 4'000'000);
  for (int picture = 1; picture < kConfig.gop_pictures; ++picture) {
    const int before = simulation.last_quantiser();
    simulation.Code(PictureType::kPredicted, 8'000);
    EXPECT_GE(simulation.last_quantiser(), before * 3 / 4);
  }
}

TEST(RateControlTest, Quantiser_BeforeAnyPicture_IsInRange) {
  for (const PictureType type : {PictureType::kIntra, PictureType::kPredicted}) {
    const int quantiser = RateControl(kConfig).Quantiser(type);
    EXPECT_GE(quantiser, RateControl::kFinest);
    EXPECT_LE(quantiser, RateControl::kCoarsest);
  }
}

TEST(RateControlTest, MinimumBitrate_IsTwoSmallestIntrasASecondAndRepeats) {
  EXPECT_EQ(RateControl::MinimumBitrate(kConfig), 82'000);
  RateControlConfig all_intra = kConfig;
  all_intra.gop_pictures = 1;
  EXPECT_EQ(RateControl::MinimumBitrate(all_intra), 910'000);
}

}  // namespace
}  // namespace pistream
