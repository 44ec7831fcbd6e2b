// Where cameras come from: asked again each time one has to be opened anew.
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

  // Finds the camera anew: after an unplugged one is back, this returns it.
  virtual Result<std::unique_ptr<Camera>> Open() = 0;

  // For log lines: "libcamera:/base/soc/i2c0mux/i2c@1/imx219@10", "simulated".
  virtual std::string Name() const = 0;
};

}  // namespace pistream
