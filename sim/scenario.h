// Scenario files: the faults of a simulated camera, and when they occur. In TOML:
//
//   # After two seconds the camera disappears for one second, and returns with another size.
//   [[fault]]
//   kind = "disappear"
//   at_seconds = 2
//   for_seconds = 1
//   size = "320x240"
//
// kind         "stall", "drop", "late timestamps", "duplicate timestamps" or "disappear"; see
//              sim/fault_plan.h for their effects
// at_frame     or at_seconds: the beginning, counted from the camera's first start
// for_frames   or for_seconds: the duration; without either, forever; "disappear" must use
//              for_seconds
// late_by_ms   only for "late timestamps": the delay in milliseconds
// size         only for "disappear": the only size of the camera that returns
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "sim/fault_plan.h"
#include "src/base/result.h"

namespace pistream::sim {

// Fails, with the name of the file and if possible the line, if it is not such a file.
Result<std::vector<Fault>> ReadScenario(const std::filesystem::path& path);

// The same for the contents of a file; errors refer to it as `name`.
Result<std::vector<Fault>> ParseScenario(std::string_view text, std::string_view name);

}  // namespace pistream::sim
