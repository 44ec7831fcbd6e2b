// Makes the camera sources that a configuration names.
#pragma once

#include <memory>
#include <string>

#include "src/app/config.h"
#include "src/base/clock.h"
#include "src/camera/camera_source.h"

namespace pistream {

Result<std::unique_ptr<CameraSource>> MakeSource(const SourceChoice& choice, Clock& clock);

// Reads the scenarios and recordings of all simulated sources. The error names the stream.
Result<void> CheckSimulations(const Config& config);

// What --list-cameras prints: a line per camera, or a line that says there is none.
Result<std::string> CameraListing();

// What --version prints: pistream's own version and those of the libraries it was linked with.
std::string VersionText();

}  // namespace pistream
