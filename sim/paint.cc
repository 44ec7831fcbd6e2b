// Writes one frame of the simulated camera to stdout, I420, rows without padding:
//
//   paint WxH SEQUENCE CAPTURED
//
// CAPTURED is the capture time in nanoseconds of the steady clock. Tests compare the frame with a
// viewer's picture.

#include <chrono>
#include <cstdio>
#include <vector>

#include "sim/pattern.h"
#include "sim/simulated_camera.h"
#include "src/base/parse_number.h"
#include "src/media/video_format.h"

namespace pistream::sim {
namespace {

std::vector<uint8_t> Paint(Size size, uint64_t sequence, int64_t captured_ns) {
  const auto luma = static_cast<size_t>(size.width) * static_cast<size_t>(size.height);
  std::vector<uint8_t> bytes(luma + luma / 2);
  uint8_t* const data = bytes.data();
  const MutablePlanes planes = {{{data, size.width},
                                 {data + luma, size.width / 2},
                                 {data + luma + luma / 4, size.width / 2}}};
  const SteadyTime captured{std::chrono::nanoseconds(captured_ns)};
  Pattern(size, SimulationOptions{}.seed).Paint(sequence, captured, Flips{}, planes);
  return bytes;
}

}  // namespace
}  // namespace pistream::sim

int main(int argc, char** argv) {
  using pistream::ParseNumber;
  const bool is_complete = argc == 4;
  const auto size = pistream::ParseSize(is_complete ? argv[1] : "");
  const auto sequence = ParseNumber<uint64_t>(is_complete ? argv[2] : "");
  const auto captured_ns = ParseNumber<int64_t>(is_complete ? argv[3] : "");
  if (!size || !sequence || !captured_ns) {
    std::fputs("usage: paint WxH SEQUENCE CAPTURED\n", stderr);
    return 2;
  }
  const auto bytes = pistream::sim::Paint(*size, *sequence, *captured_ns);
  return std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size() ? 0 : 1;
}
