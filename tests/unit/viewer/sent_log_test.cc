#include "src/viewer/sent_log.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "gtest/gtest.h"

namespace pistream {
namespace {

using std::chrono::milliseconds;

SteadyTime At(int64_t number) {
  return SteadyTime(std::chrono::hours(1)) + milliseconds(40 * number);
}

// Pictures of the sequences from `first` on, of 100 bytes each.
void AddPictures(SentLog& log, uint64_t first, int count) {
  for (int i = 0; i < count; ++i) {
    Picture picture;
    picture.sequence = first + static_cast<uint64_t>(i);
    picture.type = picture.sequence % 24 == 0 ? PictureType::kIntra : PictureType::kPredicted;
    log.Add(picture, 100, At(static_cast<int64_t>(picture.sequence)));
  }
}

TEST(SentLogTest, Empty_HasNothing) {
  const SentLog log;
  EXPECT_EQ(log.size(), 0U);
  EXPECT_EQ(log.total_bytes(), 0U);
  EXPECT_EQ(log.FirstBeyond(0), 0U);
  EXPECT_EQ(log.Find(0), std::nullopt);
}

TEST(SentLogTest, Entries_AreThePicturesInOrder) {
  SentLog log;
  AddPictures(log, 24, 3);
  ASSERT_EQ(log.size(), 3U);
  EXPECT_EQ(log.total_bytes(), 300U);
  for (size_t i = 0; i < log.size(); ++i) {
    EXPECT_EQ(log[i].end, 100 * (i + 1));
    EXPECT_EQ(log[i].bytes, 100U);
    EXPECT_EQ(log[i].is_intra, i == 0);
    EXPECT_EQ(log[i].sequence, 24 + i);
    EXPECT_EQ(log[i].at, At(static_cast<int64_t>(24 + i)));
  }
}

TEST(SentLogTest, FirstBeyond_IsTheOldestThatIsNotWhole) {
  SentLog log;
  AddPictures(log, 1, 3);
  EXPECT_EQ(log.FirstBeyond(0), 0U);
  EXPECT_EQ(log.FirstBeyond(99), 0U);
  EXPECT_EQ(log.FirstBeyond(100), 1U);
  EXPECT_EQ(log.FirstBeyond(299), 2U);
  EXPECT_EQ(log.FirstBeyond(300), 3U) << "all are";
  EXPECT_EQ(log.FirstBeyond(UINT64_MAX), 3U);
}

TEST(SentLogTest, Find_IsTheNewestOfASequence) {
  SentLog log;
  AddPictures(log, 5, 3);
  AddPictures(log, 5, 1);  // the camera has been restarted
  EXPECT_EQ(log.Find(5), 3U);
  EXPECT_EQ(log.Find(7), 2U);
  EXPECT_EQ(log.Find(8), std::nullopt);
}

TEST(SentLogTest, Full_ForgetsTheOldestButNotWhatTheyTook) {
  SentLog log;
  constexpr int kMore = 10;
  AddPictures(log, 0, static_cast<int>(SentLog::kEntries) + kMore);
  ASSERT_EQ(log.size(), SentLog::kEntries);
  EXPECT_EQ(log.total_bytes(), 100 * (SentLog::kEntries + kMore));
  EXPECT_EQ(log[0].sequence, static_cast<uint64_t>(kMore));
  EXPECT_EQ(log[log.size() - 1].end, log.total_bytes());
  EXPECT_EQ(log.Find(kMore - 1), std::nullopt);
  EXPECT_EQ(log.Find(kMore), 0U);
  EXPECT_EQ(log.FirstBeyond(0), 0U) << "what is older counts as the oldest";
  EXPECT_EQ(log.FirstBeyond(100 * (kMore + 1)), 1U);
}

TEST(SentLogTest, Copy_GoesOnByItself) {
  SentLog log;
  AddPictures(log, 0, 2);
  SentLog copy = log;
  AddPictures(copy, 2, 1);
  EXPECT_EQ(log.size(), 2U);
  EXPECT_EQ(copy.size(), 3U);
  EXPECT_EQ(copy[2].end, 300U);
}

}  // namespace
}  // namespace pistream
