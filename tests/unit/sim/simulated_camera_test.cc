// Properties of the simulated camera beyond the contract of all cameras (tests/contract).

#include "sim/simulated_camera.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "sim/stamp.h"
#include "src/base/fake_clock.h"
#include "tests/contract/recording_sink.h"

namespace pistream::sim {
namespace {

constexpr VideoFormat kFormat{{320, 240}, {25, 1}};
constexpr auto kFrameTime = std::chrono::milliseconds(40);

class SimulatedCameraTest : public testing::Test {
 protected:
  // Advances the clock, so that the camera delivers all frames due.
  static void LetPass(FakeClock& clock, Duration by) {
    clock.AwaitSleepers(1);
    clock.Advance(by);
    clock.AwaitSleepers(1);
  }

  // The pixels' hashes of the first frames by a clock of its own.
  static std::vector<uint64_t> HashesOfFrames(uint32_t seed) {
    FakeClock clock;
    HashingSink sink;
    const auto source = MakeSimulatedSource({.seed = seed}, clock);
    const auto camera = source->Open().value();
    EXPECT_TRUE(camera->Start({.format = kFormat}, sink));
    for (int frame = 1; frame < 10; ++frame) {
      LetPass(clock, kFrameTime);
    }
    camera->Stop();
    return sink.hashes;
  }

  void Start(const VideoFormat& format) {
    ASSERT_TRUE(camera_->Start({.format = format}, sink_));
    clock_.AwaitSleepers(1);
  }

  FakeClock clock_;
  RecordingSink sink_;
  std::unique_ptr<CameraSource> source_ = MakeSimulatedSource({}, clock_);
  std::unique_ptr<Camera> camera_ = source_->Open().value();

 private:
  class HashingSink final : public FrameSink {
   public:
    void OnFrame(Frame frame) noexcept override {
      uint64_t hash = 0xcbf29ce484222325;
      const FrameView view(frame);
      const Planes& planes = view.planes();
      for (size_t plane = 0; plane < 3; ++plane) {
        const int shift = plane == 0 ? 0 : 1;
        for (int y = 0; y < frame.size().height >> shift; ++y) {
          const uint8_t* const row =
              planes[plane].data + static_cast<std::ptrdiff_t>(y) * planes[plane].stride;
          for (int x = 0; x < frame.size().width >> shift; ++x) {
            hash = (hash ^ row[x]) * 0x100000001b3;
          }
        }
      }
      hashes.push_back(hash);
    }
    void OnCameraLost(const Error& error) noexcept override { FAIL() << error.message; }

    std::vector<uint64_t> hashes;
  };
};

TEST_F(SimulatedCameraTest, RequestedControl_IsRejected) {
  const auto started =
      camera_->Start({.format = kFormat, .controls = {{"Brightness", 0.5}}}, sink_);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message,
            "the simulated camera has no control 'Brightness': it has no controls");
  EXPECT_TRUE(started.error().is_bad_usage);
}

TEST_F(SimulatedCameraTest, SameSeedFormatAndClock_SameFrames) {
  const auto hashes = HashesOfFrames(7);
  EXPECT_EQ(hashes.size(), 10U);
  EXPECT_EQ(hashes, HashesOfFrames(7));
}

TEST_F(SimulatedCameraTest, OtherSeed_OtherFrames) {
  EXPECT_NE(HashesOfFrames(7), HashesOfFrames(8));
}

TEST_F(SimulatedCameraTest, NtscRate_DoesNotDrift) {
  const SteadyTime start = clock_.Now();
  Start({{16, 16}, {30000, 1001}});
  // Frame n is due n * 1001/30000 s after the start; 3000 of them are 100.1 s.
  for (int64_t frame = 1; frame <= 3000; ++frame) {
    const SteadyTime due = start + std::chrono::nanoseconds(frame * 1'001'000'000'000 / 30'000);
    LetPass(clock_, due - clock_.Now());
    ASSERT_EQ(sink_.FrameCount(), static_cast<size_t>(frame + 1));
  }
  EXPECT_EQ(sink_.Notes().back().captured, start + std::chrono::milliseconds(100'100));
  EXPECT_EQ(sink_.Notes().back().sequence, 3000U);
}

TEST_F(SimulatedCameraTest, FiveFramesLate_OneFrameAndAGap) {
  Start(kFormat);
  LetPass(clock_, 5 * kFrameTime + std::chrono::milliseconds(10));
  LetPass(clock_, std::chrono::milliseconds(30));
  const auto notes = sink_.Notes();
  ASSERT_EQ(notes.size(), 3U);
  EXPECT_EQ(notes[0].sequence, 0U);
  EXPECT_EQ(notes[1].sequence, 5U);
  EXPECT_EQ(notes[1].captured - notes[0].captured, 5 * kFrameTime);
  EXPECT_EQ(notes[2].sequence, 6U);
}

TEST_F(SimulatedCameraTest, Planes_AreAlignedForSimd) {
  sink_.KeepFrames(true);
  Start({{330, 250}, {25, 1}});
  for (const Frame& frame : sink_.TakeFrames()) {
    const FrameView view(frame);
    for (const Plane& plane : view.planes()) {
      EXPECT_EQ(reinterpret_cast<uintptr_t>(plane.data) % 64, 0U);
      EXPECT_EQ(plane.stride % 64, 0);
    }
  }
  EXPECT_EQ(sink_.FrameCount(), 1U);
}

TEST_F(SimulatedCameraTest, Stamp_HasSequenceAndCaptureTime) {
  Start(kFormat);
  sink_.KeepFrames(true);
  LetPass(clock_, kFrameTime);
  LetPass(clock_, kFrameTime);
  const auto frames = sink_.TakeFrames();
  ASSERT_EQ(frames.size(), 2U);
  for (const Frame& frame : frames) {
    const FrameView view(frame);
    const Plane& luma = view.planes()[0];
    EXPECT_EQ(ReadStamp(frame.size(), luma.data, luma.stride),
              MakeStamp(frame.sequence(), frame.captured()));
  }
}

TEST_F(SimulatedCameraTest, AllBuffersInUse_SequenceStillRises) {
  sink_.KeepFrames(true);
  Start(kFormat);
  for (int frame = 1; frame < 10; ++frame) {
    LetPass(clock_, kFrameTime);
  }
  EXPECT_EQ(sink_.FrameCount(), 4U);
  sink_.TakeFrames();
  LetPass(clock_, kFrameTime);
  EXPECT_EQ(sink_.Notes().back().sequence, 10U);
}

}  // namespace
}  // namespace pistream::sim
