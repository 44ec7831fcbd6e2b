#include "src/stream/gop_cache.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/stream/make_picture.h"

namespace pistream {
namespace {

std::vector<uint64_t> SequencesOf(const GopCache& cache) {
  std::vector<uint64_t> sequences;
  for (const PicturePtr& picture : cache.pictures()) {
    sequences.push_back(picture->sequence);
  }
  return sequences;
}

using Sequences = std::vector<uint64_t>;

TEST(GopCacheTest, Add_PredictedBeforeAnyIntra_IsNotKept) {
  GopCache cache;
  cache.Add(PredictedPicture(1));
  EXPECT_TRUE(cache.pictures().empty());
}

TEST(GopCacheTest, Add_GroupUnderWay_KeepsAllSinceIntra) {
  GopCache cache;
  cache.Add(IntraPicture(1));
  cache.Add(PredictedPicture(2));
  cache.Add(PredictedPicture(3));
  EXPECT_EQ(SequencesOf(cache), (Sequences{1, 2, 3}));
}

TEST(GopCacheTest, Add_NextIntra_StartsOver) {
  GopCache cache;
  cache.Add(IntraPicture(1));
  cache.Add(PredictedPicture(2));
  cache.Add(IntraPicture(3));
  EXPECT_EQ(SequencesOf(cache), (Sequences{3}));
}

TEST(GopCacheTest, Add_GroupOverMaximumBytes_IsDroppedUntilNextIntra) {
  GopCache cache;
  cache.Add(IntraPicture(1, GopCache::kMaximumBytes));
  EXPECT_EQ(SequencesOf(cache), (Sequences{1}));
  cache.Add(PredictedPicture(2, 1));
  EXPECT_TRUE(cache.pictures().empty());
  cache.Add(PredictedPicture(3, 1));
  EXPECT_TRUE(cache.pictures().empty());
  cache.Add(IntraPicture(4));
  cache.Add(PredictedPicture(5));
  EXPECT_EQ(SequencesOf(cache), (Sequences{4, 5}));
}

// A joining viewer gets the whole GOP at once: its queue must not overflow.
TEST(GopCacheTest, Add_GroupLongerThanAQueue_IsDropped) {
  GopCache cache;
  cache.Add(IntraPicture(1));
  for (uint64_t number = 2; number <= ViewerQueue::kMaximumPictures; ++number) {
    cache.Add(PredictedPicture(number));
  }
  EXPECT_EQ(cache.pictures().size(), ViewerQueue::kMaximumPictures);
  cache.Add(PredictedPicture(ViewerQueue::kMaximumPictures + 1));
  EXPECT_TRUE(cache.pictures().empty());
}

TEST(GopCacheTest, Clear_AfterAPause_WaitsForNextIntra) {
  GopCache cache;
  cache.Add(IntraPicture(1));
  cache.Clear();
  cache.Add(PredictedPicture(2));
  EXPECT_TRUE(cache.pictures().empty());
}

}  // namespace
}  // namespace pistream
