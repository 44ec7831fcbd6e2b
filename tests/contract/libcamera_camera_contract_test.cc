// The camera contract with libcamera's virtual camera: real requests and buffers, no hardware. It
// delivers frames as fast as it can, so that pistream does all the pacing. Runs on aarch64 under
// qemu, with the cameras of toolchains/aarch64/virtual.yaml.

#include <memory>
#include <thread>
#include <utility>

#include "gtest/gtest.h"
#include "src/camera/libcamera/camera.h"
#include "tests/contract/camera_contract.h"
#include "tests/contract/in_place_camera.h"

namespace pistream {
namespace {

class LibcameraRig final : public CameraRig {
 public:
  explicit LibcameraRig(std::unique_ptr<CameraSource> source) : source_(std::move(source)) {}

  CameraSource& Source() override { return *source_; }

  std::unique_ptr<CameraSource> AbsentSource() override {
    return MakeLibcameraSource("/base/soc/no-such-camera@10", Clock::Real()).value();
  }

  std::vector<VideoFormat> Formats() const override {
    return {{{320, 240}, {10, 1}}, {{640, 480}, {5, 1}}};
  }

  // It has four, whatever number is requested.
  int MoreThanItsBuffers() const override { return 5; }
  // Large enough for an emulator on a busy machine.
  double RateTolerance() const override { return 0.2; }
  bool CountsStarvedFrames() const override { return true; }
  void LetPass(Duration frame_time) override { std::this_thread::sleep_for(frame_time); }

 private:
  const std::unique_ptr<CameraSource> source_;
};

std::unique_ptr<CameraRig> ConvertingRig() {
  return std::make_unique<LibcameraRig>(MakeLibcameraSource("", Clock::Real()).value());
}

std::unique_ptr<CameraRig> InPlaceRig() {
  return std::make_unique<LibcameraRig>(MakeInPlaceSource(Clock::Real()));
}

INSTANTIATE_TEST_SUITE_P(Libcamera, CameraContractTest,
                         testing::Values(CameraContractTarget{"VirtualCamera", ConvertingRig},
                                         CameraContractTarget{"VirtualCameraInPlace", InPlaceRig}),
                         CameraContractName);

}  // namespace
}  // namespace pistream
