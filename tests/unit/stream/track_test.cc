#include "src/stream/track.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "src/base/fake_clock.h"
#include "src/stream/recording_subscriber.h"
#include "tests/unit/stream/make_picture.h"

namespace pistream {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<uint64_t> SequencesOf(const std::vector<PicturePtr>& pictures) {
  std::vector<uint64_t> sequences;
  for (const PicturePtr& picture : pictures) {
    sequences.push_back(picture->sequence);
  }
  return sequences;
}

class RecordingProducer final : public TrackProducer {
 public:
  void OnDemand(const TrackDemand& demand) noexcept override { demands.push_back(demand); }

  std::vector<TrackDemand> demands;
};

class TrackTest : public testing::Test {
 protected:
  FakeClock clock_;
  std::shared_ptr<Track> track_ = std::make_shared<Track>(clock_);
  RecordingSubscriber first_{track_};
  RecordingSubscriber second_{track_};
};

TEST_F(TrackTest, Publish_SeveralSubscribers_EachTakesAllInOrder) {
  first_.Subscribe();
  second_.Subscribe();
  track_->Publish(IntraPicture(1));
  track_->Publish(PredictedPicture(2));
  first_.Take();
  second_.Take();
  EXPECT_THAT(SequencesOf(first_.pictures()), ElementsAre(1, 2));
  EXPECT_THAT(SequencesOf(second_.pictures()), ElementsAre(1, 2));
}

TEST_F(TrackTest, Publish_SeveralBeforeTheTake_WakeOnce) {
  first_.Subscribe();
  track_->Publish(IntraPicture(1));
  track_->Publish(PredictedPicture(2));
  EXPECT_EQ(first_.wakes(), 1);
  first_.Take();
  track_->Publish(PredictedPicture(3));
  EXPECT_EQ(first_.wakes(), 2);
}

TEST_F(TrackTest, Publish_InboxFull_LosesWhatWaitsAndCountsIt) {
  first_.Subscribe();
  for (uint64_t i = 0; i <= Track::kInboxPictures; ++i) {
    track_->Publish(IntraPicture(i));
  }
  first_.Take();
  EXPECT_THAT(SequencesOf(first_.pictures()), ElementsAre(Track::kInboxPictures));
  EXPECT_EQ(first_.lost(), Track::kInboxPictures);
  track_->Publish(IntraPicture(100));
  first_.Take();
  EXPECT_EQ(first_.lost(), Track::kInboxPictures);  // no further loss
}

TEST_F(TrackTest, Take_LetsGoOfTheBatchBefore) {
  first_.Subscribe();
  auto picture = IntraPicture(1);
  const std::weak_ptr<const Picture> watched = picture;
  track_->Publish(picture);
  picture.reset();
  Track::Batch batch;
  first_.subscription().Take(batch);
  track_->Pause();  // the group lets go of it
  EXPECT_FALSE(watched.expired());
  first_.subscription().Take(batch);
  EXPECT_TRUE(watched.expired());
}

TEST_F(TrackTest, Subscribe_InTheMiddleOfAGroup_GroupIsAllSinceTheIntra) {
  second_.Subscribe();
  track_->Publish(IntraPicture(1));
  track_->Publish(IntraPicture(2));
  track_->Publish(PredictedPicture(3));
  first_.Subscribe();
  EXPECT_THAT(SequencesOf(first_.TakeGroup()), ElementsAre(2, 3));
  EXPECT_THAT(first_.pictures(), IsEmpty());  // nothing twice
  track_->Publish(PredictedPicture(4));
  first_.Take();
  EXPECT_THAT(SequencesOf(first_.pictures()), ElementsAre(4));
}

TEST_F(TrackTest, LastSubscriberLeaves_GroupStaysForTheDurationOfItsLastPicture) {
  first_.Subscribe();
  auto picture = std::make_shared<Picture>(*IntraPicture(1));
  picture->captured = clock_.Now();
  picture->duration = std::chrono::seconds(15);
  track_->Publish(picture);
  first_.Leave();
  clock_.Advance(milliseconds(14'999));
  second_.Subscribe();
  EXPECT_THAT(SequencesOf(second_.TakeGroup()), ElementsAre(1));
  second_.Leave();
  clock_.Advance(milliseconds(1));
  second_.Subscribe();
  EXPECT_THAT(second_.TakeGroup(), IsEmpty());
}

TEST_F(TrackTest, LastSubscriberLeaves_NextGroup_IsCurrent) {
  first_.Subscribe();
  track_->Publish(IntraPicture(1));
  first_.Leave();
  second_.Subscribe();
  track_->Publish(IntraPicture(2));
  track_->Publish(PredictedPicture(3));
  EXPECT_THAT(SequencesOf(second_.TakeGroup()), ElementsAre(2, 3));
}

TEST_F(TrackTest, TakeGroup_PicturesWait_AreTakenAndInTheGroup) {
  first_.Subscribe();
  track_->Publish(IntraPicture(1));
  track_->Publish(PredictedPicture(2));
  EXPECT_THAT(SequencesOf(first_.TakeGroup()), ElementsAre(1, 2));
  EXPECT_THAT(SequencesOf(first_.pictures()), ElementsAre(1, 2));
  first_.Take();
  EXPECT_THAT(SequencesOf(first_.pictures()), ElementsAre(1, 2));
}

TEST_F(TrackTest, Pause_WhatCameBefore_IsNoGroup) {
  first_.Subscribe();
  track_->Publish(IntraPicture(1));
  track_->Pause();
  EXPECT_THAT(first_.TakeGroup(), IsEmpty());
  track_->Publish(PredictedPicture(2));  // of a group whose start is gone
  EXPECT_THAT(first_.TakeGroup(), IsEmpty());
}

TEST_F(TrackTest, Subscriptions_ComeAndGo_ProducerIsToldOfTheFirstAndTheLast) {
  RecordingProducer producer;
  track_->SetProducer(&producer);
  first_.Subscribe();
  second_.Subscribe();
  first_.Leave();
  second_.Leave();
  EXPECT_THAT(producer.demands,
              ElementsAre(TrackDemand{}, TrackDemand{.is_watched = true}, TrackDemand{}));
  track_->SetProducer(nullptr);
}

TEST_F(TrackTest, Wants_AllAreLimited_DemandIsTheLargestLimit) {
  first_.Subscribe({.max_bitrate_bps = 300'000});
  second_.Subscribe({.max_bitrate_bps = 500'000});
  EXPECT_EQ(track_->demand().max_bitrate_bps, 500'000);
  second_.subscription().SetWants({});
  EXPECT_EQ(track_->demand().max_bitrate_bps, std::nullopt);
  second_.Leave();
  EXPECT_EQ(track_->demand().max_bitrate_bps, 300'000);
}

TEST_F(TrackTest, Subscription_Moved_LeavesOnce) {
  RecordingProducer producer;
  first_.Subscribe();
  track_->SetProducer(&producer);
  {
    Subscription moved = std::move(first_.subscription());
    EXPECT_EQ(producer.demands.size(), 1u);
  }
  EXPECT_EQ(track_->demand(), TrackDemand{});
  first_.Leave();  // moved from: harmless
  EXPECT_EQ(producer.demands.size(), 2u);
  track_->SetProducer(nullptr);
}

TEST_F(TrackTest, Close_WakesSubscribersAndSaysSo) {
  first_.Subscribe();
  EXPECT_FALSE(track_->is_closed());
  track_->Close();
  EXPECT_TRUE(track_->is_closed());
  EXPECT_EQ(first_.wakes(), 1);
  first_.Take();
  EXPECT_TRUE(first_.is_closed());
  second_.Subscribe();  // too late
  EXPECT_EQ(second_.wakes(), 1);
}

TEST_F(TrackTest, TakeKeyframeRequest_NoneMade_IsFalse) {
  EXPECT_FALSE(track_->TakeKeyframeRequest());
}

TEST_F(TrackTest, TakeKeyframeRequest_ManyRequests_AreOne) {
  track_->RequestKeyframe();
  track_->RequestKeyframe();
  EXPECT_TRUE(track_->TakeKeyframeRequest());
  clock_.Advance(Track::kKeyframeInterval);
  EXPECT_FALSE(track_->TakeKeyframeRequest());
}

TEST_F(TrackTest, TakeKeyframeRequest_SoonAfterTheLast_WaitsItsTurn) {
  track_->RequestKeyframe();
  ASSERT_TRUE(track_->TakeKeyframeRequest());
  track_->RequestKeyframe();
  clock_.Advance(Track::kKeyframeInterval - milliseconds(1));
  EXPECT_FALSE(track_->TakeKeyframeRequest());
  clock_.Advance(milliseconds(1));
  EXPECT_TRUE(track_->TakeKeyframeRequest());
}

TEST_F(TrackTest, Publish_IntraWhileARequestWaits_ServesIt) {
  track_->RequestKeyframe();
  track_->Publish(IntraPicture(1));
  EXPECT_FALSE(track_->TakeKeyframeRequest());
}

// Example failure: a subscriber is woken after its subscription has ended.
TEST_F(TrackTest, Subscriptions_ComeAndGoWhileAnotherThreadPublishes_NobodyIsWokenAfterwards) {
  std::atomic<bool> is_over = false;
  std::thread producer([&] {
    for (uint64_t i = 0; !is_over; ++i) {
      track_->Publish(i % 10 == 0 ? IntraPicture(i) : PredictedPicture(i));
    }
  });
  for (int i = 0; i < 300; ++i) {
    RecordingSubscriber visitor(track_);
    visitor.Subscribe();
    EXPECT_NE(visitor.Await(1), nullptr);
  }  // the sanitizers see a call that comes later
  is_over = true;
  producer.join();
}

}  // namespace
}  // namespace pistream
