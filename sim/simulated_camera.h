// A camera without a camera: a moving test picture with a stamp that survives the encoder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "src/base/clock.h"
#include "src/camera/camera_source.h"

namespace pistream::sim {

struct SimulationOptions {
  // The same seed, format and clock give the same frames, byte for byte.
  uint32_t seed = 1;
};

// Frames come on a thread of the camera's own, at the asked size and rate, paced by `clock`, which
// outlives the source and its cameras. The pattern is described in sim/pattern.h, the stamp in
// sim/stamp.h.
std::unique_ptr<CameraSource> MakeSimulatedSource(const SimulationOptions& options, Clock& clock);

}  // namespace pistream::sim
