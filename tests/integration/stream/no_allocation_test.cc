// In the steady state nothing is allocated for a picture between the camera and the network: not by
// the camera's thread, not by the encoder's. What libavcodec allocates does not go through operator
// new: 53 times a picture, 50 of them references to its buffers of 24 bytes, the largest the packet
// that holds the coded picture.
#include <gtest/gtest.h>

#include <future>
#include <memory>

#include "sim/simulated_camera.h"
#include "src/base/clock.h"
#include "src/encode/mpeg1_encoder.h"
#include "src/metrics/metrics.h"
#include "src/stream/broadcaster.h"
#include "src/stream/demand.h"
#include "src/stream/pipeline.h"
#include "tests/unit/media/allocation_count.h"

namespace pistream {
namespace {

constexpr VideoFormat kFormat{.size = {.width = 160, .height = 120}, .framerate = {60, 1}};

// Counts from one picture to a later one, of all threads: the test's own sleeps then.
class CountingSink final : public PictureSink {
 public:
  void OnPicture(const PicturePtr& /*picture*/) noexcept override {
    ++pictures_;
    if (pictures_ == kFirst) {
      before_ = AllocationCount();
    } else if (pictures_ == kLast) {
      counted_.set_value(AllocationCount() - before_);
    }
  }
  void OnPause() noexcept override {}

  uint64_t Await() { return counted_.get_future().get(); }

 private:
  static constexpr int kFirst = 30;  // until every container has its size
  static constexpr int kLast = 120;

  int pictures_ = 0;
  uint64_t before_ = 0;
  std::promise<uint64_t> counted_;
};

TEST(PipelineTest, SteadyState_AllocatesNothingForAPicture) {
  Clock& clock = Clock::Real();
  Metrics metrics;
  Demand demand(clock);
  Broadcaster broadcaster;
  CountingSink sink;
  broadcaster.AddSink(sink);
  const auto source = sim::MakeSimulatedSource({}, clock);
  const auto make_encoder = [&](const EncoderConfig& config) -> Result<std::unique_ptr<Encoder>> {
    return Mpeg1Encoder::Create(config, clock);
  };
  Pipeline pipeline({.camera = {.format = kFormat}, .bitrate_bps = 400'000, .gop_pictures = 12},
                    *source, make_encoder, broadcaster, demand, metrics, clock);
  demand.Join();
  const uint64_t before = AllocationCount();
  ASSERT_TRUE(pipeline.Start());
  EXPECT_GT(AllocationCount(), before);  // the counter counts
  // Of 90 pictures. One that is larger than all before it makes its memory grow.
  EXPECT_LT(sink.Await(), 5U);
  pipeline.Stop();
}

}  // namespace
}  // namespace pistream
