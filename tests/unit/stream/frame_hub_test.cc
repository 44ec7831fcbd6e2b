#include "src/stream/frame_hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "src/base/fake_clock.h"
#include "src/camera/fake_camera.h"
#include "src/stream/latest_frame.h"

namespace pistream {
namespace {

using testing::ElementsAre;

constexpr VideoFormat kFormat{{64, 48}, {24, 1}};

class FrameHubTest : public testing::Test {
 protected:
  void SetUp() override {
    camera_ = *source_.Open();
    hub_.OnCameraStarting();
    ASSERT_TRUE(camera_->Start({.format = kFormat}, hub_));
  }

  void Deliver(uint64_t sequence) { source_.Deliver(sequence, clock_.Now()); }

  FakeClock clock_;
  FakeCameraSource source_{kFormat};
  Metrics registry_;
  StreamMetrics metrics_{registry_, "garden"};
  std::vector<std::string> losses_;
  int first_frames_ = 0;
  FrameHub hub_{{.on_first_frame = [this] { ++first_frames_; },
                 .on_lost = [this](const Error& error) { losses_.push_back(error.message); }},
                metrics_,
                clock_};
  std::unique_ptr<Camera> camera_;
};

TEST_F(FrameHubTest, Frame_TwoSlots_BothGetTheSameFrame) {
  LatestFrame first;
  LatestFrame second;
  hub_.Attach(first);
  hub_.Attach(second);
  Deliver(1);
  const Frame one = first.Take();
  const Frame other = second.Take();
  EXPECT_EQ(one.sequence(), 1u);
  EXPECT_EQ(FrameView(one).planes()[0].data, FrameView(other).planes()[0].data);
  hub_.Detach(first);
  hub_.Detach(second);
}

TEST_F(FrameHubTest, Frame_SlotStillFull_NewestWinsAndTheOtherIsCounted) {
  LatestFrame slow;
  hub_.Attach(slow);
  Deliver(1);
  Deliver(2);
  EXPECT_EQ(slow.Take().sequence(), 2u);
  EXPECT_EQ(metrics_.frames_displaced.Value(), 1);
  hub_.Detach(slow);
}

TEST_F(FrameHubTest, Frame_SharedByTwoSlots_GoesBackToTheCameraWithTheLast) {
  LatestFrame first;
  LatestFrame second;
  hub_.Attach(first);
  hub_.Attach(second);
  Deliver(1);
  Frame one = first.Take();
  Frame other = second.Take();
  one = {};
  EXPECT_EQ(source_.released(), 0);
  other = {};
  EXPECT_EQ(source_.released(), 1);
  hub_.Detach(first);
  hub_.Detach(second);
}

TEST_F(FrameHubTest, Frame_NoSlot_IsCountedAsUnwatchedAndGoesBack) {
  Deliver(1);
  EXPECT_EQ(metrics_.frames_captured.Value(), 1);
  EXPECT_EQ(metrics_.frames_unwatched.Value(), 1);
  EXPECT_EQ(source_.released(), 1);
}

TEST_F(FrameHubTest, Frame_GapInTheSequence_IsCounted) {
  Deliver(5);  // the first sequence number is not counted as a gap
  Deliver(6);
  Deliver(10);
  EXPECT_EQ(metrics_.frames_lost_in_camera.Value(), 3);
}

TEST_F(FrameHubTest, Frame_IsASignOfLife) {
  EXPECT_FALSE(hub_.has_delivered());
  clock_.Advance(std::chrono::seconds(1));
  Deliver(1);
  EXPECT_TRUE(hub_.has_delivered());
  EXPECT_EQ(hub_.last_sign_of_life(), clock_.Now());
  Deliver(2);
  EXPECT_EQ(first_frames_, 1);
}

// Takes the hub's lock each time a frame is released: deadlocks if the hub still holds it.
class ProbingPool final : public FramePool {
 public:
  explicit ProbingPool(FrameHub& hub) : FramePool(2), hub_(hub) {}

  Frame Make(int slot) { return Lend(slot, {.sequence = static_cast<uint64_t>(slot)}, {}); }

  void Release(int slot) noexcept override {
    hub_.Attach(slot_);
    hub_.Detach(slot_);
    released.push_back(slot);
  }

  std::vector<int> released;

 private:
  FrameHub& hub_;
  LatestFrame slot_;
};

TEST_F(FrameHubTest, DisplacedFrame_IsReleasedOutsideTheLock) {
  const auto pool = std::make_shared<ProbingPool>(hub_);
  LatestFrame first;
  LatestFrame second;
  hub_.Attach(first);
  hub_.Attach(second);
  FrameSink& sink = hub_;
  sink.OnFrame(pool->Make(0));
  sink.OnFrame(pool->Make(1));
  EXPECT_THAT(pool->released, ElementsAre(0));
  EXPECT_EQ(metrics_.frames_displaced.Value(), 2);
  hub_.Detach(first);
  hub_.Detach(second);
}

TEST_F(FrameHubTest, CameraLost_IsTold) {
  source_.Lose("unplugged");
  EXPECT_THAT(losses_, ElementsAre("unplugged"));
}

}  // namespace
}  // namespace pistream
