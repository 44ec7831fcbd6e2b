#include "src/stream/camera_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "src/base/fake_clock.h"
#include "src/camera/fake_camera.h"
#include "src/encode/fake_encoder.h"
#include "src/stream/back_off.h"
#include "src/stream/recording_subscriber.h"

namespace pistream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Optional;

constexpr VideoFormat kFormat{{640, 480}, {24, 1}};
constexpr Size kSmaller{320, 240};

// A stream between a camera, a clock and an encoder that the test drives, and a viewer it reads.
class CameraStreamTest : public testing::Test {
 protected:
  void SetUp() override { stream_ = MakeStream(Config()); }

  static CameraStreamConfig Config() {
    return {
        .camera = {.format = kFormat},
        .video = {.bitrate_bps = 800'000, .gop_pictures = 100},
        .grace = seconds(10),
    };
  }

  std::unique_ptr<CameraStream> MakeStream(const CameraStreamConfig& config) {
    return MakeStream(config, encoders_.Factory());
  }
  std::unique_ptr<CameraStream> MakeStream(const CameraStreamConfig& config,
                                           const EncoderFactory& encoders) {
    auto source = std::make_unique<FakeCameraSource>(source_);
    auto stream = std::make_unique<CameraStream>("garden", config, std::move(source), encoders,
                                                 registry_, clock_);
    viewer_.emplace(stream->video());
    return stream;
  }

  void StartWatched() {
    viewer_->Subscribe();
    ASSERT_TRUE(stream_->Start());
  }

  void Deliver(uint64_t sequence, std::optional<Size> size = std::nullopt) {
    source_.Deliver(sequence, clock_.Now(), size);
  }

  // Delivers a frame and waits for the picture of it, which is to be the viewer's `count`th.
  PicturePtr DeliverAndAwait(uint64_t sequence, size_t count,
                             std::optional<Size> size = std::nullopt) {
    Deliver(sequence, size);
    return viewer_->Await(count);
  }

  // Lets `time` pass while the supervisor waits for something to happen until then.
  void PassTime(Duration time) {
    clock_.AwaitSleepers(1);
    clock_.Advance(time);
  }

  // Loses the camera and waits until that has been noticed.
  void Lose() {
    source_.Lose("unplugged");
    source_.AwaitStopped();
    clock_.AwaitSleepers(1);
  }

  // With a camera just started and nobody watching: lets the grace time end, and the camera with
  // it. Frames come meanwhile, or the camera would be considered lost.
  void LetGraceEnd() {
    PassGrace();
    source_.AwaitStopped();
  }
  void PassGrace() {
    for (int frame = 1; frame <= 4; ++frame) {
      PassTime(seconds(2));
      Deliver(static_cast<uint64_t>(frame));
      source_.AwaitReleased(frame);
    }
    PassTime(seconds(2));
  }

  FakeClock clock_;
  FakeCameraSource source_{kFormat};
  FakeEncoders encoders_{clock_};
  Metrics registry_;
  StreamMetrics metrics_{registry_, "garden"};
  EncoderMetrics encoder_metrics_{registry_, "garden", "video"};
  std::unique_ptr<CameraStream> stream_;  // below what it uses
  std::optional<RecordingSubscriber> viewer_;
};

TEST_F(CameraStreamTest, Start_AllWell_ReturnsWhatTheCameraDelivers) {
  const VideoFormat delivered{kSmaller, {15, 1}};
  source_.SetFormat(delivered);
  const auto format = stream_->Start();
  ASSERT_TRUE(format);
  EXPECT_EQ(*format, delivered);
  ASSERT_TRUE(source_.config());
  EXPECT_EQ(source_.config()->format, kFormat);
  ASSERT_EQ(encoders_.configs().size(), 1U);
  EXPECT_EQ(encoders_.configs()[0].format, delivered);
  EXPECT_EQ(encoders_.configs()[0].bitrate_bps, 800'000);
  EXPECT_EQ(encoders_.configs()[0].gop_pictures, 100);
  EXPECT_EQ(stream_->UnhealthyReason(), std::nullopt);
}

TEST_F(CameraStreamTest, Start_NoBitrateGiven_FollowsWhatTheCameraDelivers) {
  CameraStreamConfig config = Config();
  config.video.bitrate_bps = 0;
  stream_ = MakeStream(config);
  EXPECT_EQ(stream_->bitrate_bps(), FakeEncoders::DefaultBitrate(kFormat));
  const VideoFormat delivered{kSmaller, {15, 1}};
  source_.SetFormat(delivered);
  ASSERT_TRUE(stream_->Start());
  EXPECT_EQ(encoders_.configs()[0].bitrate_bps, FakeEncoders::DefaultBitrate(delivered));
  EXPECT_EQ(stream_->bitrate_bps(), FakeEncoders::DefaultBitrate(delivered));
}

TEST_F(CameraStreamTest, Start_GopOfNoPictures_MeansOneSecond) {
  CameraStreamConfig config = Config();
  config.video.gop_pictures = 0;
  source_.SetFormat({kFormat.size, {30000, 1001}});
  stream_ = MakeStream(config);
  ASSERT_TRUE(stream_->Start());
  EXPECT_EQ(encoders_.configs()[0].gop_pictures, 30);
}

TEST_F(CameraStreamTest, Start_NoCamera_FailsWithTheReason) {
  source_.SetOpenError("no camera found");
  const auto format = stream_->Start();
  ASSERT_FALSE(format);
  EXPECT_EQ(format.error().message, "no camera found");
  EXPECT_NE(stream_->UnhealthyReason(), std::nullopt);
}

TEST_F(CameraStreamTest, Start_CameraDoesNotStart_FailsAndClosesIt) {
  source_.SetStartError("camera is busy");
  const auto format = stream_->Start();
  ASSERT_FALSE(format);
  EXPECT_EQ(format.error().message, "camera is busy");
  EXPECT_EQ(source_.cameras(), 0);
}

TEST_F(CameraStreamTest, Start_EncoderCannotBeCreated_FailsAndClosesTheCamera) {
  encoders_.SetMakeError("bitrate too low");
  const auto format = stream_->Start();
  ASSERT_FALSE(format);
  EXPECT_EQ(format.error().message, "bitrate too low");
  EXPECT_EQ(source_.cameras(), 0);
}

TEST_F(CameraStreamTest, Start_AgainAfterAFault_Works) {
  source_.SetOpenError("no camera found");
  ASSERT_FALSE(stream_->Start());
  source_.SetOpenError(std::nullopt);
  EXPECT_TRUE(stream_->Start());
}

TEST_F(CameraStreamTest, Frames_Watched_BecomePicturesInOrder) {
  StartWatched();
  const PicturePtr first = DeliverAndAwait(1, 1);
  const PicturePtr second = DeliverAndAwait(2, 2);
  EXPECT_EQ(first->sequence, 1U);
  EXPECT_EQ(first->type, PictureType::kIntra);
  EXPECT_EQ(second->sequence, 2U);
  EXPECT_EQ(second->type, PictureType::kPredicted);
  stream_->Stop();
  EXPECT_EQ(metrics_.frames_captured.Value(), 2);
  EXPECT_EQ(encoder_metrics_.pictures_encoded_intra.Value(), 1);
  EXPECT_EQ(encoder_metrics_.pictures_encoded_predicted.Value(), 1);
  EXPECT_EQ(encoder_metrics_.encoded_bytes.Value(),
            FakeEncoders::kIntraBytes + FakeEncoders::kPredictedBytes);
  EXPECT_EQ(metrics_.frames_lost_in_camera.Value(), 0);
  EXPECT_EQ(metrics_.camera_opens.Value(), 1);
  EXPECT_EQ(encoder_metrics_.encode_seconds.Collect().histogram.sample_count, 2U);
  EXPECT_EQ(encoder_metrics_.capture_to_encoded_seconds.Collect().histogram.sample_count, 2U);
}

TEST_F(CameraStreamTest, Frames_GapInTheirSequence_IsCounted) {
  StartWatched();
  DeliverAndAwait(5, 1);  // the first sequence number is not counted as a gap
  DeliverAndAwait(6, 2);
  DeliverAndAwait(10, 3);
  EXPECT_EQ(metrics_.frames_lost_in_camera.Value(), 3);
}

TEST_F(CameraStreamTest, Frames_EncoderBusy_NewestWinsAndTheOtherIsCounted) {
  StartWatched();
  encoders_.Hold();
  Deliver(1);
  encoders_.AwaitEncodes(1);
  Deliver(2);
  Deliver(3);
  encoders_.Release();
  EXPECT_EQ(viewer_->Await(2)->sequence, 3U);
  EXPECT_EQ(metrics_.frames_displaced.Value(), 1);
}

TEST_F(CameraStreamTest, Frames_NobodyWatches_AreCountedButNotEncoded) {
  ASSERT_TRUE(stream_->Start());
  Deliver(1);
  source_.AwaitReleased(1);
  stream_->Stop();
  EXPECT_EQ(metrics_.frames_unwatched.Value(), 1);
  EXPECT_TRUE(viewer_->pictures().empty());
}

TEST_F(CameraStreamTest, LastViewerLeaves_StreamGoesOnWithAnIntraForTheNext) {
  StartWatched();
  DeliverAndAwait(1, 1);
  DeliverAndAwait(2, 2);
  viewer_->Leave();
  Deliver(3);
  source_.AwaitReleased(3);
  clock_.Advance(seconds(1));
  viewer_->Subscribe();
  EXPECT_TRUE(viewer_->TakeGroup().empty());  // nothing old
  const PicturePtr next = DeliverAndAwait(4, 3);
  EXPECT_EQ(next->sequence, 4U);
  EXPECT_EQ(next->type, PictureType::kIntra);
}

TEST_F(CameraStreamTest, KeyframeRequest_NextPicture_IsIntra) {
  StartWatched();
  DeliverAndAwait(1, 1);
  stream_->video()->RequestKeyframe();
  EXPECT_EQ(DeliverAndAwait(2, 2)->type, PictureType::kIntra);
  EXPECT_EQ(DeliverAndAwait(3, 3)->type, PictureType::kPredicted);
}

TEST_F(CameraStreamTest, KeyframeRequest_ServedByThePlan_MakesNoSecondOne) {
  stream_->video()->RequestKeyframe();
  StartWatched();
  EXPECT_EQ(DeliverAndAwait(1, 1)->type, PictureType::kIntra);
  EXPECT_EQ(DeliverAndAwait(2, 2)->type, PictureType::kPredicted);
}

TEST_F(CameraStreamTest, GraceTime_Over_StopsTheCameraButKeepsIt) {
  ASSERT_TRUE(stream_->Start());
  LetGraceEnd();
  EXPECT_EQ(source_.cameras(), 1);
  EXPECT_EQ(stream_->UnhealthyReason(), std::nullopt);  // as it is meant to be
}

TEST_F(CameraStreamTest, GraceTime_NotOver_CameraRunsOn) {
  ASSERT_TRUE(stream_->Start());
  for (uint64_t i = 1; i <= 4; ++i) {
    PassTime(milliseconds(2499));
    Deliver(i);
    source_.AwaitReleased(static_cast<int>(i));
  }
  clock_.AwaitSleepers(1);
  EXPECT_TRUE(source_.running());
}

TEST_F(CameraStreamTest, ViewerComes_CameraWasStopped_StartsItAgain) {
  ASSERT_TRUE(stream_->Start());
  LetGraceEnd();
  viewer_->Subscribe();
  source_.AwaitRunning();
  EXPECT_EQ(DeliverAndAwait(1, 1)->type, PictureType::kIntra);
  EXPECT_EQ(source_.open_attempts(), 1);
  EXPECT_EQ(source_.starts(), 2);
  EXPECT_EQ(encoders_.configs().size(), 1U);
  // Its sequence starts again: that is not a loss.
  EXPECT_EQ(metrics_.frames_lost_in_camera.Value(), 0);
}

TEST_F(CameraStreamTest, ViewerComes_CameraDoesNotStartAgain_IsReopened) {
  ASSERT_TRUE(stream_->Start());
  LetGraceEnd();
  source_.SetStartError("camera is busy");
  viewer_->Subscribe();
  source_.AwaitStarts(2);
  clock_.AwaitSleepers(1);
  EXPECT_THAT(stream_->UnhealthyReason(), Optional(HasSubstr("camera is busy")));
  source_.SetStartError(std::nullopt);
  clock_.Advance(BackOff::kShortest);
  source_.AwaitRunning();
  EXPECT_NE(DeliverAndAwait(1, 1), nullptr);
  EXPECT_EQ(source_.open_attempts(), 2);
}

TEST_F(CameraStreamTest, CameraLost_IsReopenedWithBackOffAndHasNoOldGroup) {
  StartWatched();
  DeliverAndAwait(1, 1);
  source_.SetOpenError("no such camera");
  Lose();
  EXPECT_TRUE(viewer_->TakeGroup().empty());
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
  EXPECT_THAT(stream_->UnhealthyReason(), Optional(HasSubstr("no such camera")));
  source_.SetOpenError(std::nullopt);
  clock_.Advance(BackOff::kLongest);
  source_.AwaitRunning();
  const PicturePtr next = DeliverAndAwait(1, 2);
  EXPECT_EQ(next->type, PictureType::kIntra);
  EXPECT_EQ(stream_->UnhealthyReason(), std::nullopt);
  EXPECT_EQ(metrics_.camera_losses.Value(), 1);
  EXPECT_EQ(metrics_.camera_opens.Value(), 2);
}

TEST_F(CameraStreamTest, CameraLost_TellsWhy) {
  StartWatched();
  Lose();
  EXPECT_THAT(stream_->UnhealthyReason(), Optional(HasSubstr("unplugged")));
}

TEST_F(CameraStreamTest, CameraReopened_IsHealthyWithItsFirstFrame) {
  StartWatched();
  EXPECT_EQ(stream_->UnhealthyReason(), std::nullopt);  // at the first start, without a frame
  DeliverAndAwait(1, 1);
  Lose();
  PassTime(BackOff::kShortest);
  source_.AwaitRunning();
  clock_.AwaitSleepers(1);  // for the first frame
  EXPECT_THAT(stream_->UnhealthyReason(), Optional(HasSubstr("unplugged")));
  Deliver(1);
  EXPECT_EQ(stream_->UnhealthyReason(), std::nullopt);
}

TEST_F(CameraStreamTest, CameraLostTogetherWithItsFirstFrame_StaysUnhealthy) {
  StartWatched();
  Lose();
  PassTime(BackOff::kShortest);
  source_.AwaitRunning();
  Deliver(1);
  Lose();
  EXPECT_THAT(stream_->UnhealthyReason(), Optional(HasSubstr("unplugged")));
}

TEST_F(CameraStreamTest, CameraLost_GaveAFrameAfterTheLastTime_BackOffStartsOver) {
  StartWatched();
  for (size_t i = 1; i <= 3; ++i) {
    DeliverAndAwait(1, i);
    Lose();
    PassTime(BackOff::kShortest);
    source_.AwaitRunning();
  }
}

TEST_F(CameraStreamTest, CameraSilent_LongerThanTheLimit_IsReopened) {
  StartWatched();
  DeliverAndAwait(1, 1);
  PassTime(milliseconds(2999));
  clock_.AwaitSleepers(1);
  EXPECT_TRUE(source_.running());
  PassTime(milliseconds(1));
  source_.AwaitStopped();
  clock_.AwaitSleepers(1);
  EXPECT_THAT(stream_->UnhealthyReason(), Optional(HasSubstr("no frame from fake for 3.0 s")));
  EXPECT_EQ(metrics_.camera_losses.Value(), 1);
  PassTime(BackOff::kShortest);
  source_.AwaitRunning();
  EXPECT_NE(DeliverAndAwait(2, 2), nullptr);
}

TEST_F(CameraStreamTest, CameraSilent_BeforeItsFirstFrame_HasLonger) {
  StartWatched();
  PassTime(milliseconds(9999));
  clock_.AwaitSleepers(1);
  EXPECT_TRUE(source_.running());
  PassTime(milliseconds(1));
  source_.AwaitStopped();
}

TEST_F(CameraStreamTest, CameraReopened_DeliversAnotherSize_EncoderIsRecreated) {
  StartWatched();
  DeliverAndAwait(1, 1);
  source_.SetFormat({kSmaller, {15, 1}});
  Lose();
  PassTime(BackOff::kShortest);
  source_.AwaitRunning();
  const PicturePtr next = DeliverAndAwait(1, 2);
  EXPECT_EQ(next->size, kSmaller);
  EXPECT_EQ(next->type, PictureType::kIntra);
  ASSERT_EQ(encoders_.configs().size(), 2U);
  EXPECT_EQ(encoders_.configs()[1].format, (VideoFormat{kSmaller, {15, 1}}));
}

TEST_F(CameraStreamTest, FrameOfAnotherSize_EncoderIsRecreatedWithAnIntra) {
  StartWatched();
  DeliverAndAwait(1, 1);
  const PicturePtr next = DeliverAndAwait(2, 2, kSmaller);
  EXPECT_EQ(next->size, kSmaller);
  EXPECT_EQ(next->type, PictureType::kIntra);
  ASSERT_EQ(encoders_.configs().size(), 2U);
  EXPECT_EQ(encoders_.configs()[1].format, (VideoFormat{kSmaller, kFormat.framerate}));
}

TEST_F(CameraStreamTest, FramesOfAnotherSize_OneNewEncoderForAllOfThem) {
  StartWatched();
  DeliverAndAwait(1, 1);
  EXPECT_EQ(DeliverAndAwait(2, 2, kSmaller)->type, PictureType::kIntra);
  EXPECT_EQ(DeliverAndAwait(3, 3, kSmaller)->type, PictureType::kPredicted);
  EXPECT_EQ(DeliverAndAwait(4, 4, kSmaller)->type, PictureType::kPredicted);
  EXPECT_EQ(encoders_.configs().size(), 2U);
}

TEST_F(CameraStreamTest, EncodeFails_IsCountedAndTheNextPictureIsIntraOfANewEncoder) {
  StartWatched();
  DeliverAndAwait(1, 1);
  encoders_.FailNextEncode("out of bits");
  Deliver(2);
  encoders_.AwaitEncodes(2);
  encoders_.Hold();
  Deliver(3);
  encoders_.AwaitEncodes(3);  // by now the fault has been handled
  EXPECT_THAT(stream_->UnhealthyReason(), Optional(HasSubstr("out of bits")));
  encoders_.Release();
  const PicturePtr next = viewer_->Await(2);
  EXPECT_EQ(next->sequence, 3U);
  EXPECT_EQ(next->type, PictureType::kIntra);
  EXPECT_EQ(encoders_.configs().size(), 2U);
  EXPECT_EQ(encoder_metrics_.encoder_errors.Value(), 1);
  EXPECT_EQ(stream_->UnhealthyReason(), std::nullopt);
}

TEST_F(CameraStreamTest, EncodeFails_LogLineNamesTheStream) {
  StartWatched();
  encoders_.FailNextEncode("out of bits");
  testing::internal::CaptureStderr();
  Deliver(1);
  encoders_.AwaitEncodes(1);
  DeliverAndAwait(2, 1);  // by then the fault has been handled
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("stream garden: the encoder failed (1 times since the last such line): "
                        "out of bits"));
}

TEST_F(CameraStreamTest, EncoderCannotBeRecreated_IsTriedWithEachFrame) {
  StartWatched();
  encoders_.SetMakeError("no memory");
  Deliver(1, kSmaller);
  encoders_.AwaitMakes(2);  // the first was at the start
  Deliver(2, kSmaller);
  encoders_.AwaitMakes(3);  // by now the fault before has been handled
  EXPECT_THAT(stream_->UnhealthyReason(), Optional(HasSubstr("no memory")));
  encoders_.SetMakeError(std::nullopt);
  EXPECT_EQ(DeliverAndAwait(3, 1, kSmaller)->type, PictureType::kIntra);
  EXPECT_EQ(encoder_metrics_.encoder_errors.Value(), 2);
}

TEST_F(CameraStreamTest, Stop_Running_StopsTheCameraAndPublishesNothingMore) {
  StartWatched();
  DeliverAndAwait(1, 1);
  stream_->Stop();
  EXPECT_FALSE(source_.running());
  EXPECT_EQ(source_.cameras(), 0);
  EXPECT_EQ(viewer_->pictures().size(), 1U);
  EXPECT_NE(stream_->UnhealthyReason(), std::nullopt);
  stream_->Stop();  // harmless
}

TEST_F(CameraStreamTest, Stop_NotStarted_IsHarmless) {
  stream_->Stop();
  EXPECT_EQ(source_.open_attempts(), 0);
}

TEST_F(CameraStreamTest, Stop_CameraUnavailable_DoesNotWaitForTheBackOff) {
  StartWatched();
  source_.Lose("unplugged");
  source_.AwaitStopped();
  stream_->Stop();
  EXPECT_EQ(source_.cameras(), 0);
}

TEST_F(CameraStreamTest, Stop_CameraOnStandby_Returns) {
  ASSERT_TRUE(stream_->Start());
  LetGraceEnd();
  stream_->Stop();
  EXPECT_EQ(source_.cameras(), 0);
}

TEST_F(CameraStreamTest, StartUnavailable_IsOpenedLater) {
  source_.SetOpenError("no camera found");
  viewer_->Subscribe();
  const auto format = stream_->Start();
  ASSERT_FALSE(format);
  stream_->StartUnavailable(format.error());
  EXPECT_THAT(stream_->UnhealthyReason(), Optional(HasSubstr("no camera found")));
  source_.SetOpenError(std::nullopt);
  PassTime(BackOff::kShortest);
  source_.AwaitRunning();
  EXPECT_EQ(DeliverAndAwait(1, 1)->type, PictureType::kIntra);
  EXPECT_EQ(stream_->UnhealthyReason(), std::nullopt);
}

TEST_F(CameraStreamTest, StartInBackground_OpensTheCamera) {
  viewer_->Subscribe();
  stream_->StartInBackground();
  source_.AwaitRunning();
  EXPECT_EQ(DeliverAndAwait(1, 1)->type, PictureType::kIntra);
  EXPECT_EQ(stream_->UnhealthyReason(), std::nullopt);
}

TEST_F(CameraStreamTest, StartInBackground_NoCamera_IsTriedAgain) {
  source_.SetOpenError("no camera found");
  viewer_->Subscribe();
  stream_->StartInBackground();
  source_.AwaitOpenAttempts(1);
  clock_.AwaitSleepers(1);
  EXPECT_THAT(stream_->UnhealthyReason(), Optional(HasSubstr("no camera found")));
  source_.SetOpenError(std::nullopt);
  PassTime(BackOff::kShortest);
  source_.AwaitRunning();
  EXPECT_EQ(DeliverAndAwait(1, 1)->type, PictureType::kIntra);
}

TEST_F(CameraStreamTest, Reconfigure_Bitrate_RecreatesTheEncoderAndNotTheCamera) {
  StartWatched();
  DeliverAndAwait(1, 1);
  CameraStreamConfig config = Config();
  config.video.bitrate_bps = 400'000;
  stream_->Reconfigure(config, nullptr);
  // The supervisor adopts it while frames come in.
  PicturePtr next;
  for (uint64_t number = 2; encoders_.configs().size() < 2; ++number) {
    next = DeliverAndAwait(number, number);
  }
  EXPECT_EQ(next->type, PictureType::kIntra);
  EXPECT_EQ(stream_->bitrate_bps(), 400'000);
  EXPECT_EQ(encoders_.configs()[1].bitrate_bps, 400'000);
  EXPECT_EQ(source_.starts(), 1);
}

TEST_F(CameraStreamTest, Reconfigure_Flip_RestartsTheCamera) {
  StartWatched();
  DeliverAndAwait(1, 1);
  CameraStreamConfig config = Config();
  config.camera.hflip = true;
  stream_->Reconfigure(config, nullptr);
  source_.AwaitStarts(2);
  EXPECT_TRUE(source_.config()->hflip);
  EXPECT_EQ(source_.open_attempts(), 1);
  EXPECT_EQ(DeliverAndAwait(1, 2)->type, PictureType::kIntra);
}

TEST_F(CameraStreamTest, Reconfigure_Source_OpensTheOther) {
  StartWatched();
  DeliverAndAwait(1, 1);
  FakeCameraSource other{{kSmaller, {15, 1}}};
  stream_->Reconfigure(Config(), std::make_unique<FakeCameraSource>(other));
  other.AwaitRunning();
  EXPECT_EQ(source_.cameras(), 0);
  other.Deliver(1, clock_.Now());
  const PicturePtr next = viewer_->Await(2);
  EXPECT_EQ(next->size, kSmaller);
  EXPECT_EQ(next->type, PictureType::kIntra);
  EXPECT_EQ(metrics_.camera_losses.Value(), 0);
}

TEST_F(CameraStreamTest, Reconfigure_Size_LogsWhatTheCameraDeliversAndWarnsOfTheBitrate) {
  EncoderFactory encoders = encoders_.Factory();
  encoders.warning = [](const EncoderConfig& config) {
    return config.format.size == kSmaller ? std::optional<std::string>("the bitrate is too low")
                                          : std::nullopt;
  };
  stream_ = MakeStream(Config(), encoders);
  StartWatched();
  DeliverAndAwait(1, 1);
  source_.SetFormat({kSmaller, {15, 1}});
  CameraStreamConfig config = Config();
  config.camera.format.size = {322, 240};
  testing::internal::CaptureStderr();
  stream_->Reconfigure(config, nullptr);
  source_.AwaitStarts(2);
  DeliverAndAwait(1, 2);
  const std::string lines = testing::internal::GetCapturedStderr();
  EXPECT_THAT(lines, HasSubstr("stream garden: camera fake: 320x240 at 15 frames a second\n"));
  EXPECT_THAT(lines, HasSubstr("stream garden: the bitrate is too low\n"));
}

TEST_F(CameraStreamTest, ViewerComes_SameFormatAsBefore_IsNotLoggedAgain) {
  ASSERT_TRUE(stream_->Start());
  LetGraceEnd();
  testing::internal::CaptureStderr();
  viewer_->Subscribe();
  source_.AwaitRunning();
  DeliverAndAwait(1, 1);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), Not(HasSubstr("frames a second")));
}

TEST_F(CameraStreamTest, ViewerComes_CameraDeliversAnotherFormat_IsLogged) {
  ASSERT_TRUE(stream_->Start());
  LetGraceEnd();
  source_.SetFormat({kSmaller, {15, 1}});
  testing::internal::CaptureStderr();
  viewer_->Subscribe();
  source_.AwaitRunning();
  DeliverAndAwait(1, 1);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("320x240 at 15 frames a second"));
}

TEST_F(CameraStreamTest, Reconfigure_CameraOnStandby_StartsItForTheGraceTime) {
  ASSERT_TRUE(stream_->Start());
  LetGraceEnd();
  const VideoFormat delivered{kSmaller, {15, 1}};
  source_.SetFormat(delivered);
  CameraStreamConfig config = Config();
  config.camera.format = delivered;
  stream_->Reconfigure(config, nullptr);
  source_.AwaitStarts(2);
  clock_.AwaitSleepers(1);
  EXPECT_EQ(source_.config()->format, delivered);
  EXPECT_EQ(stream_->format(), delivered);
  EXPECT_EQ(source_.open_attempts(), 1);
  LetGraceEnd();
  EXPECT_EQ(stream_->UnhealthyReason(), std::nullopt);
}

TEST_F(CameraStreamTest, Reconfigure_CameraRefusesTheSettings_GoesOnWithThoseOfBefore) {
  StartWatched();
  DeliverAndAwait(1, 1);
  source_.SetControlError("it has no control 'Brightnes'");
  CameraStreamConfig config = Config();
  config.camera.controls = {{"Brightnes", 1}};
  testing::internal::CaptureStderr();
  stream_->Reconfigure(config, nullptr);
  source_.AwaitStarts(3);
  EXPECT_EQ(*source_.config(), Config().camera);
  EXPECT_EQ(DeliverAndAwait(1, 2)->type, PictureType::kIntra);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("stream garden keeps its camera settings: it has no control 'Brightnes'"));
  EXPECT_EQ(stream_->UnhealthyReason(), std::nullopt);
  EXPECT_EQ(source_.open_attempts(), 1);
  EXPECT_EQ(metrics_.camera_losses.Value(), 0);
}

TEST_F(CameraStreamTest, Reconfigure_CameraOnStandbyRefusesTheSettings_GoesOnWithThoseOfBefore) {
  ASSERT_TRUE(stream_->Start());
  LetGraceEnd();
  source_.SetControlError("it has no control 'Brightnes'");
  CameraStreamConfig config = Config();
  config.camera.controls = {{"Brightnes", 1}};
  stream_->Reconfigure(config, nullptr);
  source_.AwaitStarts(3);
  clock_.AwaitSleepers(1);
  EXPECT_EQ(*source_.config(), Config().camera);
  EXPECT_EQ(stream_->UnhealthyReason(), std::nullopt);
  EXPECT_EQ(metrics_.camera_losses.Value(), 0);
}

TEST_F(CameraStreamTest, Reconfigure_CameraStartsWithNoSettings_IsUnavailableAndNotLost) {
  StartWatched();
  DeliverAndAwait(1, 1);
  source_.SetStartError("camera is busy");
  CameraStreamConfig config = Config();
  config.camera.hflip = true;
  stream_->Reconfigure(config, nullptr);
  source_.AwaitStarts(3);
  clock_.AwaitSleepers(1);
  EXPECT_THAT(stream_->UnhealthyReason(), Optional(HasSubstr("unavailable: camera is busy")));
  EXPECT_EQ(metrics_.camera_losses.Value(), 0);
  source_.SetStartError(std::nullopt);
  clock_.Advance(BackOff::kShortest);
  source_.AwaitRunning();
  EXPECT_TRUE(source_.config()->hflip);
  EXPECT_EQ(DeliverAndAwait(1, 2)->type, PictureType::kIntra);
  EXPECT_EQ(stream_->UnhealthyReason(), std::nullopt);
}

TEST_F(CameraStreamTest, Reconfigure_TogetherWithALoss_ReopensTheCameraAtOnce) {
  CameraStreamConfig config = Config();
  config.camera.hflip = true;
  // The first encoder is created before the supervisor starts, which then finds both.
  EncoderFactory encoders = encoders_.Factory();
  encoders.create = [&, create = encoders.create](const EncoderConfig& encoding) {
    if (encoders_.configs().empty()) {
      source_.Lose("unplugged");
      stream_->Reconfigure(config, nullptr);
    }
    return create(encoding);
  };
  stream_ = MakeStream(Config(), encoders);
  StartWatched();
  source_.AwaitStarts(2);
  EXPECT_EQ(source_.open_attempts(), 2);
  EXPECT_TRUE(source_.config()->hflip);
  EXPECT_EQ(metrics_.camera_losses.Value(), 1);
  EXPECT_EQ(DeliverAndAwait(1, 1)->type, PictureType::kIntra);
  EXPECT_EQ(stream_->UnhealthyReason(), std::nullopt);
}

// While the camera stops for standby, somebody comes and the bitrate changes.
TEST_F(CameraStreamTest, Reconfigure_TogetherWithAViewer_LeavesStandby) {
  CameraStreamConfig config = Config();
  config.video.bitrate_bps = 400'000;
  source_.OnNextStop([&] {
    viewer_->Subscribe();
    stream_->Reconfigure(config, nullptr);
  });
  ASSERT_TRUE(stream_->Start());
  PassGrace();
  source_.AwaitStarts(2);
  source_.AwaitRunning();
  EXPECT_EQ(DeliverAndAwait(1, 1)->type, PictureType::kIntra);
}

TEST_F(CameraStreamTest, Reconfigure_BitrateAfterARefusedControl_LeavesTheCameraAlone) {
  StartWatched();
  DeliverAndAwait(1, 1);
  source_.SetControlError("there is no control 'Focus'");
  CameraStreamConfig config = Config();
  config.camera.controls = {{"Focus", 1}};
  stream_->Reconfigure(config, nullptr);
  source_.AwaitStarts(3);  // refused, and as before
  source_.AwaitRunning();
  DeliverAndAwait(2, 2);
  config.video.bitrate_bps = 400'000;
  stream_->Reconfigure(config, nullptr);
  for (uint64_t number = 3; encoders_.configs().back().bitrate_bps != 400'000; ++number) {
    DeliverAndAwait(number, number);
  }
  EXPECT_EQ(source_.starts(), 3);
}

TEST_F(CameraStreamTest, Reconfigure_Nothing_RestartsNothing) {
  StartWatched();
  DeliverAndAwait(1, 1);
  stream_->Reconfigure(Config(), nullptr);
  clock_.AwaitSleepers(1);
  EXPECT_EQ(DeliverAndAwait(2, 2)->type, PictureType::kPredicted);
  EXPECT_EQ(source_.starts(), 1);
  EXPECT_EQ(encoders_.configs().size(), 1U);
}

TEST_F(CameraStreamTest, Encoder_HoldsFramesBack_PicturesComeLaterInOrder) {
  encoders_.SetDelay(2);
  StartWatched();
  Deliver(1);
  encoders_.AwaitEncodes(1);
  Deliver(2);
  encoders_.AwaitEncodes(2);
  const PicturePtr first = DeliverAndAwait(3, 1);
  EXPECT_EQ(first->sequence, 1U);
  EXPECT_EQ(first->type, PictureType::kIntra);
  const PicturePtr second = DeliverAndAwait(4, 2);
  EXPECT_EQ(second->sequence, 2U);
  EXPECT_EQ(second->type, PictureType::kPredicted);
}

TEST_F(CameraStreamTest, Encoder_HoldsFramesBackAndTheCameraIsLost_TheyComeBeforeThePause) {
  encoders_.SetDelay(2);
  StartWatched();
  Deliver(1);
  encoders_.AwaitEncodes(1);
  Deliver(2);
  encoders_.AwaitEncodes(2);
  Lose();
  EXPECT_TRUE(viewer_->TakeGroup().empty());
  ASSERT_EQ(viewer_->pictures().size(), 2U);
  EXPECT_EQ(viewer_->pictures()[0]->sequence, 1U);
  EXPECT_EQ(viewer_->pictures()[1]->sequence, 2U);
  PassTime(BackOff::kShortest);
  source_.AwaitRunning();
  encoders_.SetDelay(0);
  const PicturePtr next = DeliverAndAwait(1, 3);
  EXPECT_EQ(next->type, PictureType::kIntra);
  EXPECT_EQ(encoders_.configs().size(), 1U);
}

TEST_F(CameraStreamTest, Encoder_HoldsFramesBackAndIsReconfigured_TheyComeWithoutAnotherFrame) {
  encoders_.SetDelay(2);
  StartWatched();
  Deliver(1);
  encoders_.AwaitEncodes(1);
  Deliver(2);
  encoders_.AwaitEncodes(2);
  CameraStreamConfig config = Config();
  config.video.bitrate_bps = 400'000;
  stream_->Reconfigure(config, nullptr);
  EXPECT_EQ(viewer_->Await(1)->sequence, 1U);
  EXPECT_EQ(viewer_->Await(2)->sequence, 2U);
}

TEST_F(CameraStreamTest, Encoder_HoldsFramesBackAndTheSizeChanges_TheyComeFirst) {
  encoders_.SetDelay(1);
  StartWatched();
  Deliver(1);
  encoders_.AwaitEncodes(1);
  const PicturePtr first = DeliverAndAwait(2, 1, kSmaller);
  EXPECT_EQ(first->sequence, 1U);
  EXPECT_EQ(first->size, kFormat.size);
  const PicturePtr second = DeliverAndAwait(3, 2, kSmaller);
  EXPECT_EQ(second->sequence, 2U);
  EXPECT_EQ(second->size, kSmaller);
  EXPECT_EQ(second->type, PictureType::kIntra);
}

TEST_F(CameraStreamTest, LinesOfAllAreCongested_FramesAreSkippedAndTheNextIsAPPicture) {
  StartWatched();
  DeliverAndAwait(1, 1);
  viewer_->subscription().SetWants({.max_bitrate_bps = 0});
  for (const int number : {2, 3}) {
    Deliver(static_cast<uint64_t>(number));
    source_.AwaitReleased(number);
  }
  EXPECT_EQ(encoder_metrics_.frames_skipped_for_lines.Value(), 2);
  viewer_->subscription().SetWants({.max_bitrate_bps = 500'000});
  const PicturePtr next = DeliverAndAwait(4, 2);
  EXPECT_EQ(next->sequence, 4U);
  EXPECT_EQ(next->type, PictureType::kPredicted) << "viewers miss nothing that it refers to";
  EXPECT_EQ(encoder_metrics_.frames_skipped_for_lines.Value(), 2);
}

TEST_F(CameraStreamTest, KeyframeRequest_WhileFramesAreSkipped_IsServedByTheFirst) {
  StartWatched();
  DeliverAndAwait(1, 1);
  viewer_->subscription().SetWants({.max_bitrate_bps = 0});
  stream_->video()->RequestKeyframe();
  Deliver(2);
  source_.AwaitReleased(2);
  viewer_->subscription().SetWants({});
  EXPECT_EQ(DeliverAndAwait(3, 2)->type, PictureType::kIntra);
  EXPECT_EQ(DeliverAndAwait(4, 3)->type, PictureType::kPredicted);
}

TEST_F(CameraStreamTest, OneLineIsCongested_NoFrameIsSkippedForTheOther) {
  RecordingSubscriber congested(stream_->video());
  congested.Subscribe({.max_bitrate_bps = 0});
  StartWatched();
  DeliverAndAwait(1, 1);
  DeliverAndAwait(2, 2);
  EXPECT_EQ(encoder_metrics_.frames_skipped_for_lines.Value(), 0);
}

TEST_F(CameraStreamTest, Limit_TheLargestOfAllReachesTheEncoder) {
  RecordingSubscriber other(stream_->video());
  other.Subscribe({.max_bitrate_bps = 300'000});
  viewer_->Subscribe({.max_bitrate_bps = 500'000});
  ASSERT_TRUE(stream_->Start());
  DeliverAndAwait(1, 1);
  EXPECT_EQ(encoders_.bitrate_limit_bps(), 500'000);
  other.subscription().SetWants({.max_bitrate_bps = 600'000});
  DeliverAndAwait(2, 2);
  EXPECT_EQ(encoders_.bitrate_limit_bps(), 600'000);
  other.subscription().SetWants({});
  DeliverAndAwait(3, 3);
  EXPECT_EQ(encoders_.bitrate_limit_bps(), std::nullopt);
  other.Leave();
  DeliverAndAwait(4, 4);
  EXPECT_EQ(encoders_.bitrate_limit_bps(), 500'000);
  EXPECT_EQ(encoders_.configs().size(), 1U) << "the encoder is not recreated for it";
}

TEST_F(CameraStreamTest, LimitWhenTheEncoderIsRecreated_ReachesTheNewOne) {
  viewer_->Subscribe({.max_bitrate_bps = 500'000});
  ASSERT_TRUE(stream_->Start());
  DeliverAndAwait(1, 1);
  DeliverAndAwait(2, 2, kSmaller);
  ASSERT_EQ(encoders_.configs().size(), 2U);
  EXPECT_EQ(encoders_.bitrate_limit_bps(), 500'000);
}

TEST_F(CameraStreamTest, SufficientBitrate_IsThatOfEachTrack) {
  const int64_t full = FakeEncoders::DefaultBitrate(kFormat) / 2;
  EXPECT_EQ(stream_->sufficient_bitrate_bps(VideoScale::kFull), full);
  EXPECT_EQ(stream_->sufficient_bitrate_bps(VideoScale::kHalf), full / 4);
  EXPECT_EQ(stream_->sufficient_bitrate_bps(VideoScale::kQuarter), full / 16);
}

// A stream of which each track may be watched.
class SmallerTracksTest : public CameraStreamTest {
 protected:
  void LetTheHalfEncoderFail() {
    StartWatched();
    DeliverAndAwait(1, 1);
    encoders_.SetMakeError("no memory");
    half_->Subscribe();
    DeliverAndAwait(2, 2);
    encoders_.AwaitMakes(2);
    DeliverAndAwait(3, 3);
    encoders_.AwaitMakes(3);  // by now the fault before has been handled
  }

  void SetUp() override {
    CameraStreamTest::SetUp();
    half_.emplace(stream_->video(VideoScale::kHalf));
    quarter_.emplace(stream_->video(VideoScale::kQuarter));
  }

  void SubscribeToAll() {
    viewer_->Subscribe();
    half_->Subscribe();
    quarter_->Subscribe();
  }
  // By then the supervisor knows who watches.
  void RestartCamera() {
    CameraStreamConfig config = Config();
    config.camera.hflip = true;
    stream_->Reconfigure(config, nullptr);
    source_.AwaitStarts(2);
  }
  // The picture of the frame is to be the `count`th of each.
  void DeliverToAll(uint64_t sequence, size_t count) {
    Deliver(sequence);
    viewer_->Await(count);
    half_->Await(count);
    quarter_->Await(count);
  }

  EncoderMetrics half_metrics_{registry_, "garden", "video-half"};
  std::optional<RecordingSubscriber> half_;
  std::optional<RecordingSubscriber> quarter_;
};

TEST_F(SmallerTracksTest, AllAreWatched_EachHasItsSize) {
  SubscribeToAll();
  ASSERT_TRUE(stream_->Start());
  DeliverToAll(1, 1);
  DeliverToAll(2, 2);
  EXPECT_EQ(viewer_->pictures()[1]->size, kFormat.size);
  EXPECT_EQ(half_->pictures()[1]->size, (Size{320, 240}));
  EXPECT_EQ(quarter_->pictures()[1]->size, (Size{160, 120}));
  for (const auto* const viewer : {&*viewer_, &*half_, &*quarter_}) {
    EXPECT_EQ(viewer->pictures()[0]->type, PictureType::kIntra);
    EXPECT_EQ(viewer->pictures()[1]->type, PictureType::kPredicted);
    EXPECT_EQ(viewer->pictures()[1]->sequence, 2U) << "that of the frame";
  }
  stream_->Stop();
  EXPECT_EQ(half_metrics_.pictures_encoded_intra.Value(), 1);
  EXPECT_EQ(encoder_metrics_.pictures_encoded_intra.Value(), 1);
  std::vector<int> halvings;
  for (const EncoderConfig& config : encoders_.configs()) {
    halvings.push_back(config.halvings);
    EXPECT_EQ(config.format, kFormat);
    EXPECT_EQ(config.bitrate_bps, 800'000);
  }
  EXPECT_THAT(halvings, testing::UnorderedElementsAre(0, 1, 2));
}

TEST_F(SmallerTracksTest, NotWatched_AreNotEncoded) {
  StartWatched();
  DeliverAndAwait(1, 1);
  DeliverAndAwait(2, 2);
  EXPECT_EQ(encoders_.configs().size(), 1U);
  half_->Subscribe();
  Deliver(3);
  EXPECT_EQ(half_->Await(1)->type, PictureType::kIntra);
  viewer_->Await(3);
  half_->Leave();
  DeliverAndAwait(4, 4);
  DeliverAndAwait(5, 5);
  stream_->Stop();
  EXPECT_EQ(half_->pictures().size(), 1U);
  EXPECT_EQ(half_metrics_.encode_seconds.Collect().histogram.sample_count, 1U);
}

TEST_F(SmallerTracksTest, OnlyASmallerOneIsWatched_CameraStaysOnAndFullIsNotEncoded) {
  half_->Subscribe();
  ASSERT_TRUE(stream_->Start());
  for (int second = 1; second <= 15; ++second) {
    PassTime(seconds(1));
    Deliver(static_cast<uint64_t>(second));
    half_->Await(static_cast<size_t>(second));
  }
  clock_.AwaitSleepers(1);
  EXPECT_TRUE(source_.running());
  EXPECT_EQ(encoder_metrics_.encode_seconds.Collect().histogram.sample_count, 0U);
}

TEST_F(SmallerTracksTest, ViewerOfASmallerOneComes_CameraWasStopped_StartsItAgain) {
  ASSERT_TRUE(stream_->Start());
  LetGraceEnd();
  quarter_->Subscribe();
  source_.AwaitRunning();
  Deliver(1);
  EXPECT_EQ(quarter_->Await(1)->type, PictureType::kIntra);
}

TEST_F(SmallerTracksTest, LastViewerOfASmallerOneLeaves_CameraStopsAfterTheGraceTime) {
  half_->Subscribe();
  ASSERT_TRUE(stream_->Start());
  Deliver(1);
  half_->Await(1);
  half_->Leave();
  RestartCamera();
  LetGraceEnd();
}

TEST_F(SmallerTracksTest, MoveBetweenTracks_CameraIsNotStopped) {
  StartWatched();
  DeliverAndAwait(1, 1);
  half_->Subscribe();
  viewer_->Leave();
  for (int second = 1; second <= 15; ++second) {
    PassTime(seconds(1));
    Deliver(static_cast<uint64_t>(second));
    half_->Await(static_cast<size_t>(second));
  }
  EXPECT_EQ(source_.starts(), 1);
  EXPECT_TRUE(source_.running());
}

TEST_F(SmallerTracksTest, Reconfigure_BitrateReachesAll) {
  SubscribeToAll();
  ASSERT_TRUE(stream_->Start());
  DeliverToAll(1, 1);
  CameraStreamConfig config = Config();
  config.video.bitrate_bps = 400'000;
  stream_->Reconfigure(config, nullptr);
  for (uint64_t number = 2; encoders_.configs().size() < 6; ++number) {
    DeliverToAll(number, number);
  }
  const auto configs = encoders_.configs();
  int halvings = 0;
  for (size_t i = 3; i < 6; ++i) {
    EXPECT_EQ(configs[i].bitrate_bps, 400'000);
    halvings += configs[i].halvings;
  }
  EXPECT_EQ(halvings, 0 + 1 + 2);
}

TEST_F(SmallerTracksTest, Reconfigure_CameraRestarts_AllBeginWithAnIntra) {
  SubscribeToAll();
  ASSERT_TRUE(stream_->Start());
  DeliverToAll(1, 1);
  DeliverToAll(2, 2);
  RestartCamera();
  DeliverToAll(1, 3);
  for (const auto* const viewer : {&*viewer_, &*half_, &*quarter_}) {
    EXPECT_EQ(viewer->pictures()[2]->type, PictureType::kIntra);
  }
}

TEST_F(SmallerTracksTest, CameraLost_AllGoOnWithAnIntra) {
  SubscribeToAll();
  ASSERT_TRUE(stream_->Start());
  DeliverToAll(1, 1);
  Lose();
  EXPECT_TRUE(half_->TakeGroup().empty());
  clock_.Advance(BackOff::kShortest);
  source_.AwaitRunning();
  DeliverToAll(1, 2);
  EXPECT_EQ(half_->pictures()[1]->type, PictureType::kIntra);
  EXPECT_EQ(quarter_->pictures()[1]->type, PictureType::kIntra);
}

TEST_F(SmallerTracksTest, FrameOfAnotherSize_IsHalvedAsItIs) {
  SubscribeToAll();
  ASSERT_TRUE(stream_->Start());
  DeliverToAll(1, 1);
  Deliver(2, kSmaller);
  EXPECT_EQ(half_->Await(2)->size, (Size{160, 120}));
  EXPECT_EQ(half_->Await(2)->type, PictureType::kIntra);
  EXPECT_EQ(quarter_->Await(2)->size, (Size{80, 60}));
}

TEST_F(SmallerTracksTest, EncoderOfASmallerOneFails_IsUnhealthyUntilItsNextPicture) {
  half_->Subscribe();
  ASSERT_TRUE(stream_->Start());
  Deliver(1);
  half_->Await(1);
  encoders_.FailNextEncode("out of bits");
  testing::internal::CaptureStderr();
  Deliver(2);
  encoders_.AwaitEncodes(2);
  encoders_.Hold();
  Deliver(3);
  encoders_.AwaitEncodes(3);  // by now the fault has been handled
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("stream garden, track video-half: the encoder failed"));
  EXPECT_THAT(stream_->UnhealthyReason(), Optional(HasSubstr("out of bits")));
  encoders_.Release();
  const PicturePtr next = half_->Await(2);
  EXPECT_EQ(next->sequence, 3U);
  EXPECT_EQ(next->type, PictureType::kIntra);
  EXPECT_EQ(half_metrics_.encoder_errors.Value(), 1);
  EXPECT_EQ(encoder_metrics_.encoder_errors.Value(), 0);
  EXPECT_EQ(stream_->UnhealthyReason(), std::nullopt);
}

TEST_F(SmallerTracksTest, EncoderOfASmallerOneFails_PicturesOfTheFullOneDoNotMakeItHealthy) {
  LetTheHalfEncoderFail();
  DeliverAndAwait(4, 4);
  EXPECT_THAT(stream_->UnhealthyReason(), Optional(HasSubstr("no memory")));
}

TEST_F(SmallerTracksTest, CameraStops_FaultOfASmallerOneIsForgotten) {
  half_->Subscribe();
  ASSERT_TRUE(stream_->Start());
  encoders_.FailNextEncode("out of bits");
  Deliver(1);
  source_.AwaitReleased(1);
  half_->Leave();
  RestartCamera();
  LetGraceEnd();
  clock_.AwaitSleepers(1);
  EXPECT_EQ(stream_->UnhealthyReason(), std::nullopt);
}

TEST_F(SmallerTracksTest, Stop_EndsAll) {
  SubscribeToAll();
  ASSERT_TRUE(stream_->Start());
  DeliverToAll(1, 1);
  stream_->Stop();
  EXPECT_EQ(half_->pictures().size(), 1U);
  EXPECT_FALSE(source_.running());
}

TEST_F(SmallerTracksTest, EncoderOfASmallerOneFailsAndNobodyWatchesItAnyMore_IsHealthy) {
  LetTheHalfEncoderFail();
  half_->Leave();
  // On that encoder's thread, after the frame under way.
  while (stream_->UnhealthyReason()) {
    std::this_thread::yield();
  }
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
