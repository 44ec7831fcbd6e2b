// The one contract suite for every Camera. A backend's test links camera_contract, describes itself
// as a CameraRig and instantiates the suite:
//
//   INSTANTIATE_TEST_SUITE_P(Simulated, CameraContractTest,
//                            testing::Values(CameraContractTarget{"FakeClock", MakeRig}),
//                            CameraContractName);
//
// The suite waits for events only. On a fake clock no real time passes; on a real one a watchdog,
// far longer than anything should take, turns a hang into a failure.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "src/base/clock.h"
#include "src/camera/camera_source.h"

namespace pistream {

// What the suite has to know of, and do with, one kind of camera. Created for each test.
class CameraRig {
 public:
  virtual ~CameraRig() = default;

  // The source under test: its camera is there.
  virtual CameraSource& Source() = 0;

  // A source whose camera is not there: one that was never plugged in, or was taken away.
  virtual std::unique_ptr<CameraSource> AbsentSource() = 0;

  // A source whose camera goes away by itself some frames after it was started, and stays away;
  // nothing where that cannot be brought about (the test then is skipped, and says so).
  virtual std::unique_ptr<CameraSource> VanishingSource() { return nullptr; }

  // Formats the camera has exactly, at least two of different size and two of different rate.
  virtual std::vector<VideoFormat> Formats() const = 0;

  // More frames than the camera has buffers.
  virtual int MoreThanItsBuffers() const = 0;

  // By how much the mean frame time may be off: 0.1 is a tenth.
  virtual double RateTolerance() const = 0;

  // Whether frames for which there was no buffer are seen as a gap in the sequence.
  virtual bool CountsStarvedFrames() const = 0;

  // Lets one frame's time pass. With a fake clock: returns when the camera has done all that it
  // does in that time. With a real one it merely waits, and nothing may be concluded from it.
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
