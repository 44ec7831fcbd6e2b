// The simulated camera's frames on stdout, I420, rows without padding: raw_video WxH FRAMERATE
//
// For streamers of another build, which encode themselves: what they show has the same stamps.

#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/simulated_camera.h"
#include "src/base/clock.h"

namespace pistream {
namespace {

// Writes on the camera's thread: a reader that is slow makes the camera drop frames, as it would.
class Writer : public FrameSink {
 public:
  void OnFrame(Frame frame) noexcept override {
    const Size size = frame.size();
    const FrameView view(std::move(frame));
    AppendPlane(view.planes()[0], size);
    AppendPlane(view.planes()[1], {.width = size.width / 2, .height = size.height / 2});
    AppendPlane(view.planes()[2], {.width = size.width / 2, .height = size.height / 2});
    Write();
  }

  void OnCameraLost(const Error& /*error*/) noexcept override {}

 private:
  void AppendPlane(const Plane& plane, Size size) {
    for (int y = 0; y < size.height; ++y) {
      const uint8_t* const row = plane.data + ptrdiff_t{y} * plane.stride;
      bytes_.insert(bytes_.end(), row, row + size.width);
    }
  }

  void Write() {
    std::span<const uint8_t> left = bytes_;
    while (!left.empty()) {
      const ssize_t written = write(STDOUT_FILENO, left.data(), left.size());
      if (written <= 0) {
        break;  // nobody reads any more: main is told by the signal
      }
      left = left.subspan(static_cast<size_t>(written));
    }
    bytes_.clear();
  }

  std::vector<uint8_t> bytes_;
};

bool Parse(std::string_view text, int& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

int Run(std::span<char* const> arguments) {
  VideoFormat format;
  const std::string_view size = arguments.size() == 3 ? arguments[1] : "";
  const size_t x = size.find('x');
  if (x == std::string_view::npos || !Parse(size.substr(0, x), format.size.width) ||
      !Parse(size.substr(x + 1), format.size.height) ||
      !Parse(arguments[2], format.framerate.numerator)) {
    std::fputs("raw_video: write it so: raw_video 640x480 24\n", stderr);
    return 2;
  }
  format.framerate.denominator = 1;
  sigset_t ends;
  sigemptyset(&ends);
  for (const int signal : {SIGINT, SIGTERM, SIGPIPE}) {
    sigaddset(&ends, signal);
  }
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  Writer writer;
  const auto source = sim::MakeSimulatedSource({}, Clock::Real());
  const auto camera = source->Open();
  const auto started = (*camera)->Start({.format = format}, writer);
  if (!started) {
    std::fprintf(stderr, "raw_video: %s\n", started.error().message.c_str());
    return 1;
  }
  int signal = 0;
  sigwait(&ends, &signal);
  (*camera)->Stop();
  return 0;
}

}  // namespace
}  // namespace pistream

int main(int count, char** arguments) {
  return pistream::Run({arguments, static_cast<size_t>(count)});
}
