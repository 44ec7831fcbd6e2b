// In the steady state the simulated camera allocates nothing: what it costs is what it paints.

#include <atomic>
#include <cstdlib>
#include <future>
#include <new>

#include "gtest/gtest.h"
#include "sim/simulated_camera.h"

namespace {

thread_local int64_t allocations = 0;

// NOLINTBEGIN(cppcoreguidelines-no-malloc): operator new is made of it.
void* Allocate(size_t bytes) {
  ++allocations;
  if (void* const memory = std::malloc(bytes != 0 ? bytes : 1)) {
    return memory;
  }
  throw std::bad_alloc();
}

}  // namespace

void* operator new(size_t bytes) { return Allocate(bytes); }
void* operator new[](size_t bytes) { return Allocate(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t /*bytes*/) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t /*bytes*/) noexcept { std::free(memory); }
// NOLINTEND(cppcoreguidelines-no-malloc)

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
  void OnFrame(Frame frame) noexcept override {
    if (frame.sequence() == kFirst) {
      before_ = allocations;
    } else if (frame.sequence() == kLast) {
      counted_.set_value(allocations - before_);
    }
  }
  void OnCameraLost(const Error& error) noexcept override { FAIL() << error.message; }

  int64_t Await() { return counted_.get_future().get(); }

 private:
  static constexpr uint64_t kFirst = 10;
  static constexpr uint64_t kLast = 200;

  int64_t before_ = 0;
  std::promise<int64_t> counted_;
};

TEST(SimulatedCamera, SteadyState_AllocatesNothing) {
  HastyClock clock;
  CountingSink sink;
  const auto source = MakeSimulatedSource({}, clock);
  const auto camera = source->Open().value();
  const int64_t before = allocations;
  ASSERT_TRUE(camera->Start({.format = {{320, 240}, {24, 1}}, .hflip = true}, sink));
  EXPECT_GT(allocations, before);  // the counter counts
  EXPECT_EQ(sink.Await(), 0);
  camera->Stop();
}

}  // namespace
}  // namespace pistream::sim
