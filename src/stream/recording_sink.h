// A BroadcastSink that remembers what it was told.
#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "src/stream/broadcaster.h"

namespace pistream {

// Thread-safe.
class RecordingSink final : public BroadcastSink {
 public:
  // A picture; null for a pause.
  using Event = PicturePtr;

  void OnPicture(const PicturePtr& picture) noexcept override { Record(picture); }
  void OnPause() noexcept override { Record(nullptr); }

  // Blocks until there have been `count` events; returns the last of these.
  Event Await(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return events_.size() >= count; });
    return events_[count - 1];
  }

  std::vector<Event> events() const {
    std::lock_guard lock(mutex_);
    return events_;
  }

 private:
  void Record(Event event) {
    std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Event> events_;
};

}  // namespace pistream
