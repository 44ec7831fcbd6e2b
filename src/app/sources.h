// From what the user asked for to a camera.
#pragma once

#include <memory>
#include <string>

#include "src/app/options.h"
#include "src/base/clock.h"
#include "src/camera/camera_source.h"

namespace pistream {

Result<std::unique_ptr<CameraSource>> MakeSource(const SourceChoice& choice, Clock& clock);

// What --list-cameras prints: a line a camera, or a line that says there is none.
Result<std::string> CameraListing();

// What --version prints: pistream's own version and those of the libraries it was linked with.
std::string VersionText();

}  // namespace pistream
