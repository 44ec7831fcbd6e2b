#include "src/media/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "tests/unit/media/allocation_count.h"

namespace pistream {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

static_assert(std::is_nothrow_copy_constructible_v<Frame>);
static_assert(std::is_nothrow_move_constructible_v<Frame>);
static_assert(std::is_nothrow_move_assignable_v<Frame>);
static_assert(!std::is_copy_constructible_v<FrameView>);

// Records its calls.
class RecordingPool final : public FramePool {
 public:
  explicit RecordingPool(std::vector<std::string>& calls, bool* destroyed = nullptr)
      : FramePool(8), calls_(calls), destroyed_(destroyed) {}
  RecordingPool(const RecordingPool&) = delete;
  RecordingPool& operator=(const RecordingPool&) = delete;
  ~RecordingPool() override {
    if (destroyed_ != nullptr) {
      *destroyed_ = true;
    }
  }

  Frame Lend(int slot, const Planes& planes) {
    return FramePool::Lend(slot,
                           {.size = {640, 480},
                            .layout = PixelLayout::kNv12,
                            .color_space = {.range = ColorRange::kFull},
                            .sequence = static_cast<uint64_t>(slot) + 100,
                            .captured = SteadyTime(std::chrono::seconds(slot))},
                           planes);
  }

 private:
  void BeginRead(int slot) noexcept override { calls_.push_back("begin " + std::to_string(slot)); }
  void EndRead(int slot) noexcept override { calls_.push_back("end " + std::to_string(slot)); }
  void Release(int slot) noexcept override { calls_.push_back("release " + std::to_string(slot)); }

  std::vector<std::string>& calls_;
  bool* const destroyed_;
};

class FrameTest : public testing::Test {
 protected:
  Frame MakeFrame(int slot) { return pool_->Lend(slot, {{{&pixel_, 640}, {&pixel_, 320}, {}}}); }

  const uint8_t pixel_ = 0;
  std::vector<std::string> calls_;
  std::shared_ptr<RecordingPool> pool_ = std::make_shared<RecordingPool>(calls_);
};

TEST_F(FrameTest, Default_HoldsNothing) {
  const Frame frame;
  EXPECT_FALSE(frame);
  const Frame copy(frame);  // NOLINT(performance-unnecessary-copy-initialization): is the test
  EXPECT_FALSE(copy);
}

TEST_F(FrameTest, Lent_TellsItsInfo) {
  const Frame frame = MakeFrame(3);
  EXPECT_TRUE(frame);
  EXPECT_EQ(frame.size(), (Size{640, 480}));
  EXPECT_EQ(frame.info().layout, PixelLayout::kNv12);
  EXPECT_EQ(frame.info().color_space, ColorSpace{.range = ColorRange::kFull});
  EXPECT_EQ(frame.sequence(), 103U);
  EXPECT_EQ(frame.captured(), SteadyTime(std::chrono::seconds(3)));
}

TEST_F(FrameTest, Dies_ReleasesItsSlotOnce) {
  {
    const Frame frame = MakeFrame(3);
    EXPECT_THAT(calls_, IsEmpty());
  }
  EXPECT_THAT(calls_, ElementsAre("release 3"));
}

TEST_F(FrameTest, Copied_ReleasesWhenTheLastDies) {
  std::optional<Frame> first = MakeFrame(3);
  std::optional<Frame> second = first;
  std::optional<Frame> third;
  third = second;
  first.reset();
  EXPECT_EQ(third->sequence(), 103U);
  third.reset();
  EXPECT_EQ(second->sequence(), 103U);
  EXPECT_THAT(calls_, IsEmpty());
  second.reset();
  EXPECT_THAT(calls_, ElementsAre("release 3"));
}

TEST_F(FrameTest, MoveConstructed_ReleasesOnlyWhenTheNewOneDies) {
  Frame first = MakeFrame(3);
  {
    const Frame second(std::move(first));
    EXPECT_EQ(second.sequence(), 103U);
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): that it is empty is the contract
    EXPECT_THAT(calls_, IsEmpty());
  }
  EXPECT_THAT(calls_, ElementsAre("release 3"));
}

TEST_F(FrameTest, Assigned_ReleasesWhatItHeldBefore) {
  {
    Frame frame = MakeFrame(1);
    frame = MakeFrame(2);
    EXPECT_THAT(calls_, ElementsAre("release 1"));
    EXPECT_EQ(frame.sequence(), 102U);
  }
  EXPECT_THAT(calls_, ElementsAre("release 1", "release 2"));
}

TEST_F(FrameTest, AssignedToItself_StaysWhatItIs) {
  Frame frame = MakeFrame(1);
  const Frame& same = frame;
  frame = same;
  EXPECT_EQ(frame.sequence(), 101U);
  EXPECT_THAT(calls_, IsEmpty());
}

TEST_F(FrameTest, AssignedEmpty_ReleasesAndIsEmpty) {
  Frame frame = MakeFrame(1);
  frame = Frame();
  EXPECT_THAT(calls_, ElementsAre("release 1"));
  EXPECT_FALSE(frame);
}

TEST_F(FrameTest, Swapped_ReleasesNothing) {
  Frame first = MakeFrame(1);
  Frame second = MakeFrame(2);
  std::swap(first, second);
  EXPECT_EQ(first.sequence(), 102U);
  EXPECT_EQ(second.sequence(), 101U);
  EXPECT_THAT(calls_, IsEmpty());
}

TEST_F(FrameTest, OutlivesItsCamera_KeepsThePoolAliveUntilItDies) {
  bool destroyed = false;
  pool_ = std::make_shared<RecordingPool>(calls_, &destroyed);
  std::optional<Frame> frame = MakeFrame(5);
  pool_.reset();  // the camera is gone
  EXPECT_FALSE(destroyed);
  frame.reset();
  EXPECT_THAT(calls_, ElementsAre("release 5"));
  EXPECT_TRUE(destroyed);
}

TEST_F(FrameTest, SlotLentAgain_IsANewFrame) {
  MakeFrame(1);
  const Frame frame = MakeFrame(1);
  EXPECT_EQ(frame.sequence(), 101U);
  EXPECT_THAT(calls_, ElementsAre("release 1"));
}

TEST_F(FrameTest, Viewed_IsReadOnlyWhileTheViewExists) {
  const Frame frame = MakeFrame(2);
  {
    const FrameView view(frame);
    EXPECT_EQ(view.planes()[0].data, &pixel_);
    EXPECT_EQ(view.planes()[1].stride, 320);
    EXPECT_EQ(view.info().sequence, 102U);
    EXPECT_THAT(calls_, ElementsAre("begin 2"));
  }
  EXPECT_THAT(calls_, ElementsAre("begin 2", "end 2"));
}

// Example failure is a second encoder's end of reading, which ends the first one's too.
TEST_F(FrameTest, SeveralViews_ReadOnceFromTheFirstToTheLast) {
  const Frame frame = MakeFrame(2);
  std::optional<FrameView> first(frame);
  std::optional<FrameView> second(frame);
  first.reset();
  EXPECT_THAT(calls_, ElementsAre("begin 2"));
  second.reset();
  EXPECT_THAT(calls_, ElementsAre("begin 2", "end 2"));
}

TEST_F(FrameTest, View_KeepsTheFrame) {
  {
    const FrameView view(MakeFrame(2));
    EXPECT_THAT(calls_, ElementsAre("begin 2"));
  }
  EXPECT_THAT(calls_, ElementsAre("begin 2", "end 2", "release 2"));
}

TEST_F(FrameTest, ViewMoved_ReadsOn) {
  std::optional<FrameView> first{MakeFrame(2)};
  {
    FrameView second(*std::move(first));
    first.reset();
    EXPECT_EQ(second.planes()[0].data, &pixel_);
    EXPECT_THAT(calls_, ElementsAre("begin 2"));
  }
  EXPECT_THAT(calls_, ElementsAre("begin 2", "end 2", "release 2"));
}

TEST_F(FrameTest, LentCopiedViewed_AllocatesNothing) {
  calls_.reserve(16);
  // Short strings: their memory is their own.
  const uint64_t before = AllocationCount();
  {
    const Frame frame = MakeFrame(2);
    const Frame copy(frame);  // NOLINT(performance-unnecessary-copy-initialization)
    const FrameView view(copy);
  }
  EXPECT_EQ(AllocationCount(), before);
  EXPECT_THAT(calls_, ElementsAre("begin 2", "end 2", "release 2"));
}

// Counts atomically: several threads drop frames at once.
class CountingPool final : public FramePool {
 public:
  CountingPool() : FramePool(1) {}
  Frame Lend() { return FramePool::Lend(0, {}, {}); }
  int released() const { return released_; }

 private:
  void Release(int /*slot*/) noexcept override { ++released_; }
  std::atomic<int> released_ = 0;
};

TEST(FrameThreadsTest, CopiesDieOnManyThreads_ReleasedOnce) {
  constexpr int kRounds = 200;
  const auto pool = std::make_shared<CountingPool>();
  for (int round = 1; round <= kRounds; ++round) {
    {
      std::vector<std::jthread> threads;
      const Frame frame = pool->Lend();
      for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([copy = frame] {
          const FrameView view(copy);
          EXPECT_EQ(view.info().sequence, 0U);
        });
      }
    }
    ASSERT_EQ(pool->released(), round);
  }
}

}  // namespace
}  // namespace pistream
