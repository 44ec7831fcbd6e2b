// write_frames SIZE COUNT FOLDER: writes the simulated camera's pictures as JPEG files,
// FOLDER/0.jpg and so on, for libcamera's `virtual` camera to show in a loop. That camera
// interprets the samples of a JPEG as BT.709 of limited range, so they are converted to that.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "sim/bt709.h"
#include "sim/jpeg_encoder.h"
#include "sim/pattern.h"
#include "sim/simulated_camera.h"
#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/media/video_format.h"

namespace pistream::sim {
namespace {

constexpr FrameRate kRate{24, 1};

Result<void> WriteFrames(Size size, int count, const std::string& folder) {
  auto encoder = JpegEncoder::Make(size);
  if (!encoder) {
    return tl::unexpected(encoder.error());
  }
  const Pattern pattern(size, SimulationOptions{}.seed);
  for (int number = 0; number < count; ++number) {
    const SteadyTime captured{number * kRate.FrameTime()};
    const auto file = encoder->Encode([&](const MutablePlanes& planes) {
      pattern.Paint(static_cast<uint64_t>(number), captured, {}, planes);
      ConvertToBt709(size, planes);
    });
    if (!file) {
      return tl::unexpected(file.error());
    }
    const std::string path = fmt::format("{}/{}.jpg", folder, number);
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char*>(file->data()),
              static_cast<std::streamsize>(file->size()));
    out.close();
    if (!out) {
      return Fail("cannot write {}", path);
    }
  }
  return {};
}

Result<void> Run(std::span<const char* const> arguments) {
  if (arguments.size() != 4) {
    return Fail("usage: write_frames SIZE COUNT FOLDER");
  }
  const auto size = ParseSize(arguments[1]);
  const int count = std::atoi(arguments[2]);
  if (!size || count <= 0) {
    return Fail("'{}' is not a valid size, or '{}' not a valid count", arguments[1], arguments[2]);
  }
  return WriteFrames(*size, count, arguments[3]);
}

}  // namespace
}  // namespace pistream::sim

int main(int argc, char** argv) {
  const auto done = pistream::sim::Run({argv, static_cast<size_t>(argc)});
  if (!done) {
    fprintf(stderr, "write_frames: %s\n", done.error().message.c_str());
    return 1;
  }
  return 0;
}
