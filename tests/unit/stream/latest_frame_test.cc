#include "src/stream/latest_frame.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <stop_token>
#include <vector>

#include "src/base/fake_clock.h"

namespace pistream {
namespace {

// Remembers which slots came back; asks the slot for its lock when they do.
class ProbingPool final : public FramePool {
 public:
  ProbingPool() : FramePool(8) {}

  Frame Lend(int slot) {
    return FramePool::Lend(slot, {.sequence = static_cast<uint64_t>(slot)}, {});
  }

  void Release(int slot) noexcept override {
    released.push_back(slot);
    if (probe != nullptr) {
      probe->Interrupt();  // deadlocks if LatestFrame still holds its lock
    }
  }

  std::vector<int> released;
  LatestFrame* probe = nullptr;
};

class LatestFrameTest : public testing::Test {
 protected:
  void TearDown() override { pool_->probe = nullptr; }

  Frame MakeFrame(int slot) { return pool_->Lend(slot); }
  // Does not wait: the deadline is now.
  Frame TakeNow() { return latest_.Take(clock_.Now(), {}); }

  FakeClock clock_;
  std::shared_ptr<ProbingPool> pool_ = std::make_shared<ProbingPool>();
  LatestFrame latest_{clock_};
};

TEST_F(LatestFrameTest, Take_AfterPut_GivesTheFrameOnce) {
  EXPECT_FALSE(latest_.Put(MakeFrame(1)));
  EXPECT_EQ(TakeNow().sequence(), 1U);
  EXPECT_FALSE(TakeNow());
}

TEST_F(LatestFrameTest, Put_SlotOccupied_DisplacesTheOlder) {
  EXPECT_FALSE(latest_.Put(MakeFrame(1)));
  EXPECT_TRUE(latest_.Put(MakeFrame(2)));
  EXPECT_EQ(pool_->released, std::vector<int>{1});
  EXPECT_EQ(TakeNow().sequence(), 2U);
}

TEST_F(LatestFrameTest, Put_DisplacedFrameIsDropped_OutsideTheLock) {
  pool_->probe = &latest_;
  latest_.Put(MakeFrame(1));
  latest_.Put(MakeFrame(2));
  EXPECT_EQ(pool_->released, std::vector<int>{1});
}

TEST_F(LatestFrameTest, Clear_FrameIsDropped_OutsideTheLock) {
  pool_->probe = &latest_;
  latest_.Put(MakeFrame(1));
  latest_.Clear();
  EXPECT_EQ(pool_->released, std::vector<int>{1});
}

TEST_F(LatestFrameTest, Take_DeadlineReached_GivesAnEmptyFrame) {
  const SteadyTime deadline = clock_.Now() + std::chrono::seconds(3);
  auto taken = std::async(std::launch::async, [&] { return latest_.Take(deadline, {}); });
  clock_.AwaitSleepers(1);
  clock_.Advance(std::chrono::seconds(3));
  EXPECT_FALSE(taken.get());
}

TEST_F(LatestFrameTest, Take_FrameComesWhileWaiting_GivesIt) {
  auto taken = std::async(std::launch::async, [&] { return latest_.Take(SteadyTime::max(), {}); });
  clock_.AwaitSleepers(1);
  latest_.Put(MakeFrame(7));
  EXPECT_EQ(taken.get().sequence(), 7U);
}

TEST_F(LatestFrameTest, Take_StopRequested_GivesAnEmptyFrame) {
  std::stop_source stop;
  auto taken = std::async(std::launch::async,
                          [&] { return latest_.Take(SteadyTime::max(), stop.get_token()); });
  clock_.AwaitSleepers(1);
  stop.request_stop();
  EXPECT_FALSE(taken.get());
}

TEST_F(LatestFrameTest, Take_InterruptedBefore_GivesAnEmptyFrameOnce) {
  latest_.Put(MakeFrame(1));
  latest_.Interrupt();
  EXPECT_FALSE(TakeNow());
  EXPECT_TRUE(TakeNow());
}

TEST_F(LatestFrameTest, Clear_InterruptionPending_IsForgotten) {
  latest_.Interrupt();
  latest_.Clear();
  latest_.Put(MakeFrame(1));
  EXPECT_TRUE(TakeNow());
}

}  // namespace
}  // namespace pistream
