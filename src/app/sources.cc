#include "src/app/sources.h"

#include "sim/simulated_camera.h"
#include "src/camera/libcamera/camera.h"
#include "src/encode/libavcodec_version.h"

namespace pistream {
namespace {

constexpr std::string_view kVersion = "0.1.0";

// `file`: a scenario, a recording, or none.
Result<std::unique_ptr<CameraSource>> MakeSimulation(const std::string& file, Clock& clock) {
  if (file.empty()) {
    return sim::MakeSimulatedSource({}, clock);
  }
  if (file.ends_with(".y4m")) {
    return sim::MakeRecordingSource(file, clock);
  }
  return sim::MakeScenarioSource(file, {}, clock);
}

}  // namespace

Result<std::unique_ptr<CameraSource>> MakeSource(const SourceChoice& choice, Clock& clock) {
  switch (choice.kind) {
    case SourceChoice::Kind::kAutomatic:
      return FindLibcameraSource(clock);
    case SourceChoice::Kind::kLibcamera:
      return MakeLibcameraSource(choice.detail, clock);
    case SourceChoice::Kind::kSimulated:
      return MakeSimulation(choice.detail, clock);
  }
  std::abort();  // not an enumerator
}

Result<void> CheckSimulations(const Config& config) {
  for (const StreamConfig& stream : config.streams) {
    if (stream.source.kind != SourceChoice::Kind::kSimulated) {
      continue;
    }
    const auto source = MakeSimulation(stream.source.detail, Clock::Real());
    if (!source) {
      return FailUsage("stream {}: source: {}", stream.name, source.error().message);
    }
  }
  return {};
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
