#include "src/stream/latest_frame.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <vector>

namespace pistream {
namespace {

// Records the released slots, and takes the lock of the LatestFrame each time.
class ProbingPool final : public FramePool {
 public:
  ProbingPool() : FramePool(16) {}

  Frame Make(int slot) { return Lend(slot, {.sequence = static_cast<uint64_t>(slot)}, {}); }

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

  Frame MakeFrame(int slot) { return pool_->Make(slot); }

  std::shared_ptr<ProbingPool> pool_ = std::make_shared<ProbingPool>();
  LatestFrame latest_;
};

TEST_F(LatestFrameTest, Take_AfterPut_GivesTheFrameOnce) {
  EXPECT_FALSE(latest_.Put(MakeFrame(1)));
  EXPECT_EQ(latest_.Take().sequence(), 1U);
  latest_.Interrupt();
  EXPECT_FALSE(latest_.Take());
}

TEST_F(LatestFrameTest, Put_SlotOccupied_DisplacesTheOlder) {
  EXPECT_FALSE(latest_.Put(MakeFrame(1)));
  Frame displaced = latest_.Put(MakeFrame(2));
  ASSERT_TRUE(displaced);
  EXPECT_EQ(displaced.sequence(), 1U);
  EXPECT_TRUE(pool_->released.empty());  // the caller chooses when
  displaced = {};
  EXPECT_EQ(pool_->released, std::vector<int>{1});
  EXPECT_EQ(latest_.Take().sequence(), 2U);
}

TEST_F(LatestFrameTest, Drop_FrameIsDropped_OutsideTheLock) {
  pool_->probe = &latest_;
  EXPECT_FALSE(latest_.Put(MakeFrame(1)));
  latest_.Drop();
  EXPECT_EQ(pool_->released, std::vector<int>{1});
}

TEST_F(LatestFrameTest, Take_FrameComesWhileWaiting_GivesIt) {
  auto taken = std::async(std::launch::async, [&] { return latest_.Take(); });
  EXPECT_FALSE(latest_.Put(MakeFrame(7)));
  EXPECT_EQ(taken.get().sequence(), 7U);
}

TEST_F(LatestFrameTest, Take_InterruptedWhileWaiting_GivesAnEmptyFrame) {
  auto taken = std::async(std::launch::async, [&] { return latest_.Take(); });
  latest_.Interrupt();
  EXPECT_FALSE(taken.get());
}

TEST_F(LatestFrameTest, Take_InterruptedBefore_GivesAnEmptyFrameOnce) {
  EXPECT_FALSE(latest_.Put(MakeFrame(1)));
  latest_.Interrupt();
  EXPECT_FALSE(latest_.Take());
  EXPECT_TRUE(latest_.Take());
}

TEST_F(LatestFrameTest, Drop_InterruptionPending_StaysPending) {
  latest_.Interrupt();
  latest_.Drop();
  EXPECT_FALSE(latest_.Take());
}

}  // namespace
}  // namespace pistream
