#include "src/camera/libcamera/pacing_thread.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "gtest/gtest.h"
#include "src/base/fake_clock.h"

namespace pistream {
namespace {

using std::chrono::milliseconds;

constexpr Duration kFrameTime = milliseconds(40);

class PacingThreadTest : public testing::Test {
 protected:
  PacingThread Make(bool throttle) {
    return {CameraPacer(kFrameTime, throttle), [this](int64_t missed) { OnDeadline(missed); },
            clock_};
  }

  void OnDeadline(int64_t missed) {
    std::lock_guard lock(mutex_);
    missed_.push_back(missed);
    changed_.notify_all();
  }

  // The deadlines missed before each that was reached.
  std::vector<int64_t> AwaitDeadlines(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return missed_.size() >= count; });
    return missed_;
  }

  FakeClock clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<int64_t> missed_;
};

TEST_F(PacingThreadTest, Throttled_OneDeadlineEachFrameTime) {
  PacingThread pacing = Make(true);
  pacing.Start();
  AwaitDeadlines(1);
  for (size_t frames = 2; frames < 5; ++frames) {
    clock_.AwaitSleepers(1);
    clock_.Advance(kFrameTime);
    AwaitDeadlines(frames);
  }
  clock_.AwaitSleepers(1);
  pacing.Stop();
  EXPECT_EQ(AwaitDeadlines(4), (std::vector<int64_t>{0, 0, 0, 0}));
}

TEST_F(PacingThreadTest, WakesFramesLate_TellsThoseMissed) {
  PacingThread pacing = Make(true);
  pacing.Start();
  AwaitDeadlines(1);
  clock_.AwaitSleepers(1);
  clock_.Advance(3 * kFrameTime);
  EXPECT_EQ(AwaitDeadlines(2), (std::vector<int64_t>{0, 2}));
  pacing.Stop();
}

TEST_F(PacingThreadTest, FramesTooEarly_ThrottledFromThenOn) {
  PacingThread pacing = Make(false);
  pacing.Start();
  EXPECT_TRUE(pacing.Accept(clock_.Now()));
  EXPECT_FALSE(pacing.Accept(clock_.Now() + milliseconds(1)));
  EXPECT_FALSE(pacing.is_throttled());
  EXPECT_FALSE(pacing.Accept(clock_.Now() + milliseconds(2)));
  EXPECT_TRUE(pacing.is_throttled());
  EXPECT_TRUE(pacing.is_free_running());
  clock_.AwaitSleepers(1);
  clock_.Advance(kFrameTime);
  EXPECT_EQ(AwaitDeadlines(1), (std::vector<int64_t>{0}));
  pacing.Stop();
}

TEST_F(PacingThreadTest, NotThrottled_StopReturnsWithoutADeadline) {
  PacingThread pacing = Make(false);
  pacing.Start();
  EXPECT_TRUE(pacing.Accept(clock_.Now()));
  pacing.Stop();
  pacing.Stop();
  EXPECT_TRUE(missed_.empty());
}

}  // namespace
}  // namespace pistream
