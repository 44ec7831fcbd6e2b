// The camera contract with the simulated camera and a clock that only the test advances.

#include <utility>

#include "gtest/gtest.h"
#include "sim/simulated_camera.h"
#include "src/base/fake_clock.h"
#include "tests/contract/camera_contract.h"
#include "tests/contract/recording_sink.h"

namespace pistream {
namespace {

class SimulatedRig final : public CameraRig {
 public:
  CameraSource& Source() override { return *source_; }

  std::unique_ptr<CameraSource> AbsentSource() override {
    // Disappears at the first frame, since faults are applied frame by frame.
    auto source = SourceThatDisappearsAt(0);
    RecordingSink sink;
    auto camera = source->Open().value();
    EXPECT_TRUE(camera->Start({.format = Formats().front()}, sink));
    clock_.AwaitSleepers(1);
    return source;
  }

  std::unique_ptr<CameraSource> VanishingSource() override { return SourceThatDisappearsAt(6); }

  std::vector<VideoFormat> Formats() const override {
    return {{{640, 480}, {24, 1}},
            {{1280, 720}, {30, 1}},
            {{320, 240}, {30000, 1001}},
            {{162, 122}, {15, 1}}};
  }

  int MoreThanItsBuffers() const override { return sim::kCameraBuffers + 1; }
  double RateTolerance() const override { return 1e-6; }
  bool CountsStarvedFrames() const override { return true; }

  void LetPass(Duration frame_time) override {
    clock_.AwaitSleepers(1);
    clock_.Advance(frame_time);
    clock_.AwaitSleepers(1);
  }

 private:
  std::unique_ptr<CameraSource> SourceThatDisappearsAt(uint64_t frame) {
    sim::Fault fault;
    fault.kind = sim::FaultKind::kDisappear;
    fault.at_frame = frame;
    return sim::MakeFaultySource({fault}, {}, clock_);
  }

  FakeClock clock_;
  std::unique_ptr<CameraSource> source_ = sim::MakeSimulatedSource({}, clock_);
};

INSTANTIATE_TEST_SUITE_P(Simulated, CameraContractTest,
                         testing::Values(CameraContractTarget{
                             "FakeClock", [] { return std::make_unique<SimulatedRig>(); }}),
                         CameraContractName);

}  // namespace
}  // namespace pistream
