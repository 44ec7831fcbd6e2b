// The least that makes a stream's pictures: the simulated camera, whose own thread encodes each
// frame and throws the picture away. What pistream takes beside it, with one viewer, is its
// overhead.
//
// Prints what it used and the number of pictures, as JSON, in the load generator's words.

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>
#include <utility>

#include "CLI/CLI.hpp"
#include "sim/simulated_camera.h"
#include "src/base/clock.h"
#include "src/encode/mpeg1/mpeg1_encoder.h"
#include "tests/bench/process_usage.h"

namespace pistream::bench {
namespace {

struct BareOptions {
  VideoFormat format = {.size = {640, 480}, .framerate = {24, 1}};
  int64_t bitrate_bps = 800'000;
  double seconds = 8;
};

class Encoding final : public FrameSink, private PictureSink {
 public:
  explicit Encoding(std::unique_ptr<Encoder> encoder) : encoder_(std::move(encoder)) {}

  void OnFrame(Frame frame) noexcept override {
    if (!encoder_->Encode(std::move(frame), {}, *this)) {
      std::abort();
    }
  }
  void OnCameraLost(const Error& /*error*/) noexcept override {}

  int pictures() const { return pictures_; }

 private:
  void OnPicture(PicturePtr /*picture*/) override { ++pictures_; }

  std::unique_ptr<Encoder> encoder_;
  std::atomic<int> pictures_ = 0;
};

void Measure(const Encoding& encoding, double seconds) {
  std::this_thread::sleep_for(std::chrono::seconds(1));  // to warm up
  const ProcessUsage before = ReadProcessUsage(getpid());
  const int pictures_before = encoding.pictures();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  const ProcessUsage after = ReadProcessUsage(getpid());
  std::printf(
      "{\"viewers\": 0, \"pictures\": %d, \"cpu_ms_by_thread\": {\"all\": %.3f}, "
      "\"rss_anon_kib\": [%lld, %lld]}\n",
      encoding.pictures() - pictures_before,
      static_cast<double>(after.CpuNs() - before.CpuNs()) / 1e6,
      static_cast<long long>(before.rss_anon_kib), static_cast<long long>(after.rss_anon_kib));
}

Result<void> Run(const BareOptions& options) {
  Clock& clock = Clock::Real();
  auto encoder = Mpeg1Encoder::Create({.format = options.format,
                                       .bitrate_bps = options.bitrate_bps,
                                       .gop_pictures = options.format.framerate.numerator},
                                      clock);
  if (!encoder) {
    return tl::unexpected(encoder.error());
  }
  Encoding encoding(*std::move(encoder));
  const auto source = sim::MakeSimulatedSource({}, clock);
  const auto camera = source->Open();
  if (const auto started = (*camera)->Start({.format = options.format}, encoding); !started) {
    return tl::unexpected(started.error());
  }
  Measure(encoding, options.seconds);
  (*camera)->Stop();
  return {};
}

}  // namespace
}  // namespace pistream::bench

int main(int argc, char** argv) {
  pistream::bench::BareOptions options;
  CLI::App app("The simulated camera and the encoder, and nothing else", "bare_encoder");
  app.add_option("--width", options.format.size.width)->capture_default_str();
  app.add_option("--height", options.format.size.height)->capture_default_str();
  app.add_option("--bitrate", options.bitrate_bps, "Bits a second")->capture_default_str();
  app.add_option("--seconds", options.seconds, "How long to measure")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (const auto done = pistream::bench::Run(options); !done) {
    std::fprintf(stderr, "bare_encoder: %s\n", done.error().message.c_str());
    return 1;
  }
}
