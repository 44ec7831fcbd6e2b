// A camera without a camera: a moving test picture with a stamp that survives the encoder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "sim/fault_plan.h"
#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/camera/camera_source.h"

namespace pistream::sim {

inline constexpr int kCameraBuffers = 4;

struct SimulationOptions {
  // The same seed, format and clock give the same frames, byte for byte.
  uint32_t seed = 1;
};

// Frames come on a thread of the camera's own, at the asked size and rate: frame n is captured n
// frame times after Start, by `clock`, which outlives the source and its cameras. Frames a sink was
// too late for are lost, never delivered in a burst; so are those for which all of the camera's
// kCameraBuffers buffers were out. The pattern is described in sim/pattern.h, the stamp in
// sim/stamp.h.
std::unique_ptr<CameraSource> MakeSimulatedSource(const SimulationOptions& options, Clock& clock);

// The same, with faults.
std::unique_ptr<CameraSource> MakeFaultySource(const std::vector<Fault>& faults,
                                               const SimulationOptions& options, Clock& clock);

// The same, but it shows the pictures of a recording (sim/recording.h), in its size whatever is
// asked for. Fails, naming the file, if that cannot be read or shown.
Result<std::unique_ptr<CameraSource>> MakeRecordingSource(const std::filesystem::path& recording,
                                                          Clock& clock);

// The same, with the faults of a scenario file (sim/scenario.h). Fails, naming file and line, if
// the file cannot be read or understood.
Result<std::unique_ptr<CameraSource>> MakeScenarioSource(const std::filesystem::path& scenario,
                                                         const SimulationOptions& options,
                                                         Clock& clock);

}  // namespace pistream::sim
