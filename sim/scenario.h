// Scenario files: which faults a simulated camera has, and when. TOML, made to be read by people:
//
//   # After two seconds the camera is gone for one, and is another one when it is back.
//   [[fault]]
//   kind = "disappear"
//   at_seconds = 2
//   for_seconds = 1
//   size = "320x240"
//
// kind         "stall", "drop", "late timestamps", "duplicate timestamps" or "disappear"; what they
//              do is told in sim/fault_plan.h
// at_frame     or at_seconds: when it begins, counted from the camera's first start
// for_frames   or for_seconds: how long it lasts, for ever if neither is given; a disappearance
//              is told in seconds
// late_by_ms   late timestamps only: how far they are behind, in milliseconds
// size         disappear only: the one size of the camera that comes back
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "sim/fault_plan.h"
#include "src/base/result.h"

namespace pistream::sim {

// Fails, naming the file and where possible the line, for anything that is not such a file.
Result<std::vector<Fault>> ReadScenario(const std::filesystem::path& path);

// The same for text; `name` stands for the file in errors.
Result<std::vector<Fault>> ParseScenario(std::string_view text, std::string_view name);

}  // namespace pistream::sim
