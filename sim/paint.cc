// One frame of the simulated camera on stdout, I420, rows without padding:
//
//   paint WxH SEQUENCE CAPTURED
//
// with the capture time in nanoseconds of the steady clock: what the camera saw, to compare with
// what a viewer shows.

#include <charconv>
#include <chrono>
#include <cstdio>
#include <string_view>
#include <vector>

#include "sim/pattern.h"
#include "sim/simulated_camera.h"
#include "sim/stamp.h"

namespace pistream::sim {
namespace {

template <typename Number>
bool Parse(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

bool ParseSize(std::string_view text, Size& size) {
  const size_t x = text.find('x');
  return x != std::string_view::npos && Parse(text.substr(0, x), size.width) &&
         Parse(text.substr(x + 1), size.height) && LayoutFor(size) && size.width % 2 == 0 &&
         size.height % 2 == 0;
}

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
  pistream::Size size;
  uint64_t sequence = 0;
  int64_t captured_ns = 0;
  if (argc != 4 || !pistream::sim::ParseSize(argv[1], size) ||
      !pistream::sim::Parse(argv[2], sequence) || !pistream::sim::Parse(argv[3], captured_ns)) {
    std::fputs("usage: paint WxH SEQUENCE CAPTURED; even sides, 64 macroblocks or more\n", stderr);
    return 2;
  }
  const auto bytes = pistream::sim::Paint(size, sequence, captured_ns);
  return std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size() ? 0 : 1;
}
