// Carries out one operation of the hot path a number of times on fixed input, on one thread, for
// callgrind to count what it takes: operations NAME COUNT
//
// Callgrind counts within pistream_counted() alone (--toggle-collect), so that neither the start of
// the program nor what makes the input is in the figure. A new operation is one more entry of
// kOperations; what it prepares is outside of the function that it returns. COUNT is of operations,
// of which one step may carry out several.
//
// Prints a line that names what the count depends on besides our own code: the version of
// libavcodec, and the processor's features that it uses.
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/cpu.h>
}

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/pattern.h"
#include "src/base/fake_clock.h"
#include "src/base/parse_number.h"
#include "src/convert/pixel_converter.h"
#include "src/encode/mpeg1/mpeg1_encoder.h"
#include "src/media/memory_frame_pool.h"
#include "src/metrics/metrics.h"
#include "src/net/plain_transport.h"
#include "src/stream/fake_stream.h"
#include "src/viewer/track_viewers.h"
#include "src/viewer/viewer_session.h"

// Never inlined, and not in a namespace: callgrind knows it by this name.
extern "C" [[gnu::noinline]] void pistream_counted(const std::function<void()>& operation);
void pistream_counted(const std::function<void()>& operation) { operation(); }

// A library that libavcodec comes with measures the clock's resolution while it is loaded, by an
// instruction that valgrind's processor claims to have and does not know where the machine's own
// has not got it. This takes the function's place; nothing here asks for it.
namespace hwy::platform {
uint64_t TimerResolution();
uint64_t TimerResolution() { return 1; }
}  // namespace hwy::platform

namespace pistream {
namespace {

constexpr VideoFormat kFormat = {.size = {.width = 640, .height = 480},
                                 .framerate = {.numerator = 24, .denominator = 1}};
constexpr size_t kPixels = size_t{640} * 480;

// Carries out the operation once more; the count is within.
using Step = std::function<void()>;

template <typename T>
T OrDie(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "operations: %s\n", result.error().message.c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) {
    return *std::move(result);
  }
}

// Drops what it is given.
class NullSink final : public PictureSink {
 public:
  void OnPicture(PicturePtr /*picture*/) override {}
};

// The simulated camera's pictures, one 24th of a second apart.
class Input {
 public:
  Frame Next() {
    const SteadyTime captured = SteadyTime(std::chrono::hours(1)) +
                                std::chrono::nanoseconds(sequence_ * 1'000'000'000 / 24);
    const int slot = pool_->Acquire().value();
    pattern_.Paint(sequence_, captured, {}, pool_->planes(slot));
    return pool_->Lend(slot, sequence_++, captured);
  }

 private:
  sim::Pattern pattern_{kFormat.size, 1};
  std::shared_ptr<MemoryFramePool> pool_ = std::make_shared<MemoryFramePool>(kFormat.size, 2);
  uint64_t sequence_ = 0;
};

// A coded picture: 800 kbit/s, an I picture each second.
Step Encode() {
  struct State {
    FakeClock clock;
    Input input;
    NullSink sink;
    std::unique_ptr<Encoder> encoder = OrDie(Mpeg1Encoder::Create(
        {.format = kFormat, .bitrate_bps = 800'000, .gop_pictures = 24}, clock));
  };
  return [state = std::make_shared<State>()] {
    const Frame frame = state->input.Next();
    pistream_counted([&] { OrDie(state->encoder->Encode(frame, {}, state->sink)); });
  };
}

// A converted frame, of noise.
Step Convert(PixelLayout layout, int bytes_a_row) {
  struct State {
    explicit State(PixelConverter made) : converter(std::move(made)) {
      uint32_t random = 1;
      for (uint8_t& byte : from) {
        random = random * 1664525 + 1013904223;
        byte = static_cast<uint8_t>(random >> 24);
      }
    }
    PixelConverter converter;
    std::vector<uint8_t> from = std::vector<uint8_t>(kPixels * 2);
    std::vector<uint8_t> to = std::vector<uint8_t>(kPixels * 3 / 2);
  };
  auto state = std::make_shared<State>(OrDie(PixelConverter::Make(layout, {}, kFormat.size)));
  return [state, bytes_a_row] {
    const uint8_t* const from = state->from.data();
    uint8_t* const to = state->to.data();
    pistream_counted([&] {
      state->converter.Convert({{{.data = from, .stride = bytes_a_row},
                                 {.data = from + kPixels, .stride = bytes_a_row},
                                 {}}},
                               {{{.data = to, .stride = 640},
                                 {.data = to + kPixels, .stride = 320},
                                 {.data = to + kPixels * 5 / 4, .stride = 320}}});
    });
  };
}

constexpr int kViewers = 100;

// A track with viewers on one network thread, whose peers read all that they are sent.
class Audience {
 public:
  Audience() {
    using boost::asio::ip::tcp;
    tcp::acceptor acceptor(io_, {boost::asio::ip::address_v4::loopback(), 0});
    for (int i = 0; i < kViewers; ++i) {
      peers_.emplace_back(io_).connect(acceptor.local_endpoint());
      const auto session = std::make_shared<ViewerSession>(
          std::make_unique<PlainTransport>(acceptor.accept(io_)), StreamProtocol::kV1, viewers_);
      session->Start("");
    }
    Deliver(MakePicture(PictureType::kIntra));  // the first one is marked: by the slow way
    Read();
    AwaitSteadyState();
  }

  PicturePtr MakePicture(PictureType type) {
    return std::make_shared<Picture>(Picture{.bytes = std::vector<uint8_t>(4096),
                                             .type = type,
                                             .size = kFormat.size,
                                             .sequence = sequence_++,
                                             .captured = clock_.Now(),
                                             .encoded = clock_.Now()});
  }

  // From the encoder's thread to the sockets.
  void Deliver(const PicturePtr& picture) {
    stream_->video()->Publish(picture);
    viewers_.TakePictures();
  }

  void Read() {
    for (auto& peer : peers_) {
      while (peer.available() > 0) {
        peer.read_some(boost::asio::buffer(buffer_));
      }
    }
  }

 private:
  // A new viewer's line is watched closely at first.
  void AwaitSteadyState() {
    while (!watched_.empty()) {
      clock_.Advance(ViewerLine::kSampleInterval);
      std::erase_if(watched_,
                    [this](const auto& viewer) { return !viewer->SampleLine(clock_.Now()); });
    }
  }

  struct Subscriber final : TrackSubscriber {
    void OnPicturesReady() noexcept override {}
  };

  FakeClock clock_;
  Metrics metrics_;
  prometheus::Gauge count_;
  std::vector<std::shared_ptr<ViewerSession>> watched_;
  ViewerEnvironment environment_{
      .metrics = metrics_,
      .clock = clock_,
      .stall_limit = std::chrono::seconds(10),
      .viewers = count_,
      .stall_lines = RateLimit(clock_),
      .protocol_lines = RateLimit(clock_),
      .viewers_of = [this](const auto&, VideoScale) -> TrackViewers& { return viewers_; },
      .watch_line = [this](const auto& viewer) { watched_.push_back(viewer); }};
  boost::asio::io_context io_;
  Subscriber subscriber_;
  std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>("camera", kFormat, clock_);
  TrackViewers viewers_{stream_, VideoScale::kFull, subscriber_, environment_};
  std::vector<boost::asio::ip::tcp::socket> peers_;
  std::vector<uint8_t> buffer_ = std::vector<uint8_t>(size_t{1} << 16);
  uint64_t sequence_ = 0;
};

// A delivered message: a picture is published, and is sent to each viewer.
Step Deliver() {
  return [audience = std::make_shared<Audience>()] {
    const PicturePtr picture = audience->MakePicture(PictureType::kPredicted);
    pistream_counted([&] { audience->Deliver(picture); });
    audience->Read();
  };
}

struct Operation {
  const char* name;
  int per_step;
  Step (*prepare)();
};

constexpr std::array kOperations = {
    Operation{"encode_picture", 1, Encode},
    Operation{"convert_nv12", 1, [] { return Convert(PixelLayout::kNv12, 640); }},
    Operation{"convert_yuyv", 1, [] { return Convert(PixelLayout::kYuyv, 1280); }},
    Operation{"deliver_message", kViewers, Deliver},
};

int Run(std::string_view name, int count) {
  for (const Operation& operation : kOperations) {
    if (operation.name == name) {
      const Step step = operation.prepare();
      for (int i = 0; i < count; i += operation.per_step) {
        step();
      }
      const unsigned version = avcodec_version();
      std::printf("libavcodec %u.%u.%u, processor features %x\n", AV_VERSION_MAJOR(version),
                  AV_VERSION_MINOR(version), AV_VERSION_MICRO(version),
                  static_cast<unsigned>(av_get_cpu_flags()));
      return 0;
    }
  }
  std::fprintf(stderr, "operations: there is no operation '%.*s'\n", static_cast<int>(name.size()),
               name.data());
  return 1;
}

}  // namespace
}  // namespace pistream

int main(int argc, char** argv) {
  const auto count = argc == 3 ? pistream::ParseNumber(argv[2], 1, 10000)
                               : pistream::Fail("operations NAME COUNT");
  return pistream::Run(argv[1], pistream::OrDie(count));
}
