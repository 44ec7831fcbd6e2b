// What viewers want of the encoder: that it runs, and now and then a keyframe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>

#include "src/base/clock.h"

namespace pistream {

// Thread-safe: network threads ask, the encoder thread answers.
class Demand {
 public:
  explicit Demand(Clock& clock) : clock_(clock) {}

  // Each viewer calls Join once and Leave once.
  void Join();
  void Leave();
  int viewers() const { return viewers_.load(std::memory_order_relaxed); }

  // A viewer cannot continue without an I picture.
  void RequestKeyframe() { keyframe_wanted_.store(true, std::memory_order_relaxed); }

  // For the encoder, before each frame: whether to make an I picture of it. However many requests
  // there were, the answer is true at most once in kKeyframeInterval; a request waits its turn.
  bool TakeKeyframeRequest();

  // For the encoder, after each I picture and before it is published: whoever asked until now is
  // served by it, so that the request does not cause a second one.
  void KeyframeMade() { keyframe_wanted_.store(false, std::memory_order_relaxed); }

  // Blocks until someone watches (true) or stop is requested (false).
  bool AwaitViewers(std::stop_token stop);

  static constexpr Duration kKeyframeInterval = std::chrono::milliseconds(500);

 private:
  Clock& clock_;
  std::atomic<int> viewers_ = 0;
  std::atomic<bool> keyframe_wanted_ = false;
  std::optional<SteadyTime> last_keyframe_;  // the encoder thread's
  std::mutex mutex_;
  std::condition_variable_any joined_;
};

}  // namespace pistream
