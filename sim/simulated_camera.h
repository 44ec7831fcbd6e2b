// A camera in software: a moving test picture with a stamp that survives the encoder.
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
  // The same seed, format and clock produce identical frames.
  uint32_t seed = 1;
};

// Creates a source of cameras that show the test picture of sim/pattern.h with the stamp of
// sim/stamp.h. Each camera delivers frames on its own thread, at the requested size and rate: frame
// n is captured n frame times after Start, by `clock`, which outlives the source and its cameras.
// If a sink is too slow, or holds all kCameraBuffers buffers, frames are lost; they are never
// delivered in a burst.
std::unique_ptr<CameraSource> MakeSimulatedSource(const SimulationOptions& options, Clock& clock);

// The same, with faults.
std::unique_ptr<CameraSource> MakeFaultySource(const std::vector<Fault>& faults,
                                               const SimulationOptions& options, Clock& clock);

// The same, with the pictures of a recording (sim/recording.h), in its size whatever size is
// requested. Fails, with the file's name, if it cannot be read or has another format.
Result<std::unique_ptr<CameraSource>> MakeRecordingSource(const std::filesystem::path& recording,
                                                          Clock& clock);

// The same, with the faults of a scenario file (sim/scenario.h). Fails, with file and line, if it
// cannot be read or is invalid.
Result<std::unique_ptr<CameraSource>> MakeScenarioSource(const std::filesystem::path& scenario,
                                                         const SimulationOptions& options,
                                                         Clock& clock);

}  // namespace pistream::sim
