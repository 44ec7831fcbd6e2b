// What each fault of a scenario does to the stream of frames.

#include <chrono>
#include <vector>

#include "gtest/gtest.h"
#include "sim/simulated_camera.h"
#include "sim/stamp.h"
#include "src/base/fake_clock.h"
#include "tests/contract/recording_sink.h"

namespace pistream::sim {
namespace {

constexpr VideoFormat kFormat{{320, 240}, {25, 1}};
constexpr auto kFrameTime = std::chrono::milliseconds(40);

class FaultsTest : public testing::Test {
 protected:
  void Start(const Fault& fault) {
    source_ = MakeFaultySource({fault}, {}, clock_);
    Open();
  }
  void Open() {
    auto opened = source_->Open();
    ASSERT_TRUE(opened) << opened.error().message;
    camera_ = std::move(*opened);
    const auto format = camera_->Start({.format = kFormat}, sink_);
    ASSERT_TRUE(format) << format.error().message;
    format_ = *format;
    clock_.AwaitSleepers(1);
  }
  void LetFramesPass(int frames) {
    for (int i = 0; i < frames; ++i) {
      clock_.Advance(kFrameTime);
      clock_.AwaitSleepers(1);
    }
  }
  std::vector<uint64_t> Sequences() const {
    std::vector<uint64_t> sequences;
    for (const auto& note : sink_.Notes()) {
      sequences.push_back(note.sequence);
    }
    return sequences;
  }
  // Capture times in frame times since the first.
  std::vector<double> CaptureTimes() const {
    std::vector<double> times;
    for (const auto& note : sink_.Notes()) {
      const std::chrono::duration<double> since = note.captured - start_;
      times.push_back(since / std::chrono::duration<double>(kFrameTime));
    }
    return times;
  }

  FakeClock clock_;
  const SteadyTime start_ = clock_.Now();
  RecordingSink sink_;
  std::unique_ptr<CameraSource> source_;
  std::unique_ptr<Camera> camera_;
  VideoFormat format_;
};

TEST_F(FaultsTest, Stall_NoFramesAndNoGap) {
  Start({.kind = FaultKind::kStall, .at_frame = 2, .frames = 3});
  LetFramesPass(6);
  EXPECT_EQ(Sequences(), (std::vector<uint64_t>{0, 1, 2, 3}));
  EXPECT_EQ(CaptureTimes(), (std::vector<double>{0, 1, 5, 6}));
}

TEST_F(FaultsTest, StallByTime_AsLongAsSaid) {
  Start({.kind = FaultKind::kStall,
         .at_time = std::chrono::milliseconds(70),
         .duration = std::chrono::milliseconds(90)});
  LetFramesPass(6);
  EXPECT_EQ(CaptureTimes(), (std::vector<double>{0, 1, 5, 6}));
}

TEST_F(FaultsTest, Drop_GapInTheSequence) {
  Start({.kind = FaultKind::kDrop, .at_frame = 2, .frames = 3});
  LetFramesPass(6);
  EXPECT_EQ(Sequences(), (std::vector<uint64_t>{0, 1, 5, 6}));
}

TEST_F(FaultsTest, LateTimestamps_BehindAndBack) {
  Start(
      {.kind = FaultKind::kLateTimestamps, .at_frame = 2, .frames = 2, .late_by = 3 * kFrameTime});
  LetFramesPass(5);
  EXPECT_EQ(CaptureTimes(), (std::vector<double>{0, 1, -1, 0, 4, 5}));
  EXPECT_EQ(Sequences(), (std::vector<uint64_t>{0, 1, 2, 3, 4, 5}));
}

TEST_F(FaultsTest, LateTimestamps_StampTellsTheTruth) {
  sink_.KeepFrames(true);
  Start({.kind = FaultKind::kLateTimestamps, .at_frame = 0, .late_by = 3 * kFrameTime});
  const auto frames = sink_.TakeFrames();
  ASSERT_EQ(frames.size(), 1U);
  const FrameView view(frames[0]);
  const Plane& luma = view.planes()[0];
  EXPECT_EQ(ReadStamp(frames[0].size(), luma.data, luma.stride), MakeStamp(0, start_));
}

TEST_F(FaultsTest, DuplicateTimestamps_StandStill) {
  Start({.kind = FaultKind::kDuplicateTimestamps, .at_frame = 2, .frames = 2});
  LetFramesPass(5);
  EXPECT_EQ(CaptureTimes(), (std::vector<double>{0, 1, 1, 1, 4, 5}));
}

TEST_F(FaultsTest, NeitherFramesNorDuration_ForEver) {
  Start({.kind = FaultKind::kStall, .at_frame = 2});
  LetFramesPass(100);
  EXPECT_EQ(sink_.FrameCount(), 2U);
}

TEST_F(FaultsTest, Disappear_GoneForAsLongAsSaidThenBack) {
  Start({.kind = FaultKind::kDisappear, .at_frame = 2, .duration = 10 * kFrameTime});
  LetFramesPass(5);
  EXPECT_EQ(sink_.FrameCount(), 2U);
  EXPECT_EQ(sink_.Losses().size(), 1U);
  EXPECT_FALSE(source_->Open());

  camera_.reset();
  clock_.Advance(7 * kFrameTime);
  Open();
  LetFramesPass(3);
  EXPECT_EQ(sink_.FrameCount(), 6U);
  EXPECT_EQ(sink_.Losses().size(), 1U);
  EXPECT_EQ(format_, kFormat);
}

TEST_F(FaultsTest, DisappearWithSize_BackWithThatSize) {
  Start({.kind = FaultKind::kDisappear,
         .at_frame = 2,
         .duration = 10 * kFrameTime,
         .size = Size{160, 120}});
  LetFramesPass(2);
  camera_.reset();
  clock_.Advance(10 * kFrameTime);
  Open();
  LetFramesPass(1);
  EXPECT_EQ(format_.size, (Size{160, 120}));
  EXPECT_EQ(format_.framerate, kFormat.framerate);
  EXPECT_EQ(sink_.Notes().back().size, (Size{160, 120}));
}

TEST_F(FaultsTest, Restart_FaultHappensOnce) {
  Start({.kind = FaultKind::kDrop, .at_frame = 1, .frames = 1});
  LetFramesPass(2);
  camera_->Stop();
  Open();
  LetFramesPass(2);
  EXPECT_EQ(Sequences(), (std::vector<uint64_t>{0, 2, 0, 1, 2}));
}

}  // namespace
}  // namespace pistream::sim
