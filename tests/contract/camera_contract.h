// The one contract suite for every Camera. A backend's test links camera_contract, describes itself
// as a CameraRig and instantiates the suite:
//
//   INSTANTIATE_TEST_SUITE_P(Simulated, CameraContractTest,
//                            testing::Values(CameraContractTarget{"FakeClock", MakeRig}),
//                            CameraContractName);
//
// The suite waits only for events. With a fake clock no real time passes; with a real one a
// generous timeout turns a hang into a failure.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "src/base/clock.h"
#include "src/camera/camera_source.h"

namespace pistream {

// Provides the suite with one kind of camera, and its properties. Created for each test.
class CameraRig {
 public:
  virtual ~CameraRig() = default;

  // The source under test; its camera is available.
  virtual CameraSource& Source() = 0;

  // A source whose camera is not connected.
  virtual std::unique_ptr<CameraSource> AbsentSource() = 0;

  // A source whose camera disappears some frames after its start, and does not return; null if the
  // rig cannot provide one, in which case the test is skipped.
  virtual std::unique_ptr<CameraSource> VanishingSource() { return nullptr; }

  // Formats that the camera supports exactly, at least two of different size and two of different
  // rate.
  virtual std::vector<VideoFormat> Formats() const = 0;

  // More frames than the camera has buffers.
  virtual int MoreThanItsBuffers() const = 0;

  // The relative tolerance of the mean frame time: 0.1 is 10 %.
  virtual double RateTolerance() const = 0;

  // Whether frames for which there was no buffer appear as a gap in the sequence.
  virtual bool CountsStarvedFrames() const = 0;

  // Advances the clock by one frame time. With a fake clock, returns when the camera has processed
  // it. With a real clock it only waits, which guarantees nothing.
  virtual void LetPass(Duration frame_time) = 0;
};

struct CameraContractTarget {
  std::string name;  // letters and digits
  std::function<std::unique_ptr<CameraRig>()> make_rig;
};

class CameraContractTest : public testing::TestWithParam<CameraContractTarget> {
 protected:
  CameraContractTest() : rig_(GetParam().make_rig()) {}

  std::unique_ptr<CameraRig> rig_;
};

inline std::string CameraContractName(const testing::TestParamInfo<CameraContractTarget>& target) {
  return target.param.name;
}

}  // namespace pistream
