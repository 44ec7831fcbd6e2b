#include "src/stream/demand.h"

namespace pistream {

void Demand::Join() {
  {
    // Under the lock, or AwaitViewers could miss it between its look and its falling asleep.
    std::lock_guard lock(mutex_);
    viewers_.fetch_add(1, std::memory_order_relaxed);
  }
  joined_.notify_all();
}

void Demand::Leave() { viewers_.fetch_sub(1, std::memory_order_relaxed); }

bool Demand::TakeKeyframeRequest() {
  if (!keyframe_wanted_.load(std::memory_order_relaxed)) {
    return false;
  }
  const SteadyTime now = clock_.Now();
  if (last_keyframe_ && now - *last_keyframe_ < kKeyframeInterval) {
    return false;
  }
  keyframe_wanted_.store(false, std::memory_order_relaxed);
  last_keyframe_ = now;
  return true;
}

bool Demand::AwaitViewers(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  joined_.wait(lock, stop, [&] { return viewers() > 0; });
  return !stop.stop_requested();
}

}  // namespace pistream
