#include "src/media/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace pistream {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

static_assert(!std::is_copy_constructible_v<Frame>);
static_assert(!std::is_copy_assignable_v<Frame>);
static_assert(std::is_nothrow_move_constructible_v<Frame>);
static_assert(std::is_nothrow_move_assignable_v<Frame>);

class RecordingPool final : public FramePool {
 public:
  explicit RecordingPool(std::vector<int>& released, bool* destroyed = nullptr)
      : released_(released), destroyed_(destroyed) {}
  RecordingPool(const RecordingPool&) = delete;
  RecordingPool& operator=(const RecordingPool&) = delete;
  ~RecordingPool() override {
    if (destroyed_ != nullptr) {
      *destroyed_ = true;
    }
  }

  void Release(int slot) noexcept override { released_.push_back(slot); }

 private:
  std::vector<int>& released_;
  bool* const destroyed_;
};

class FrameTest : public testing::Test {
 protected:
  Frame MakeFrame(int slot) {
    Frame::Contents contents;
    contents.size = {640, 480};
    contents.planes = {{{&pixel_, 640}, {&pixel_, 320}, {&pixel_, 320}}};
    contents.sequence = static_cast<uint64_t>(slot) + 100;
    contents.captured = SteadyTime(std::chrono::seconds(slot));
    return {contents, pool_, slot};
  }

  const uint8_t pixel_ = 0;
  std::vector<int> released_;
  std::shared_ptr<FramePool> pool_ = std::make_shared<RecordingPool>(released_);
};

TEST_F(FrameTest, Default_HoldsNothing) {
  const Frame frame;
  EXPECT_FALSE(frame);
}

TEST_F(FrameTest, Made_TellsItsContents) {
  const Frame frame = MakeFrame(3);
  EXPECT_TRUE(frame);
  EXPECT_EQ(frame.size(), (Size{640, 480}));
  EXPECT_EQ(frame.planes()[0].data, &pixel_);
  EXPECT_EQ(frame.planes()[1].stride, 320);
  EXPECT_EQ(frame.sequence(), 103U);
  EXPECT_EQ(frame.captured(), SteadyTime(std::chrono::seconds(3)));
}

TEST_F(FrameTest, Dies_ReleasesItsSlotOnce) {
  {
    const Frame frame = MakeFrame(3);
    EXPECT_THAT(released_, IsEmpty());
  }
  EXPECT_THAT(released_, ElementsAre(3));
}

TEST_F(FrameTest, MoveConstructed_ReleasesOnlyWhenTheNewOneDies) {
  Frame first = MakeFrame(3);
  {
    const Frame second(std::move(first));
    EXPECT_EQ(second.sequence(), 103U);
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): that it is empty is the contract
    EXPECT_THAT(released_, IsEmpty());
  }
  EXPECT_THAT(released_, ElementsAre(3));
}

TEST_F(FrameTest, MoveAssigned_ReleasesWhatItHeldBefore) {
  {
    Frame frame = MakeFrame(1);
    frame = MakeFrame(2);
    EXPECT_THAT(released_, ElementsAre(1));
    EXPECT_EQ(frame.sequence(), 102U);
  }
  EXPECT_THAT(released_, ElementsAre(1, 2));
}

TEST_F(FrameTest, MoveAssignedEmpty_ReleasesAndIsEmpty) {
  Frame frame = MakeFrame(1);
  frame = Frame();
  EXPECT_THAT(released_, ElementsAre(1));
  EXPECT_FALSE(frame);
}

TEST_F(FrameTest, Swapped_ReleasesNothing) {
  Frame first = MakeFrame(1);
  Frame second = MakeFrame(2);
  std::swap(first, second);
  EXPECT_EQ(first.sequence(), 102U);
  EXPECT_EQ(second.sequence(), 101U);
  EXPECT_THAT(released_, IsEmpty());
}

TEST_F(FrameTest, OutlivesItsCamera_KeepsThePoolAliveUntilItDies) {
  bool destroyed = false;
  pool_ = std::make_shared<RecordingPool>(released_, &destroyed);
  std::optional<Frame> frame = MakeFrame(5);
  pool_.reset();  // the camera is gone
  EXPECT_FALSE(destroyed);
  frame.reset();
  EXPECT_THAT(released_, ElementsAre(5));
  EXPECT_TRUE(destroyed);
}

}  // namespace
}  // namespace pistream
