#include "src/encode/fake_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "src/base/fake_clock.h"
#include "src/encode/collecting_sink.h"
#include "src/media/memory_frame_pool.h"

namespace pistream {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FakeEncoderTest : public testing::Test {
 protected:
  FakeEncoderTest() {
    auto made = encoders_.Factory().create({.format = {.size = {64, 48}, .framerate = {25, 1}},
                                            .bitrate_bps = 400'000,
                                            .gop_pictures = 100});
    EXPECT_TRUE(made);
    encoder_ = *std::move(made);
  }

  // The sequence numbers of the pictures that the call returned.
  std::vector<uint64_t> Encode(uint64_t sequence) {
    CollectingSink sink;
    const SteadyTime captured{std::chrono::seconds(sequence)};
    EXPECT_TRUE(
        encoder_->Encode(pool_->Lend(pool_->Acquire().value(), sequence, captured), {}, sink));
    return SequencesOf(sink);
  }
  std::vector<uint64_t> Flush() {
    CollectingSink sink;
    EXPECT_TRUE(encoder_->Flush(sink));
    return SequencesOf(sink);
  }
  std::vector<uint64_t> SequencesOf(const CollectingSink& sink) {
    std::vector<uint64_t> sequences;
    for (const PicturePtr& picture : sink.pictures) {
      sequences.push_back(picture->sequence);
      last_ = picture;
    }
    return sequences;
  }

  FakeClock clock_;
  FakeEncoders encoders_{clock_};
  std::shared_ptr<MemoryFramePool> pool_ =
      std::make_shared<MemoryFramePool>(Size{.width = 64, .height = 48}, 1);
  std::unique_ptr<Encoder> encoder_;
  PicturePtr last_;
};

TEST_F(FakeEncoderTest, Default_ReturnsOnePictureACall) {
  EXPECT_THAT(Encode(1), ElementsAre(1));
  EXPECT_THAT(Encode(2), ElementsAre(2));
  EXPECT_THAT(Flush(), IsEmpty());
}

TEST_F(FakeEncoderTest, Delay_HoldsFramesBackUntilFlush) {
  encoders_.SetDelay(2);
  EXPECT_THAT(Encode(1), IsEmpty());
  EXPECT_THAT(Encode(2), IsEmpty());
  EXPECT_THAT(Encode(3), ElementsAre(1));
  EXPECT_THAT(Encode(4), ElementsAre(2));
  EXPECT_THAT(Flush(), ElementsAre(3, 4));
}

TEST_F(FakeEncoderTest, Flush_NextPicture_IsIntra) {
  Encode(1);
  Encode(2);
  EXPECT_EQ(last_->type, PictureType::kPredicted);
  Flush();
  Encode(3);
  EXPECT_EQ(last_->type, PictureType::kIntra);
}

TEST_F(FakeEncoderTest, Batch_ReturnsSeveralPicturesACall) {
  encoders_.SetBatch(3);
  EXPECT_THAT(Encode(1), IsEmpty());
  EXPECT_THAT(Encode(2), IsEmpty());
  EXPECT_THAT(Encode(3), ElementsAre(1, 2, 3));
  EXPECT_THAT(Encode(4), IsEmpty());
  encoders_.SetBatch(1);
  EXPECT_THAT(Encode(5), ElementsAre(4, 5));
}

TEST_F(FakeEncoderTest, Repeats_KeepTheCaptureTimeOfTheRepeatedPicture) {
  Encode(1);
  EXPECT_FALSE(last_->repeats);
  encoders_.SetRepeats(true);
  Encode(2);
  EXPECT_TRUE(last_->repeats);
  EXPECT_EQ(last_->sequence, 2U);
  EXPECT_EQ(last_->captured, SteadyTime(std::chrono::seconds(1)));
}

}  // namespace
}  // namespace pistream
