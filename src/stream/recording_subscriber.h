// A subscriber of a track that stores its pictures, for tests.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "src/base/mutex.h"
#include "src/stream/track.h"

namespace pistream {

// One thread calls it; the producer's thread only wakes it.
class RecordingSubscriber final : private TrackSubscriber {
 public:
  explicit RecordingSubscriber(std::shared_ptr<Track> track) : track_(std::move(track)) {}

  void Subscribe(const Wants& wants = {}) {
    subscription_.emplace(track_->Subscribe(*this, wants));
  }
  void Leave() { subscription_.reset(); }
  Subscription& subscription() { return *subscription_; }

  // Blocks until there have been `count` pictures; returns the last of these.
  PicturePtr Await(size_t count) {
    while (pictures_.size() < count) {
      AwaitWake();
      Take();
    }
    return pictures_[count - 1];
  }

  // Takes the pictures in the inbox, without waiting.
  void Take() {
    subscription_->Take(batch_);
    Keep();
  }

  // Takes the pictures in the inbox, and the GOP for a viewer that joins now.
  std::vector<PicturePtr> TakeGroup() {
    std::vector<PicturePtr> group;
    subscription_->TakeWithGroup(batch_, group);
    Keep();
    return group;
  }

  const std::vector<PicturePtr>& pictures() const { return pictures_; }
  uint64_t lost() const { return lost_; }
  bool is_closed() const { return is_closed_; }
  int wakes() const {
    const MutexLock lock(mutex_);
    return wakes_;
  }

 private:
  void OnPicturesReady() noexcept override {
    const MutexLock lock(mutex_);
    ++wakes_;
    is_ready_ = true;
    ready_.NotifyAll();
  }

  void AwaitWake() {
    const MutexLock lock(mutex_);
    ready_.Wait(mutex_, [this]() PISTREAM_REQUIRES(mutex_) { return is_ready_; });
    is_ready_ = false;
  }

  void Keep() {
    pictures_.insert(pictures_.end(), batch_.pictures.begin(), batch_.pictures.end());
    lost_ += batch_.lost;
    is_closed_ = batch_.is_closed;
  }

  const std::shared_ptr<Track> track_;
  Track::Batch batch_;
  std::vector<PicturePtr> pictures_;
  uint64_t lost_ = 0;
  bool is_closed_ = false;
  mutable Mutex mutex_;
  ConditionVariable ready_;
  bool is_ready_ PISTREAM_GUARDED_BY(mutex_) = false;
  int wakes_ PISTREAM_GUARDED_BY(mutex_) = 0;
  std::optional<Subscription> subscription_;  // last: what it wakes outlives it
};

}  // namespace pistream
