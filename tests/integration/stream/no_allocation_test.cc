// In the steady state nothing is allocated for a picture between the camera and the network: not by
// the camera's thread, not by the encoder's. What libavcodec allocates does not go through operator
// new: 53 times a picture, 50 of them references to its buffers of 24 bytes, the largest the packet
// that holds the coded picture.
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "sim/simulated_camera.h"
#include "src/base/clock.h"
#include "src/encode/mpeg1/mpeg1_encoder_factory.h"
#include "src/metrics/metrics.h"
#include "src/stream/camera_stream.h"
#include "src/stream/track.h"
#include "tests/unit/media/allocation_count.h"

namespace pistream {
namespace {

constexpr VideoFormat kFormat{.size = {.width = 160, .height = 120}, .framerate = {60, 1}};

// Looks for a stretch of pictures in which no thread allocated: the test's own sleeps then. Each
// picture of the pool allocates once it holds one larger than all before it, so the stretch begins
// some time after the first picture, but what allocates for every picture would never let it.
class CountingSubscriber final : private TrackSubscriber {
 public:
  explicit CountingSubscriber(std::shared_ptr<Track> track)
      : subscription_(track->Subscribe(*this, {})) {}

  // Takes pictures until it has found such a stretch; false if there is none.
  bool FindStretch() {
    while (stretch_ < kStretch && pictures_ < kEnough) {
      AwaitWake();
      subscription_.Take(batch_);
      for (size_t i = 0; i < batch_.pictures.size(); ++i) {
        OnPicture();
      }
    }
    return stretch_ >= kStretch;
  }

 private:
  void OnPicturesReady() noexcept override {
    const MutexLock lock(mutex_);
    is_ready_ = true;
    ready_.NotifyOne();
  }

  void AwaitWake() {
    const MutexLock lock(mutex_);
    ready_.Wait(mutex_, [this]() PISTREAM_REQUIRES(mutex_) { return is_ready_; });
    is_ready_ = false;
  }

  void OnPicture() {
    ++pictures_;
    const uint64_t allocations = AllocationCount();
    stretch_ = allocations == allocations_ ? stretch_ + 1 : 0;
    allocations_ = allocations;
  }

  static constexpr int kStretch = 60;  // five GOPs
  static constexpr int kEnough = 1200;

  int pictures_ = 0;
  int stretch_ = 0;
  uint64_t allocations_ = 0;
  Track::Batch batch_;
  Mutex mutex_;
  ConditionVariable ready_;
  bool is_ready_ PISTREAM_GUARDED_BY(mutex_) = false;
  Subscription subscription_;  // last: what it wakes outlives it
};

std::unique_ptr<CameraStream> MakeStream(const std::string& name, Metrics& metrics, Clock& clock) {
  const CameraStreamConfig config{.camera = {.format = kFormat},
                                  .video = {.bitrate_bps = 400'000, .gop_pictures = 12}};
  return std::make_unique<CameraStream>(name, config, sim::MakeSimulatedSource({}, clock),
                                        MakeMpeg1EncoderFactory(clock), metrics, clock);
}

TEST(CameraStreamTest, SteadyState_TwoStreams_AllocateNothingForAPicture) {
  Clock& clock = Clock::Real();
  Metrics metrics;
  const auto garden = MakeStream("garden", metrics, clock);
  const auto door = MakeStream("door", metrics, clock);
  CountingSubscriber garden_viewer(garden->video());
  CountingSubscriber door_viewer(door->video());
  const uint64_t before = AllocationCount();
  ASSERT_TRUE(garden->Start());
  ASSERT_TRUE(door->Start());
  EXPECT_GT(AllocationCount(), before);  // the counter counts
  EXPECT_TRUE(garden_viewer.FindStretch());
  EXPECT_TRUE(door_viewer.FindStretch());
}

}  // namespace
}  // namespace pistream
