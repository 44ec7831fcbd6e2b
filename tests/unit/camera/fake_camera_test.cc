#include "src/camera/fake_camera.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

namespace pistream {
namespace {

class KeepingSink final : public FrameSink {
 public:
  void OnFrame(Frame frame) noexcept override { frames.push_back(std::move(frame)); }
  void OnCameraLost(const Error& /*error*/) noexcept override {}

  std::vector<Frame> frames;
};

class FakeCameraTest : public testing::Test {
 protected:
  void SetUp() override {
    camera_ = source_.Open().value();
    ASSERT_TRUE(camera_->Start({}, sink_));
  }

  FakeCameraSource source_{{.size = {64, 48}, .framerate = {24, 1}}};
  KeepingSink sink_;
  std::unique_ptr<Camera> camera_;
};

// Example failure is a buffer that a later frame of another size moves away under an earlier one.
TEST_F(FakeCameraTest, SeveralFramesOut_EachHasItsOwnPixels) {
  source_.Deliver(1, {});
  source_.Deliver(2, {}, Size{640, 480});
  source_.Deliver(3, {});
  ASSERT_EQ(sink_.frames.size(), 3U);
  for (const Frame& frame : sink_.frames) {
    const FrameView view(frame);
    EXPECT_EQ(view.planes()[0].data[0], frame.sequence());
  }
}

TEST_F(FakeCameraTest, AllBuffersOut_NoFrameUntilOneIsBack) {
  for (int frame = 0; frame <= FakeCameraSource::kBuffers; ++frame) {
    source_.Deliver(static_cast<uint64_t>(frame), {});
  }
  EXPECT_EQ(sink_.frames.size(), static_cast<size_t>(FakeCameraSource::kBuffers));
  sink_.frames.clear();
  source_.AwaitReleased(FakeCameraSource::kBuffers);
  source_.Deliver(20, {});
  EXPECT_EQ(sink_.frames.size(), 1U);
}

}  // namespace
}  // namespace pistream
