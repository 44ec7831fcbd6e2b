// Where cameras come from: asked each time a camera has to be opened.
#pragma once

#include <memory>
#include <string>

#include "src/base/result.h"
#include "src/camera/camera.h"

namespace pistream {

// Not thread-safe; Open is called from one thread at a time, and only after the camera it returned
// before has been destroyed. Outlives its cameras.
class CameraSource {
 public:
  virtual ~CameraSource() = default;

  // Looks for the camera: if an unplugged one is back, this returns it.
  virtual Result<std::unique_ptr<Camera>> Open() = 0;

  // For log lines: "libcamera:/base/soc/i2c0mux/i2c@1/imx219@10", "simulated".
  virtual std::string Name() const = 0;
};

}  // namespace pistream
