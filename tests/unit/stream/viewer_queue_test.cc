#include "src/stream/viewer_queue.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

#include "tests/unit/stream/make_picture.h"

namespace pistream {
namespace {

using std::chrono::milliseconds;

constexpr SteadyTime kStart{std::chrono::hours(1)};
constexpr ViewerQueue::Limits kLimits{.bytes = 1000, .age = milliseconds(500)};

std::vector<uint64_t> Drain(ViewerQueue& queue) {
  std::vector<uint64_t> sequences;
  while (!queue.empty()) {
    sequences.push_back(queue.Pop()->sequence);
  }
  return sequences;
}

using Sequences = std::vector<uint64_t>;

TEST(ViewerQueueTest, Push_PredictedPictureFirst_IsDroppedAndAsksForKeyframe) {
  ViewerQueue queue(kLimits);
  const auto outcome = queue.Push(PredictedPicture(1), kStart);
  EXPECT_EQ(outcome.dropped, 1U);
  EXPECT_TRUE(outcome.needs_keyframe);
  EXPECT_TRUE(queue.empty());
}

TEST(ViewerQueueTest, Push_IntraThenPredicted_ComeOutInOrder) {
  ViewerQueue queue(kLimits);
  for (uint64_t sequence = 1; sequence <= 3; ++sequence) {
    const auto outcome =
        queue.Push(sequence == 1 ? IntraPicture(1) : PredictedPicture(sequence), kStart);
    EXPECT_EQ(outcome.dropped, 0U);
    EXPECT_FALSE(outcome.needs_keyframe);
  }
  EXPECT_EQ(queue.size(), 3U);
  EXPECT_EQ(queue.bytes(), 300U);
  EXPECT_EQ(queue.front()->sequence, 1U);
  EXPECT_EQ(Drain(queue), (Sequences{1, 2, 3}));
  EXPECT_EQ(queue.bytes(), 0U);
}

TEST(ViewerQueueTest, Push_OverBytesWithoutLaterIntra_DropsAllAndAsksForKeyframe) {
  ViewerQueue queue(kLimits);
  queue.Push(IntraPicture(1, 600), kStart);
  queue.Push(PredictedPicture(2, 400), kStart);
  const auto outcome = queue.Push(PredictedPicture(3, 1), kStart);
  EXPECT_EQ(outcome.dropped, 3U);
  EXPECT_TRUE(outcome.needs_keyframe);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.bytes(), 0U);
}

TEST(ViewerQueueTest, Push_ExactlyAtByteLimit_IsKept) {
  ViewerQueue queue(kLimits);
  queue.Push(IntraPicture(1, 600), kStart);
  EXPECT_EQ(queue.Push(PredictedPicture(2, 400), kStart).dropped, 0U);
  EXPECT_EQ(queue.size(), 2U);
}

TEST(ViewerQueueTest, Push_OverBytesWithLaterIntraQueued_ResumesThere) {
  ViewerQueue queue(kLimits);
  queue.Push(IntraPicture(1, 500), kStart);
  queue.Push(PredictedPicture(2, 100), kStart);
  queue.Push(IntraPicture(3, 300), kStart);
  queue.Push(PredictedPicture(4, 50), kStart);
  const auto outcome = queue.Push(PredictedPicture(5, 100), kStart);
  EXPECT_EQ(outcome.dropped, 2U);
  EXPECT_FALSE(outcome.needs_keyframe);
  EXPECT_EQ(Drain(queue), (Sequences{3, 4, 5}));
}

TEST(ViewerQueueTest, Push_SeveralIntrasQueued_ResumesAtNewest) {
  ViewerQueue queue(kLimits);
  queue.Push(IntraPicture(1, 300), kStart);
  queue.Push(IntraPicture(2, 300), kStart);
  queue.Push(IntraPicture(3, 300), kStart);
  EXPECT_EQ(queue.Push(PredictedPicture(4, 200), kStart).dropped, 2U);
  EXPECT_EQ(Drain(queue), (Sequences{3, 4}));
}

TEST(ViewerQueueTest, Push_IntraOverLimits_ReplacesAllThatIsQueued) {
  ViewerQueue queue(kLimits);
  queue.Push(IntraPicture(1, 600), kStart);
  queue.Push(PredictedPicture(2, 300), kStart);
  const auto outcome = queue.Push(IntraPicture(3, 600), kStart);
  EXPECT_EQ(outcome.dropped, 2U);
  EXPECT_FALSE(outcome.needs_keyframe);
  EXPECT_EQ(Drain(queue), (Sequences{3}));
}

TEST(ViewerQueueTest, Push_AfterFallingBehind_ResumesAtNextIntra) {
  ViewerQueue queue(kLimits);
  queue.Push(IntraPicture(1, 900), kStart);
  queue.Push(PredictedPicture(2, 200), kStart);
  EXPECT_TRUE(queue.Push(PredictedPicture(3), kStart).needs_keyframe);
  const auto outcome = queue.Push(IntraPicture(4), kStart);
  EXPECT_EQ(outcome.dropped, 0U);
  EXPECT_FALSE(outcome.needs_keyframe);
  EXPECT_FALSE(queue.Push(PredictedPicture(5), kStart).needs_keyframe);
  EXPECT_EQ(Drain(queue), (Sequences{4, 5}));
}

TEST(ViewerQueueTest, Push_SinglePictureBiggerThanLimit_IsKept) {
  ViewerQueue queue(kLimits);
  EXPECT_EQ(queue.Push(IntraPicture(1, 5000), kStart).dropped, 0U);
  EXPECT_EQ(queue.size(), 1U);
}

TEST(ViewerQueueTest, Push_OldestWaitedTooLong_DropsAllAndAsksForKeyframe) {
  ViewerQueue queue(kLimits);
  queue.Push(IntraPicture(1), kStart);
  EXPECT_EQ(queue.Push(PredictedPicture(2), kStart + milliseconds(500)).dropped, 0U);
  const auto outcome = queue.Push(PredictedPicture(3), kStart + milliseconds(501));
  EXPECT_EQ(outcome.dropped, 3U);
  EXPECT_TRUE(outcome.needs_keyframe);
}

TEST(ViewerQueueTest, Push_OldestWaitedTooLongButIntraIsFresh_ResumesThere) {
  ViewerQueue queue(kLimits);
  queue.Push(IntraPicture(1), kStart);
  queue.Push(IntraPicture(2), kStart + milliseconds(400));
  EXPECT_EQ(queue.Push(PredictedPicture(3), kStart + milliseconds(600)).dropped, 1U);
  EXPECT_EQ(Drain(queue), (Sequences{2, 3}));
}

TEST(ViewerQueueTest, Push_NewestIntraIsTooOldAsWell_DropsAll) {
  ViewerQueue queue(kLimits);
  queue.Push(IntraPicture(1), kStart);
  queue.Push(IntraPicture(2), kStart + milliseconds(10));
  const auto outcome = queue.Push(PredictedPicture(3), kStart + milliseconds(600));
  EXPECT_EQ(outcome.dropped, 3U);
  EXPECT_TRUE(outcome.needs_keyframe);
}

TEST(ViewerQueueTest, Push_CachedGroupEncodedLongAgo_IsKeptWhole) {
  ViewerQueue queue(kLimits);
  auto old = std::make_shared<Picture>(*IntraPicture(1));
  old->encoded = kStart - std::chrono::seconds(1);
  queue.Push(old, kStart);
  EXPECT_EQ(queue.Push(PredictedPicture(2), kStart).dropped, 0U);
  EXPECT_EQ(queue.size(), 2U);
}

TEST(ViewerQueueTest, Push_MorePicturesThanTheRingHolds_FallsBehind) {
  ViewerQueue queue({.bytes = size_t{1} << 30, .age = std::chrono::hours(1)});
  queue.Push(IntraPicture(0), kStart);
  for (uint64_t i = 1; i < ViewerQueue::kMaximumPictures; ++i) {
    ASSERT_EQ(queue.Push(PredictedPicture(i), kStart).dropped, 0U);
  }
  const auto outcome = queue.Push(PredictedPicture(999), kStart);
  EXPECT_EQ(outcome.dropped, ViewerQueue::kMaximumPictures + 1);
  EXPECT_TRUE(outcome.needs_keyframe);
}

TEST(ViewerQueueTest, PushAndPop_ManyTimesRoundTheRing_KeepOrderAndCount) {
  ViewerQueue queue(kLimits);
  queue.Push(IntraPicture(0), kStart);
  for (uint64_t i = 1; i < 3 * ViewerQueue::kMaximumPictures; ++i) {
    queue.Push(PredictedPicture(i), kStart);
    ASSERT_EQ(queue.Pop()->sequence, i - 1);
    ASSERT_EQ(queue.bytes(), 100U);
  }
}

TEST(ViewerQueueTest, AwaitKeyframe_PicturesQueued_DropsThemAndWaitsForIntra) {
  ViewerQueue queue(kLimits);
  queue.Push(IntraPicture(1), kStart);
  queue.Push(PredictedPicture(2), kStart);
  EXPECT_EQ(queue.AwaitKeyframe(), 2U);
  EXPECT_TRUE(queue.Push(PredictedPicture(3), kStart).needs_keyframe);
  EXPECT_EQ(queue.Push(IntraPicture(4), kStart).dropped, 0U);
  EXPECT_EQ(Drain(queue), (Sequences{4}));
}

TEST(ViewerQueueTest, Pop_LastReference_FreesThePicture) {
  ViewerQueue queue(kLimits);
  std::weak_ptr<const Picture> watched;
  {
    const PicturePtr picture = IntraPicture(1);
    watched = picture;
    queue.Push(picture, kStart);
  }
  EXPECT_FALSE(watched.expired());
  queue.Pop();
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace pistream
