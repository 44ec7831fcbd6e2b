#include "src/stream/demand.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <stop_token>
#include <thread>

#include "src/base/fake_clock.h"

namespace pistream {
namespace {

using std::chrono::milliseconds;

TEST(DemandTest, Viewers_JoinAndLeave_AreCounted) {
  FakeClock clock;
  Demand demand(clock);
  EXPECT_EQ(demand.viewers(), 0);
  demand.Join();
  demand.Join();
  EXPECT_EQ(demand.viewers(), 2);
  demand.Leave();
  EXPECT_EQ(demand.viewers(), 1);
}

TEST(DemandTest, TakeKeyframeRequest_NoneMade_IsFalse) {
  FakeClock clock;
  Demand demand(clock);
  EXPECT_FALSE(demand.TakeKeyframeRequest());
}

TEST(DemandTest, TakeKeyframeRequest_ManyRequests_AreOne) {
  FakeClock clock;
  Demand demand(clock);
  demand.RequestKeyframe();
  demand.RequestKeyframe();
  EXPECT_TRUE(demand.TakeKeyframeRequest());
  clock.Advance(Demand::kKeyframeInterval);
  EXPECT_FALSE(demand.TakeKeyframeRequest());
}

TEST(DemandTest, TakeKeyframeRequest_SoonAfterTheLast_WaitsItsTurn) {
  FakeClock clock;
  Demand demand(clock);
  demand.RequestKeyframe();
  ASSERT_TRUE(demand.TakeKeyframeRequest());
  demand.RequestKeyframe();
  clock.Advance(Demand::kKeyframeInterval - milliseconds(1));
  EXPECT_FALSE(demand.TakeKeyframeRequest());
  clock.Advance(milliseconds(1));
  EXPECT_TRUE(demand.TakeKeyframeRequest());
}

TEST(DemandTest, KeyframeMade_RequestPending_ServesIt) {
  FakeClock clock;
  Demand demand(clock);
  demand.RequestKeyframe();
  demand.KeyframeMade();
  EXPECT_FALSE(demand.TakeKeyframeRequest());
}

TEST(DemandTest, AwaitViewers_SomebodyWatches_ReturnsAtOnce) {
  FakeClock clock;
  Demand demand(clock);
  demand.Join();
  EXPECT_TRUE(demand.AwaitViewers({}));
}

TEST(DemandTest, AwaitViewers_SomebodyJoinsLater_Returns) {
  FakeClock clock;
  Demand demand(clock);
  auto answer = std::async(std::launch::async, [&] { return demand.AwaitViewers({}); });
  demand.Join();
  EXPECT_TRUE(answer.get());
}

TEST(DemandTest, AwaitViewers_StopRequested_ReturnsFalse) {
  FakeClock clock;
  Demand demand(clock);
  std::stop_source stop;
  auto answer =
      std::async(std::launch::async, [&] { return demand.AwaitViewers(stop.get_token()); });
  stop.request_stop();
  EXPECT_FALSE(answer.get());
}

}  // namespace
}  // namespace pistream
