#include "src/encode/mpeg1/rate_control.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

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

// Simulates content whose pictures have `cost / quantiser` bits.
class Simulation {
 public:
  explicit Simulation(const RateControlConfig& config = kConfig) : rate_(config) {}

  // Encodes and sends a picture with the suggested quantiser, without checking the limit.
  int64_t Encode(PictureType type, double cost) {
    Wait(kFrameTime);
    last_quantiser_ = rate_.Quantiser(type);
    const auto bits = static_cast<int64_t>(cost / last_quantiser_);
    rate_.OnAttempt(type, last_quantiser_, bits);
    rate_.OnSent(type, bits);
    return bits;
  }

  int64_t EncodeGop(double intra_cost, double predicted_cost) {
    int64_t bits = Encode(PictureType::kIntra, intra_cost);
    for (int picture = 1; picture < kConfig.gop_pictures; ++picture) {
      bits += Encode(PictureType::kPredicted, predicted_cost);
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

TEST(RateControlTest, ConstantContent_UsesTheBitrate) {
  Simulation simulation;
  for (int gop = 0; gop < 5; ++gop) {
    simulation.EncodeGop(1'500'000, 250'000);
  }
  int64_t bits = 0;
  for (int gop = 0; gop < 10; ++gop) {
    bits += simulation.EncodeGop(1'500'000, 250'000);
  }
  EXPECT_NEAR(static_cast<double>(bits), 8'000'000, 0.02 * 8'000'000);
}

TEST(RateControlTest, CheapContent_GetsTheFinestQuantiser) {
  Simulation simulation;
  for (int gop = 0; gop < 3; ++gop) {
    simulation.EncodeGop(100'000, 1'000);
  }
  EXPECT_EQ(simulation.last_quantiser(), RateControl::kFinest);
}

TEST(RateControlTest, ExpensiveContent_GetsTheCoarsestQuantiser) {
  Simulation simulation;
  for (int gop = 0; gop < 3; ++gop) {
    simulation.EncodeGop(8'000'000, 2'000'000);
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
  simulation.rate().OnSent(PictureType::kPredicted, 1'000'000);
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
    simulation.rate().OnSent(PictureType::kPredicted,
                             simulation.rate().Limit(PictureType::kPredicted));
  }
  EXPECT_GE(simulation.rate().Limit(PictureType::kIntra), kConfig.smallest_intra_bits);
  // The bucket holds that, and the bits of one frame time.
  EXPECT_LE(simulation.rate().Limit(PictureType::kPredicted), kMeanBits);
}

// Example failure: a bucket so large that it alone exceeds 10 % of 10 s.
TEST(RateControlTest, GreedyEncoder_StaysWithinTheBoundOverAny10Seconds) {
  Simulation simulation;
  std::deque<int64_t> window;
  int64_t sum = 0;
  int64_t most = 0;
  for (int picture = 0; picture < 1500; ++picture) {
    simulation.Wait(kFrameTime);
    // Sends nothing for 8 s, then pictures as large as the limit, with a keyframe each half second.
    int64_t bits = 0;
    if (picture >= 200) {
      const auto type = picture % 13 == 0 ? PictureType::kIntra : PictureType::kPredicted;
      bits = simulation.rate().Limit(type);
      simulation.rate().OnSent(type, bits);
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
  simulation.rate().OnSent(PictureType::kPredicted,
                           simulation.rate().Limit(PictureType::kPredicted));
  simulation.Wait(milliseconds(100));
  EXPECT_NEAR(static_cast<double>(simulation.rate().Limit(PictureType::kPredicted)), 80'000, 2);
}

TEST(RateControlTest, TimeGoingBack_RemovesNothing) {
  Simulation simulation;
  simulation.Wait(kFrameTime);
  const int64_t before = simulation.rate().Limit(PictureType::kPredicted);
  simulation.Wait(milliseconds(-500));
  EXPECT_EQ(simulation.rate().Limit(PictureType::kPredicted), before);
}

// Example failures: P pictures leave the next I picture only the smallest possible size; or a P
// picture that cannot fit is attempted, after which only I pictures can follow.
TEST(RateControlTest, PredictedTooLarge_IsSentAtIntervalsAndLeavesEnoughForTheIntra) {
  constexpr double kPredictedCost = 1.7 * kMeanBits * RateControl::kCoarsest;
  const auto limit = [](Simulation& simulation, PictureType type) {
    return simulation.rate().Limit(type) + kMeanBits;  // a frame time passes before it is encoded
  };
  Simulation simulation;
  simulation.Encode(PictureType::kIntra, 4'000'000);  // replaces the initial estimate
  int sent = 0;
  int repeats = 0;
  for (int gop = 0; gop < 20; ++gop) {
    const int64_t intra_limit = limit(simulation, PictureType::kIntra);
    EXPECT_LE(simulation.Encode(PictureType::kIntra, 4'000'000), intra_limit) << "GOP " << gop;
    for (int picture = 1; picture < kConfig.gop_pictures; ++picture) {
      if (simulation.rate().PredictedFits()) {
        const int64_t predicted_limit = limit(simulation, PictureType::kPredicted);
        EXPECT_LE(simulation.Encode(PictureType::kPredicted, kPredictedCost), predicted_limit);
        ++sent;
        repeats = 0;
      } else {
        simulation.Wait(kFrameTime);
        simulation.rate().OnRepeatSent(400);
        EXPECT_LE(++repeats, 4) << "GOP " << gop << ", picture " << picture;
      }
    }
  }
  EXPECT_GE(sent, 20 * 10);
}

// Example failure: after motion has stopped, only I pictures are sent forever, because with short
// GOPs the bucket never holds enough for a P picture as large as the last one.
TEST(RateControlTest, PredictedTooLarge_IsAttemptedAgainAfterAWhile) {
  RateControlConfig config = kConfig;
  config.gop_pictures = 2;
  Simulation simulation(config);
  for (int gop = 0; gop < 5; ++gop) {
    simulation.Encode(PictureType::kIntra, 4'000'000);
    simulation.Encode(PictureType::kPredicted, 3'900'000);
  }
  int frames = 0;
  for (; !simulation.rate().PredictedFits() && frames < 100; frames += 2) {
    simulation.Encode(PictureType::kIntra, 4'000'000);
    simulation.Wait(kFrameTime);
    simulation.rate().OnRepeatSent(400);
  }
  EXPECT_GT(frames, 0);
  EXPECT_LT(frames, 25);
}

TEST(RateControlTest, PredictedAsLargeAsAnIntra_IsASceneCutAfterSmallOnes) {
  Simulation simulation;
  simulation.EncodeGop(1'500'000, 150'000);
  EXPECT_TRUE(simulation.rate().IsSceneCut(10, 140'000));
  EXPECT_FALSE(simulation.rate().IsSceneCut(10, 130'000));
  EXPECT_FALSE(simulation.rate().IsSceneCut(9, 140'000));
}

// Noise: every P picture is as large as an I picture, which would be no better.
TEST(RateControlTest, PredictedAsLargeAsAnIntra_IsNotASceneCutAfterLargeOnes) {
  Simulation simulation;
  simulation.EncodeGop(1'500'000, 1'400'000);
  EXPECT_FALSE(simulation.rate().IsSceneCut(10, 140'000));
}

TEST(RateControlTest, PredictedRightAfterAnIntra_IsNotASceneCut) {
  Simulation simulation;
  simulation.EncodeGop(1'500'000, 150'000);
  simulation.Encode(PictureType::kIntra, 1'500'000);
  EXPECT_FALSE(simulation.rate().IsSceneCut(10, 140'000));
}

TEST(RateControlTest, UnplannedIntra_WaitsUntilTheBucketHoldsEnough) {
  Simulation simulation;
  EXPECT_TRUE(simulation.rate().IntraFits());
  simulation.Wait(kFrameTime);
  simulation.rate().OnSent(PictureType::kPredicted,
                           simulation.rate().Limit(PictureType::kPredicted));
  EXPECT_FALSE(simulation.rate().IntraFits());
  simulation.Wait(milliseconds(160));
  EXPECT_TRUE(simulation.rate().IntraFits());
}

// A still scene must not go from coarse to finest in one P picture as large as an I picture.
TEST(RateControlTest, StillScene_IsRefinedInSmallSteps) {
  Simulation simulation;
  simulation.EncodeGop(4'000'000, 100'000);
  simulation.Encode(PictureType::kIntra, 4'000'000);
  for (int picture = 1; picture < kConfig.gop_pictures; ++picture) {
    const int before = simulation.last_quantiser();
    simulation.Encode(PictureType::kPredicted, 8'000);
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

constexpr int64_t kLimit = 200'000;
constexpr int64_t kMeanBitsOfLimit = 8'000;

TEST(RateControlTest, LimitedIntra_TakesLittleOfTheLineUnlessTheSmallestIsLarger) {
  for (const int64_t limit_bps : {20'000, 100'000, 400'000, 800'000, 5'000'000}) {
    SCOPED_TRACE(limit_bps);
    Simulation simulation;
    simulation.rate().SetLimit(limit_bps);
    simulation.Wait(milliseconds(1000));
    const auto most =
        static_cast<int64_t>(RateControl::kLimitedIntraSeconds * static_cast<double>(limit_bps));
    EXPECT_LE(simulation.rate().Limit(PictureType::kIntra),
              std::max(most, kConfig.smallest_intra_bits));
    EXPECT_LE(simulation.rate().Limit(PictureType::kIntra), 8 * kMeanBits);
    EXPECT_GE(simulation.rate().Limit(PictureType::kIntra), kConfig.smallest_intra_bits);
  }
}

// Example failure: what was saved before the limit came is sent at once.
TEST(RateControlTest, GreedyEncoderWithALimit_StaysWithinItAndTheBucketOverAnySecond) {
  for (const int64_t limit_bps : {100'000, 200'000, 400'000}) {
    SCOPED_TRACE(limit_bps);
    Simulation simulation;
    simulation.Wait(milliseconds(5000));
    simulation.rate().SetLimit(limit_bps);
    // The second is what P pictures leave for the smallest I picture, and some means.
    const int64_t bucket =
        std::max(limit_bps / 4, kConfig.smallest_intra_bits + 4 * limit_bps / 25);
    std::deque<int64_t> window;
    int64_t sum = 0;
    int64_t most = 0;
    for (int picture = 0; picture < 1000; ++picture) {
      simulation.Wait(kFrameTime);
      const auto type = picture % 250 == 0 ? PictureType::kIntra : PictureType::kPredicted;
      const int64_t bits = simulation.rate().Limit(type);
      simulation.rate().OnSent(type, bits);
      window.push_back(bits);
      sum += bits;
      if (window.size() > 25) {
        sum -= window.front();
        window.pop_front();
      }
      most = std::max(most, sum);
    }
    EXPECT_LE(most, limit_bps + bucket);
    EXPECT_GE(most, limit_bps * 9 / 10);
  }
}

// Example failure: P pictures save for an I picture that comes in ten seconds, and are repeats
// meanwhile.
TEST(RateControlTest, PredictedWithALimit_GoOnBetweenTheIntras) {
  constexpr double kPredictedCost = 0.8 * kMeanBitsOfLimit * RateControl::kCoarsest;
  Simulation simulation;
  simulation.rate().SetLimit(kLimit);
  simulation.Encode(PictureType::kIntra, 1'000'000);
  int64_t bits = 0;
  int run_of_repeats = 0;
  int sent = 0;
  for (int picture = 1; picture < 500; ++picture) {
    if (picture % 250 == 0) {
      bits += simulation.Encode(PictureType::kIntra, 1'000'000);
    } else if (simulation.rate().PredictedFits()) {
      const int64_t limit = simulation.rate().Limit(PictureType::kPredicted) + kMeanBitsOfLimit;
      const int64_t size = simulation.Encode(PictureType::kPredicted, kPredictedCost);
      EXPECT_LE(size, limit);
      bits += size;
      ++sent;
      run_of_repeats = 0;
    } else {
      simulation.Wait(kFrameTime);
      simulation.rate().OnRepeatSent(400);
      EXPECT_LE(++run_of_repeats, 12) << picture;
    }
  }
  EXPECT_GE(sent, 450);
  EXPECT_LE(bits, 20 * kLimit * 105 / 100);
}

TEST(RateControlTest, LimitChanges_ConstantContentUsesIt) {
  Simulation simulation;
  const auto bits_of_ten_seconds = [&] {
    int64_t bits = 0;
    for (int picture = 0; picture < 250; ++picture) {
      bits += simulation.Encode(picture == 0 ? PictureType::kIntra : PictureType::kPredicted,
                                picture == 0 ? 500'000 : 100'000);
    }
    return static_cast<double>(bits);
  };
  for (const int64_t limit_bps : {400'000, 200'000, 300'000}) {
    simulation.rate().SetLimit(limit_bps);
    bits_of_ten_seconds();
    EXPECT_NEAR(bits_of_ten_seconds(), static_cast<double>(10 * limit_bps),
                0.1 * static_cast<double>(10 * limit_bps))
        << limit_bps;
  }
}

TEST(RateControlTest, SlowCameraWithALimit_PicturesOccupyTheLineAsShortly) {
  for (const FrameRate framerate : {FrameRate{25, 1}, FrameRate{2, 1}, FrameRate{1, 10}}) {
    SCOPED_TRACE(framerate.numerator);
    RateControlConfig config = kConfig;
    config.framerate = framerate;
    config.gop_pictures = 1;
    RateControl rate(config);
    rate.SetLimit(kLimit);
    rate.Advance(SteadyTime());
    rate.Advance(SteadyTime(std::chrono::minutes(1)));
    EXPECT_LE(rate.Limit(PictureType::kPredicted),
              static_cast<int64_t>(RateControl::kLimitedBucketSeconds * kLimit));
    EXPECT_EQ(rate.LimitedGopPictures(), 10 * framerate.numerator / framerate.denominator)
        << "ten seconds";
  }
}

TEST(RateControlTest, LimitGoes_IsAsConfigured) {
  Simulation limited;
  Simulation never;
  limited.rate().SetLimit(kLimit);
  limited.EncodeGop(1'500'000, 250'000);
  limited.rate().SetLimit(std::nullopt);
  for (int gop = 0; gop < 10; ++gop) {
    limited.EncodeGop(1'500'000, 250'000);
    never.EncodeGop(1'500'000, 250'000);
  }
  EXPECT_NEAR(static_cast<double>(limited.EncodeGop(1'500'000, 250'000)),
              static_cast<double>(never.EncodeGop(1'500'000, 250'000)), 80'000);
  limited.Wait(milliseconds(5000));
  EXPECT_EQ(limited.rate().Limit(PictureType::kIntra), 8 * kMeanBits);
}

TEST(RateControlTest, LimitAboveTheBitrate_SpendsTheBitrate) {
  Simulation simulation;
  simulation.rate().SetLimit(3'000'000);
  simulation.Wait(kFrameTime);
  simulation.rate().OnSent(PictureType::kPredicted,
                           simulation.rate().Limit(PictureType::kPredicted));
  const int64_t left = simulation.rate().Limit(PictureType::kPredicted);
  simulation.Wait(milliseconds(100));
  EXPECT_NEAR(static_cast<double>(simulation.rate().Limit(PictureType::kPredicted) - left), 80'000,
              2);
}

TEST(RateControlTest, LimitedGop_IsTenSecondsOrTheConfigured) {
  EXPECT_EQ(RateControl(kConfig).LimitedGopPictures(), 250);
  RateControlConfig config = kConfig;
  config.gop_pictures = 600;
  EXPECT_EQ(RateControl(config).LimitedGopPictures(), 600);
}

TEST(RateControlTest, MinimumBitrate_IsTwoSmallestIntrasASecondAndRepeats) {
  EXPECT_EQ(RateControl::MinimumBitrate(kConfig), 82'000);
  RateControlConfig all_intra = kConfig;
  all_intra.gop_pictures = 1;
  EXPECT_EQ(RateControl::MinimumBitrate(all_intra), 910'000);
}

}  // namespace
}  // namespace pistream
