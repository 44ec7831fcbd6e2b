#include "src/stream/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "src/base/fake_clock.h"
#include "src/camera/fake_camera.h"
#include "src/encode/fake_encoder.h"
#include "src/stream/back_off.h"
#include "src/stream/recording_sink.h"

namespace pistream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Optional;

constexpr VideoFormat kFormat{{640, 480}, {24, 1}};
constexpr Size kSmaller{320, 240};

// One pipeline between a camera, a clock and an encoder that the test drives, and a sink it reads.
class PipelineTest : public testing::Test {
 protected:
  PipelineTest() { broadcaster_.AddSink(sink_); }

  void SetUp() override { pipeline_ = MakePipeline(Config()); }

  static PipelineConfig Config() {
    return {
        .camera = {.format = kFormat},
        .bitrate_bps = 800'000,
        .gop_pictures = 100,
        .grace = seconds(10),
        .camera_patience = seconds(3),
    };
  }

  std::unique_ptr<Pipeline> MakePipeline(const PipelineConfig& config) {
    return std::make_unique<Pipeline>(config, source_, encoders_.Factory(), broadcaster_, demand_,
                                      metrics_, clock_);
  }

  void StartWatched() {
    demand_.Join();
    ASSERT_TRUE(pipeline_->Start());
  }

  void Deliver(uint64_t sequence, std::optional<Size> size = std::nullopt) {
    source_.Deliver(sequence, clock_.Now(), size);
  }

  // Delivers a frame and waits for the picture of it, which is to be the `events`th of the sink.
  PicturePtr DeliverAndAwait(uint64_t sequence, size_t events,
                             std::optional<Size> size = std::nullopt) {
    Deliver(sequence, size);
    return sink_.Await(events);
  }

  // Lets `time` pass while the encoder thread waits for something to happen until then.
  void PassTime(Duration time) {
    clock_.AwaitSleepers(1);
    clock_.Advance(time);
  }

  // With a camera just started and nobody watching: lets the grace time end, and the camera with
  // it. Frames come meanwhile, or the camera would be taken for lost.
  void LetGraceEnd() {
    for (int frame = 1; frame <= 4; ++frame) {
      PassTime(seconds(2));
      Deliver(static_cast<uint64_t>(frame));
      source_.AwaitReleased(frame);
    }
    PassTime(seconds(2));
    source_.AwaitStopped();
  }

  FakeClock clock_;
  FakeCameraSource source_{kFormat};
  FakeEncoders encoders_{clock_};
  Broadcaster broadcaster_;
  RecordingSink sink_;
  Demand demand_{clock_};
  Metrics metrics_;
  std::unique_ptr<Pipeline> pipeline_;  // last: stopped before what it uses is gone
};

TEST_F(PipelineTest, Start_AllWell_ReturnsWhatTheCameraDelivers) {
  const VideoFormat delivered{kSmaller, {15, 1}};
  source_.SetFormat(delivered);
  const auto format = pipeline_->Start();
  ASSERT_TRUE(format);
  EXPECT_EQ(*format, delivered);
  ASSERT_TRUE(source_.config());
  EXPECT_EQ(source_.config()->format, kFormat);
  ASSERT_EQ(encoders_.configs().size(), 1U);
  EXPECT_EQ(encoders_.configs()[0].format, delivered);
  EXPECT_EQ(encoders_.configs()[0].bitrate_bps, 800'000);
  EXPECT_EQ(encoders_.configs()[0].gop_pictures, 100);
  EXPECT_EQ(pipeline_->Trouble(), std::nullopt);
}

TEST_F(PipelineTest, Start_GopOfNoPictures_MeansOneSecond) {
  PipelineConfig config = Config();
  config.gop_pictures = 0;
  source_.SetFormat({kFormat.size, {30000, 1001}});
  pipeline_ = MakePipeline(config);
  ASSERT_TRUE(pipeline_->Start());
  EXPECT_EQ(encoders_.configs()[0].gop_pictures, 30);
}

TEST_F(PipelineTest, Start_NoCamera_FailsWithTheReason) {
  source_.SetOpenError("no camera found");
  const auto format = pipeline_->Start();
  ASSERT_FALSE(format);
  EXPECT_EQ(format.error().message, "no camera found");
  EXPECT_NE(pipeline_->Trouble(), std::nullopt);
}

TEST_F(PipelineTest, Start_CameraDoesNotStart_FailsAndLetsGoOfIt) {
  source_.SetStartError("camera is busy");
  const auto format = pipeline_->Start();
  ASSERT_FALSE(format);
  EXPECT_EQ(format.error().message, "camera is busy");
  EXPECT_EQ(source_.cameras(), 0);
}

TEST_F(PipelineTest, Start_EncoderCannotBeMade_FailsAndLetsGoOfTheCamera) {
  encoders_.SetMakeError("bitrate too low");
  const auto format = pipeline_->Start();
  ASSERT_FALSE(format);
  EXPECT_EQ(format.error().message, "bitrate too low");
  EXPECT_EQ(source_.cameras(), 0);
}

TEST_F(PipelineTest, Start_AgainAfterAFault_Works) {
  source_.SetOpenError("no camera found");
  ASSERT_FALSE(pipeline_->Start());
  source_.SetOpenError(std::nullopt);
  EXPECT_TRUE(pipeline_->Start());
}

TEST_F(PipelineTest, Frames_Watched_BecomePicturesInOrder) {
  StartWatched();
  const PicturePtr first = DeliverAndAwait(1, 1);
  const PicturePtr second = DeliverAndAwait(2, 2);
  EXPECT_EQ(first->sequence, 1U);
  EXPECT_EQ(first->type, PictureType::kIntra);
  EXPECT_EQ(second->sequence, 2U);
  EXPECT_EQ(second->type, PictureType::kPredicted);
  pipeline_->Stop();
  EXPECT_EQ(metrics_.frames_captured.Value(), 2);
  EXPECT_EQ(metrics_.pictures_encoded_intra.Value(), 1);
  EXPECT_EQ(metrics_.pictures_encoded_predicted.Value(), 1);
  EXPECT_EQ(metrics_.encoded_bytes.Value(),
            FakeEncoders::kIntraBytes + FakeEncoders::kPredictedBytes);
  EXPECT_EQ(metrics_.frames_lost_in_camera.Value(), 0);
  EXPECT_EQ(metrics_.camera_opens.Value(), 1);
  EXPECT_EQ(metrics_.encode_seconds.Collect().histogram.sample_count, 2U);
  EXPECT_EQ(metrics_.capture_to_encoded_seconds.Collect().histogram.sample_count, 2U);
}

TEST_F(PipelineTest, Repeats_AreCountedApartAndNotInTheDelays) {
  StartWatched();
  encoders_.SetCoarsens(true);
  DeliverAndAwait(1, 1);
  encoders_.SetRepeats(true);
  DeliverAndAwait(2, 2);
  DeliverAndAwait(3, 3);
  pipeline_->Stop();
  EXPECT_EQ(metrics_.pictures_encoded_intra.Value(), 1);
  EXPECT_EQ(metrics_.pictures_encoded_predicted.Value(), 0);
  EXPECT_EQ(metrics_.pictures_encoded_repeated.Value(), 2);
  EXPECT_EQ(metrics_.pictures_coarsened.Value(), 1);
  EXPECT_EQ(metrics_.capture_to_encoded_seconds.Collect().histogram.sample_count, 1U);
}

TEST_F(PipelineTest, Encoder_HoldsFramesBack_PicturesComeLateAndInOrder) {
  encoders_.SetDelay(2);
  StartWatched();
  Deliver(1);
  encoders_.AwaitEncodes(1);
  source_.AwaitReleased(1);
  Deliver(2);
  source_.AwaitReleased(2);
  EXPECT_EQ(DeliverAndAwait(3, 1)->sequence, 1U);
  EXPECT_EQ(DeliverAndAwait(4, 2)->sequence, 2U);
}

TEST_F(PipelineTest, Frames_GapInTheirSequence_IsCounted) {
  StartWatched();
  DeliverAndAwait(5, 1);  // the first one's number says nothing
  DeliverAndAwait(6, 2);
  DeliverAndAwait(10, 3);
  EXPECT_EQ(metrics_.frames_lost_in_camera.Value(), 3);
}

TEST_F(PipelineTest, Frames_EncoderBusy_NewestWinsAndTheOtherIsCounted) {
  StartWatched();
  encoders_.Hold();
  Deliver(1);
  encoders_.AwaitEncodes(1);
  Deliver(2);
  Deliver(3);
  encoders_.Release();
  EXPECT_EQ(sink_.Await(2)->sequence, 3U);
  EXPECT_EQ(metrics_.frames_displaced.Value(), 1);
}

TEST_F(PipelineTest, Frames_NobodyWatches_AreCountedButNotEncoded) {
  ASSERT_TRUE(pipeline_->Start());
  Deliver(1);
  source_.AwaitReleased(1);
  pipeline_->Stop();
  EXPECT_EQ(metrics_.frames_unwatched.Value(), 1);
  EXPECT_TRUE(sink_.events().empty());
}

TEST_F(PipelineTest, LastViewerLeaves_StreamPausesOnceAndGoesOnWithAnIntra) {
  StartWatched();
  DeliverAndAwait(1, 1);
  DeliverAndAwait(2, 2);
  demand_.Leave();
  EXPECT_EQ(DeliverAndAwait(3, 3), nullptr);
  Deliver(4);
  source_.AwaitReleased(4);
  demand_.Join();
  const PicturePtr next = DeliverAndAwait(5, 4);
  ASSERT_NE(next, nullptr);
  EXPECT_EQ(next->sequence, 5U);
  EXPECT_EQ(next->type, PictureType::kIntra);
}

TEST_F(PipelineTest, KeyframeRequest_NextPicture_IsIntra) {
  StartWatched();
  DeliverAndAwait(1, 1);
  demand_.RequestKeyframe();
  EXPECT_EQ(DeliverAndAwait(2, 2)->type, PictureType::kIntra);
  EXPECT_EQ(DeliverAndAwait(3, 3)->type, PictureType::kPredicted);
}

TEST_F(PipelineTest, KeyframeRequest_ServedByThePlan_MakesNoSecondOne) {
  demand_.RequestKeyframe();
  StartWatched();
  EXPECT_EQ(DeliverAndAwait(1, 1)->type, PictureType::kIntra);
  EXPECT_EQ(DeliverAndAwait(2, 2)->type, PictureType::kPredicted);
}

TEST_F(PipelineTest, GraceTime_Over_StopsTheCameraButKeepsIt) {
  ASSERT_TRUE(pipeline_->Start());
  LetGraceEnd();
  EXPECT_EQ(source_.cameras(), 1);
  EXPECT_EQ(pipeline_->Trouble(), std::nullopt);  // as it is meant to be
}

TEST_F(PipelineTest, GraceTime_NotOver_CameraRunsOn) {
  ASSERT_TRUE(pipeline_->Start());
  for (uint64_t i = 1; i <= 4; ++i) {
    PassTime(milliseconds(2499));
    Deliver(i);
    source_.AwaitReleased(static_cast<int>(i));
  }
  clock_.AwaitSleepers(1);
  EXPECT_TRUE(source_.running());
}

TEST_F(PipelineTest, ViewerComes_CameraWasStopped_StartsItAgain) {
  ASSERT_TRUE(pipeline_->Start());
  LetGraceEnd();
  demand_.Join();
  source_.AwaitRunning();
  EXPECT_EQ(DeliverAndAwait(1, 1)->type, PictureType::kIntra);
  EXPECT_EQ(source_.open_attempts(), 1);
  EXPECT_EQ(source_.starts(), 2);
  EXPECT_EQ(encoders_.configs().size(), 1U);
  // Its numbers began anew: that is no loss.
  EXPECT_EQ(metrics_.frames_lost_in_camera.Value(), 0);
}

TEST_F(PipelineTest, ViewerComes_CameraDoesNotStartAgain_IsReopened) {
  ASSERT_TRUE(pipeline_->Start());
  LetGraceEnd();
  source_.SetStartError("camera is busy");
  demand_.Join();
  clock_.AwaitSleepers(1);
  EXPECT_THAT(pipeline_->Trouble(), Optional(HasSubstr("camera is busy")));
  source_.SetStartError(std::nullopt);
  clock_.Advance(BackOff::kShortest);
  source_.AwaitRunning();
  EXPECT_NE(DeliverAndAwait(1, 1), nullptr);
  EXPECT_EQ(source_.open_attempts(), 2);
}

TEST_F(PipelineTest, CameraLost_ViewersAreToldAndItIsReopenedWithBackOff) {
  StartWatched();
  DeliverAndAwait(1, 1);
  source_.SetOpenError("no such camera");
  source_.Lose("unplugged");
  EXPECT_EQ(sink_.Await(2), nullptr);
  int attempts = 1;
  for (const auto wait : {milliseconds(500), milliseconds(1000), milliseconds(2000),
                          milliseconds(4000), milliseconds(8000), milliseconds(8000)}) {
    clock_.AwaitSleepers(1);
    clock_.Advance(wait - milliseconds(1));
    clock_.AwaitSleepers(1);
    EXPECT_EQ(source_.open_attempts(), attempts);
    clock_.Advance(milliseconds(1));
    source_.AwaitOpenAttempts(++attempts);
  }
  clock_.AwaitSleepers(1);
  EXPECT_THAT(pipeline_->Trouble(), Optional(HasSubstr("no such camera")));
  source_.SetOpenError(std::nullopt);
  clock_.Advance(BackOff::kLongest);
  source_.AwaitRunning();
  const PicturePtr next = DeliverAndAwait(1, 3);
  EXPECT_EQ(next->type, PictureType::kIntra);
  EXPECT_EQ(pipeline_->Trouble(), std::nullopt);
  EXPECT_EQ(metrics_.camera_losses.Value(), 1);
  EXPECT_EQ(metrics_.camera_opens.Value(), 2);
}

TEST_F(PipelineTest, CameraLost_TellsWhy) {
  StartWatched();
  source_.Lose("unplugged");
  source_.AwaitStopped();
  EXPECT_THAT(pipeline_->Trouble(), Optional(HasSubstr("unplugged")));
}

TEST_F(PipelineTest, CameraLost_GaveAFrameAfterTheLastTime_BackOffStartsOver) {
  StartWatched();
  for (size_t i = 1; i <= 3; ++i) {
    DeliverAndAwait(1, 2 * i - 1);
    source_.Lose("unplugged");
    EXPECT_EQ(sink_.Await(2 * i), nullptr);
    source_.AwaitStopped();
    PassTime(BackOff::kShortest);
    source_.AwaitRunning();
  }
}

TEST_F(PipelineTest, CameraSilent_LongerThanPatience_IsReopened) {
  StartWatched();
  DeliverAndAwait(1, 1);
  PassTime(milliseconds(2999));
  clock_.AwaitSleepers(1);
  EXPECT_TRUE(source_.running());
  PassTime(milliseconds(1));
  EXPECT_EQ(sink_.Await(2), nullptr);
  source_.AwaitStopped();
  EXPECT_THAT(pipeline_->Trouble(), Optional(HasSubstr("no frame from fake for 3.0 s")));
  EXPECT_EQ(metrics_.camera_losses.Value(), 1);
  PassTime(BackOff::kShortest);
  source_.AwaitRunning();
  EXPECT_NE(DeliverAndAwait(2, 3), nullptr);
}

TEST_F(PipelineTest, CameraReopened_DeliversAnotherSize_EncoderIsMadeAnew) {
  StartWatched();
  DeliverAndAwait(1, 1);
  source_.SetFormat({kSmaller, {15, 1}});
  source_.Lose("unplugged");
  sink_.Await(2);
  source_.AwaitStopped();
  PassTime(BackOff::kShortest);
  source_.AwaitRunning();
  const PicturePtr next = DeliverAndAwait(1, 3);
  EXPECT_EQ(next->size, kSmaller);
  EXPECT_EQ(next->type, PictureType::kIntra);
  ASSERT_EQ(encoders_.configs().size(), 2U);
  EXPECT_EQ(encoders_.configs()[1].format, (VideoFormat{kSmaller, {15, 1}}));
}

TEST_F(PipelineTest, FrameOfAnotherSize_EncoderIsMadeAnewWithAnIntra) {
  StartWatched();
  DeliverAndAwait(1, 1);
  const PicturePtr next = DeliverAndAwait(2, 2, kSmaller);
  EXPECT_EQ(next->size, kSmaller);
  EXPECT_EQ(next->type, PictureType::kIntra);
  ASSERT_EQ(encoders_.configs().size(), 2U);
  EXPECT_EQ(encoders_.configs()[1].format, (VideoFormat{kSmaller, kFormat.framerate}));
}

TEST_F(PipelineTest, EncodeFails_IsCountedAndTheNextPictureIsIntraOfANewEncoder) {
  StartWatched();
  DeliverAndAwait(1, 1);
  encoders_.FailNextEncode("out of bits");
  Deliver(2);
  source_.AwaitReleased(2);
  EXPECT_THAT(pipeline_->Trouble(), Optional(HasSubstr("out of bits")));
  const PicturePtr next = DeliverAndAwait(3, 2);
  EXPECT_EQ(next->sequence, 3U);
  EXPECT_EQ(next->type, PictureType::kIntra);
  EXPECT_EQ(encoders_.configs().size(), 2U);
  EXPECT_EQ(metrics_.encoder_errors.Value(), 1);
  EXPECT_EQ(pipeline_->Trouble(), std::nullopt);
}

TEST_F(PipelineTest, EncoderCannotBeMadeAnew_IsTriedWithEachFrame) {
  StartWatched();
  encoders_.SetMakeError("no memory");
  Deliver(1, kSmaller);
  source_.AwaitReleased(1);
  Deliver(2, kSmaller);
  source_.AwaitReleased(2);
  EXPECT_THAT(pipeline_->Trouble(), Optional(HasSubstr("no memory")));
  encoders_.SetMakeError(std::nullopt);
  EXPECT_EQ(DeliverAndAwait(3, 1, kSmaller)->type, PictureType::kIntra);
  EXPECT_EQ(metrics_.encoder_errors.Value(), 2);
}

TEST_F(PipelineTest, Stop_Running_StopsTheCameraAndPublishesNothingMore) {
  StartWatched();
  DeliverAndAwait(1, 1);
  pipeline_->Stop();
  EXPECT_FALSE(source_.running());
  EXPECT_EQ(source_.cameras(), 0);
  EXPECT_EQ(sink_.events().size(), 1U);
  EXPECT_NE(pipeline_->Trouble(), std::nullopt);
  pipeline_->Stop();  // harmless
}

TEST_F(PipelineTest, Stop_NotStarted_IsHarmless) {
  pipeline_->Stop();
  EXPECT_EQ(source_.open_attempts(), 0);
}

TEST_F(PipelineTest, Stop_CameraAway_DoesNotWaitForTheBackOff) {
  StartWatched();
  source_.Lose("unplugged");
  source_.AwaitStopped();
  pipeline_->Stop();
  EXPECT_EQ(source_.cameras(), 0);
}

TEST_F(PipelineTest, Stop_CameraRests_Returns) {
  ASSERT_TRUE(pipeline_->Start());
  LetGraceEnd();
  pipeline_->Stop();
  EXPECT_EQ(source_.cameras(), 0);
}

class MockPictureSink : public BroadcastSink {
 public:
  MOCK_METHOD(void, OnPicture, (const PicturePtr& picture), (noexcept, override));
  MOCK_METHOD(void, OnPause, (), (noexcept, override));
};

TEST_F(PipelineTest, Sinks_SeveralThreads_EachIsToldEachThingOnce) {
  testing::StrictMock<MockPictureSink> other;
  broadcaster_.AddSink(other);
  {
    testing::InSequence in_order;
    EXPECT_CALL(other, OnPicture(testing::Pointee(testing::Field(&Picture::sequence, 1))));
    EXPECT_CALL(other, OnPicture(testing::Pointee(testing::Field(&Picture::sequence, 2))));
    EXPECT_CALL(other, OnPause());
  }
  StartWatched();
  DeliverAndAwait(1, 1);
  DeliverAndAwait(2, 2);
  source_.Lose("unplugged");
  sink_.Await(3);
  pipeline_->Stop();
}

TEST(BackOffTest, Next_AgainAndAgain_DoublesUpToTheLongest) {
  BackOff back_off;
  EXPECT_EQ(back_off.Next(), milliseconds(500));
  EXPECT_EQ(back_off.Next(), seconds(1));
  EXPECT_EQ(back_off.Next(), seconds(2));
  EXPECT_EQ(back_off.Next(), seconds(4));
  EXPECT_EQ(back_off.Next(), seconds(8));
  EXPECT_EQ(back_off.Next(), seconds(8));
  back_off.Reset();
  EXPECT_EQ(back_off.Next(), milliseconds(500));
}

}  // namespace
}  // namespace pistream
