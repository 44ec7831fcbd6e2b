// In the steady state nothing is allocated for a picture between the camera and the network: not by
// the camera's thread, not by the encoder's. What libavcodec allocates does not go through operator
// new: 53 times a picture, 50 of them references to its buffers of 24 bytes, the largest the packet
// that holds the coded picture.
#include <gtest/gtest.h>

#include <future>
#include <memory>

#include "sim/simulated_camera.h"
#include "src/base/clock.h"
#include "src/encode/mpeg1/mpeg1_encoder.h"
#include "src/metrics/metrics.h"
#include "src/stream/broadcaster.h"
#include "src/stream/demand.h"
#include "src/stream/pipeline.h"
#include "tests/unit/media/allocation_count.h"

namespace pistream {
namespace {

constexpr VideoFormat kFormat{.size = {.width = 160, .height = 120}, .framerate = {60, 1}};

// Looks for a stretch of pictures in which no thread allocated: the test's own sleeps then. Each
// picture of the pool allocates once it holds one larger than all before it, so the stretch begins
// some time after the first picture, but what allocates for every picture would never let it.
class CountingSink final : public BroadcastSink {
 public:
  void OnPicture(const PicturePtr& /*picture*/) noexcept override {
    if (done_) {
      return;
    }
    ++pictures_;
    const uint64_t allocations = AllocationCount();
    stretch_ = allocations == allocations_ ? stretch_ + 1 : 0;
    allocations_ = allocations;
    done_ = stretch_ == kStretch || pictures_ == kEnough;
    if (done_) {
      found_.set_value(stretch_ == kStretch);
    }
  }
  void OnPause() noexcept override {}

  bool Await() { return found_.get_future().get(); }

 private:
  static constexpr int kStretch = 60;  // five GOPs
  static constexpr int kEnough = 1200;

  int pictures_ = 0;
  int stretch_ = 0;
  uint64_t allocations_ = 0;
  bool done_ = false;
  std::promise<bool> found_;
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
  EXPECT_TRUE(sink.Await());
  pipeline.Stop();
}

}  // namespace
}  // namespace pistream
