// In the steady state the simulated camera allocates nothing: what it costs is what it paints.

#include <atomic>
#include <future>

#include "gtest/gtest.h"
#include "sim/simulated_camera.h"
#include "tests/unit/media/allocation_count.h"

namespace pistream::sim {
namespace {

// Time passes as fast as it is slept.
class HastyClock final : public Clock {
 public:
  SteadyTime Now() const override { return now_; }

 private:
  bool DoWaitUntil(std::unique_lock<std::mutex>& /*lock*/, std::condition_variable_any& /*changed*/,
                   SteadyTime deadline, std::stop_token /*stop*/,
                   const std::function<bool()>& ready) override {
    now_ = deadline;
    return ready();
  }

  std::atomic<SteadyTime> now_ = SteadyTime(std::chrono::hours(1));
};

class CountingSink final : public FrameSink {
 public:
  // On the camera's thread alone.
  void OnFrame(Frame frame) noexcept override {
    if (frame.sequence() == kFirst) {
      before_ = ThreadAllocationCount();
    } else if (frame.sequence() == kLast) {
      counted_.set_value(ThreadAllocationCount() - before_);
    }
  }
  void OnCameraLost(const Error& error) noexcept override { FAIL() << error.message; }

  uint64_t Await() { return counted_.get_future().get(); }

 private:
  static constexpr uint64_t kFirst = 10;
  static constexpr uint64_t kLast = 200;

  uint64_t before_ = 0;
  std::promise<uint64_t> counted_;
};

TEST(SimulatedCamera, SteadyState_AllocatesNothing) {
  HastyClock clock;
  CountingSink sink;
  const auto source = MakeSimulatedSource({}, clock);
  const auto camera = source->Open().value();
  const uint64_t before = ThreadAllocationCount();
  ASSERT_TRUE(camera->Start({.format = {{320, 240}, {24, 1}}, .hflip = true}, sink));
  EXPECT_GT(ThreadAllocationCount(), before);  // the counter counts
  EXPECT_EQ(sink.Await(), 0U);
  camera->Stop();
}

}  // namespace
}  // namespace pistream::sim
