#include "e2e/links/link_model.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <vector>

namespace pistream::links {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SteadyTime kStart{seconds(1000)};
// A Mbit/s takes a millisecond for it.
constexpr size_t kPacket = 125;

LinkProfile Profile(double mbit = 1) {
  LinkProfile profile;
  profile.rate = {{.bits_per_second = mbit * 1e6}};
  profile.buffer = seconds(1);
  return profile;
}

// From the packet's sending to its arrival; nothing if it does not arrive.
std::optional<milliseconds> Delay(LinkModel& model, SteadyTime now, size_t bytes = kPacket) {
  const Verdict verdict = model.Offer(now, bytes);
  return verdict.fate == Fate::kDelivered
             ? std::optional(std::chrono::round<milliseconds>(verdict.deliver_at - now))
             : std::nullopt;
}

TEST(LinkModelTest, SinglePacket_TakesTheLinesTimeAndTheDelay) {
  LinkProfile profile = Profile();
  profile.delay = milliseconds(10);
  LinkModel model(profile);
  EXPECT_EQ(Delay(model, kStart), milliseconds(11));
  EXPECT_EQ(Delay(model, kStart + seconds(1), 10 * kPacket), milliseconds(20));
}

TEST(LinkModelTest, PacketsAtTheSameTime_WaitForEachOther) {
  LinkModel model(Profile());
  EXPECT_EQ(Delay(model, kStart), milliseconds(1));
  EXPECT_EQ(Delay(model, kStart), milliseconds(2));
  EXPECT_EQ(Delay(model, kStart + milliseconds(1)), milliseconds(2));
  EXPECT_EQ(Delay(model, kStart + milliseconds(100)), milliseconds(1));
}

TEST(LinkModelTest, FullBuffer_DropsWhatIsSentNext_UntilThereIsRoom) {
  LinkProfile profile = Profile();
  profile.buffer = milliseconds(50);
  LinkModel model(profile);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(model.Offer(kStart, kPacket).fate, Fate::kDelivered);
  }
  EXPECT_EQ(model.WaitingBytes(kStart), 50 * kPacket);
  EXPECT_EQ(model.Offer(kStart, kPacket).fate, Fate::kDropped);
  EXPECT_EQ(Delay(model, kStart + milliseconds(1)), milliseconds(50));
}

TEST(LinkModelTest, BufferOfASlowLine_HasRoomForTwoLargePackets) {
  LinkProfile profile = Profile(0.01);
  profile.buffer = milliseconds(1);
  LinkModel model(profile);
  EXPECT_EQ(model.Offer(kStart, 1500).fate, Fate::kDelivered);
  EXPECT_EQ(model.Offer(kStart, 1500).fate, Fate::kDelivered);
  EXPECT_EQ(model.Offer(kStart, 1500).fate, Fate::kDropped);
}

TEST(LinkModelTest, StepDown_CountsFromTheStart) {
  LinkProfile profile = Profile();
  profile.rate.push_back({.at = seconds(10), .bits_per_second = 1e5});
  LinkModel model(profile);
  EXPECT_EQ(Delay(model, kStart + seconds(20)), milliseconds(1)) << "has not started yet";
  model.Start(kStart + seconds(30));
  EXPECT_EQ(Delay(model, kStart + seconds(39)), milliseconds(1));
  EXPECT_EQ(Delay(model, kStart + seconds(41)), milliseconds(10));
}

TEST(LinkModelTest, StepWhileAPacketIsOnTheLine_SlowsItsRest) {
  LinkProfile profile = Profile();
  profile.rate.push_back({.at = seconds(10), .bits_per_second = 1e5});
  LinkModel model(profile);
  model.Start(kStart);
  // 5 of its 10 ms at the first rate; the rest takes ten times as long.
  EXPECT_EQ(Delay(model, kStart + milliseconds(9995), 10 * kPacket), milliseconds(55));
}

LinkProfile WithOutage(bool keeps_traffic) {
  LinkProfile profile = Profile();
  profile.outages = {{.at = seconds(8), .duration = seconds(2), .keeps_traffic = keeps_traffic}};
  return profile;
}

TEST(LinkModelTest, OutageThatKeepsItsTraffic_DeliversItAfterwards) {
  LinkModel model(WithOutage(true));
  model.Start(kStart);
  EXPECT_EQ(Delay(model, kStart + seconds(7)), milliseconds(1));
  EXPECT_EQ(Delay(model, kStart + seconds(9)), milliseconds(1001));
  EXPECT_EQ(Delay(model, kStart + seconds(9)), milliseconds(1002));
  EXPECT_EQ(Delay(model, kStart + seconds(11)), milliseconds(1));
}

TEST(LinkModelTest, OutageThatLosesItsTraffic_LosesWhatIsSentMeanwhile) {
  LinkModel model(WithOutage(false));
  model.Start(kStart);
  EXPECT_EQ(Delay(model, kStart + seconds(7)), milliseconds(1));
  EXPECT_EQ(model.Offer(kStart + milliseconds(7999), 10 * kPacket).fate, Fate::kLost)
      << "it is on the line when the outage begins";
  EXPECT_EQ(model.Offer(kStart + seconds(9), kPacket).fate, Fate::kLost);
  EXPECT_EQ(Delay(model, kStart + seconds(10)), milliseconds(1));
}

TEST(LinkModelTest, BeforeTheStart_ThereIsNoOutage) {
  LinkModel model(WithOutage(false));
  EXPECT_EQ(Delay(model, kStart + seconds(9)), milliseconds(1));
}

std::vector<Duration> JitteredArrivals(bool overtaking, uint64_t seed = 1) {
  LinkProfile profile = Profile(1000);
  profile.jitter = milliseconds(60);
  profile.overtaking = overtaking;
  profile.seed = seed;
  LinkModel model(profile);
  std::vector<Duration> arrivals;
  for (int i = 0; i < 1000; ++i) {
    const SteadyTime now = kStart + milliseconds(i);
    arrivals.push_back(model.Offer(now, kPacket).deliver_at - now);
  }
  return arrivals;
}

bool IsInOrder(const std::vector<Duration>& delays) {
  for (size_t i = 1; i < delays.size(); ++i) {
    if (delays[i] + milliseconds(1) < delays[i - 1]) {
      return false;
    }
  }
  return true;
}

TEST(LinkModelTest, Jitter_IsWithinItsRange) {
  for (const Duration delay : JitteredArrivals(true)) {
    EXPECT_GT(delay, Duration::zero());
    EXPECT_LE(delay, milliseconds(61));
  }
}

TEST(LinkModelTest, JitterKeepsTheOrder_UnlessOvertakingIsAllowed) {
  EXPECT_TRUE(IsInOrder(JitteredArrivals(false)));
  EXPECT_FALSE(IsInOrder(JitteredArrivals(true)));
}

TEST(LinkModelTest, SameSeed_IsTheSameChance) {
  EXPECT_EQ(JitteredArrivals(true, 5), JitteredArrivals(true, 5));
  EXPECT_NE(JitteredArrivals(true, 5), JitteredArrivals(true, 6));
}

struct LossFigures {
  double share = 0;
  double mean_burst = 0;
};

LossFigures Measured(const Loss& loss) {
  constexpr int kPackets = 200'000;
  LossProcess process(loss, 1);
  int lost = 0;
  int bursts = 0;
  bool was_lost = false;
  for (int i = 0; i < kPackets; ++i) {
    const bool is_lost = process.IsNextLost();
    lost += is_lost ? 1 : 0;
    bursts += is_lost && !was_lost ? 1 : 0;
    was_lost = is_lost;
  }
  return {static_cast<double>(lost) / kPackets, static_cast<double>(lost) / bursts};
}

TEST(LossProcessTest, IndependentLosses_HaveTheirShare) {
  const LossFigures figures = Measured({.share = 0.05, .mean_burst = std::nullopt});
  EXPECT_NEAR(figures.share, 0.05, 0.003);
  EXPECT_NEAR(figures.mean_burst, 1 / 0.95, 0.02);
}

TEST(LossProcessTest, Bursts_HaveTheirShareAndMeanLength) {
  const LossFigures figures = Measured({.share = 0.02, .mean_burst = 8});
  EXPECT_NEAR(figures.share, 0.02, 0.003);
  EXPECT_NEAR(figures.mean_burst, 8, 0.6);
}

TEST(LossProcessTest, NoLoss_NeverLoses) { EXPECT_EQ(Measured({}).share, 0); }

}  // namespace
}  // namespace pistream::links
