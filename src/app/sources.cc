#include "src/app/sources.h"

#include "sim/simulated_camera.h"
#include "src/camera/libcamera_camera.h"
#include "src/encode/libavcodec_version.h"

namespace pistream {
namespace {

constexpr std::string_view kVersion = "0.1.0";

Result<std::unique_ptr<CameraSource>> MakeAutomaticSource(Clock& clock) {
  const auto cameras = ListLibcameraCameras();
  if (!cameras) {
    return Fail("{}", cameras.error().message);
  }
  if (cameras->empty()) {
    return Fail("no camera found: connect one, or use --source simulated for a test picture");
  }
  return MakeLibcameraSource("", clock);
}

Result<std::unique_ptr<CameraSource>> MakeSimulation(const std::string& scenario, Clock& clock) {
  if (scenario.empty()) {
    return sim::MakeSimulatedSource({}, clock);
  }
  return sim::MakeScenarioSource(scenario, {}, clock);
}

}  // namespace

Result<std::unique_ptr<CameraSource>> MakeSource(const SourceChoice& choice, Clock& clock) {
  switch (choice.kind) {
    case SourceChoice::Kind::kAutomatic:
      return MakeAutomaticSource(clock);
    case SourceChoice::Kind::kLibcamera:
      return MakeLibcameraSource(choice.detail, clock);
    case SourceChoice::Kind::kSimulated:
      return MakeSimulation(choice.detail, clock);
  }
  std::abort();  // not an enumerator
}

Result<std::string> CameraListing() {
  const auto cameras = ListLibcameraCameras();
  if (!cameras) {
    return Fail("{}", cameras.error().message);
  }
  if (cameras->empty()) {
    return "no camera found\n";
  }
  std::string listing;
  for (const CameraDescription& camera : *cameras) {
    listing += fmt::format("{}  {}\n", camera.id, camera.model);
  }
  return listing;
}

std::string VersionText() {
  return fmt::format("pistream {}\nlibavcodec {}\nlibcamera {}\n", kVersion, LibavcodecVersion(),
                     LibcameraVersion().value_or("none: this build has the simulated camera only"));
}

}  // namespace pistream
