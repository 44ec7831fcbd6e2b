#include "src/server/picture_inbox.h"

#include <memory>

#include "gtest/gtest.h"

namespace pistream {
namespace {

TEST(PictureInboxTest, SeveralPut_OneWakeUp) {
  PictureInbox inbox;
  EXPECT_TRUE(inbox.Put(std::make_shared<Picture>()));
  EXPECT_FALSE(inbox.Put(nullptr));
  PictureInbox::Batch batch;
  inbox.Take(batch);
  ASSERT_EQ(batch.pictures.size(), 2u);
  EXPECT_TRUE(batch.pictures[0]);
  EXPECT_FALSE(batch.pictures[1]);
  EXPECT_FALSE(batch.has_lost);
  EXPECT_TRUE(inbox.Put(std::make_shared<Picture>()));
}

TEST(PictureInboxTest, Full_LosesWhatWaitsAndSaysSo) {
  PictureInbox inbox;
  for (size_t i = 0; i <= PictureInbox::kCapacity; ++i) {
    inbox.Put(std::make_shared<Picture>());
  }
  PictureInbox::Batch batch;
  inbox.Take(batch);
  EXPECT_EQ(batch.pictures.size(), 1u);
  EXPECT_TRUE(batch.has_lost);
  inbox.Put(std::make_shared<Picture>());
  inbox.Take(batch);
  EXPECT_FALSE(batch.has_lost);
}

TEST(PictureInboxTest, Take_LetsGoOfTheBatchBefore) {
  PictureInbox inbox;
  auto picture = std::make_shared<Picture>();
  const std::weak_ptr<Picture> watched = picture;
  inbox.Put(std::move(picture));
  PictureInbox::Batch batch;
  inbox.Take(batch);
  EXPECT_FALSE(watched.expired());
  inbox.Take(batch);
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace pistream
