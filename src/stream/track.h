// The pictures of one codec, size and rate: one producer, subscribers that come and go.
//
//   producer (an encoder's thread)           any thread
//   track.Publish(picture)  ──► inbox ──►    subscription.Take(batch)
//   OnDemand(demand)        ◄── aggregate ── Subscribe, SetWants, ~Subscription
//
// A track never waits for a subscriber: each has an inbox of bounded length, and is woken once for
// all pictures in it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "src/base/clock.h"
#include "src/base/mutex.h"
#include "src/media/picture.h"
#include "src/stream/gop_cache.h"

namespace pistream {

// The wants of one subscriber. While its subscription exists, the track is watched.
struct Wants {
  // The highest bitrate that the subscriber can receive in time; 0: it can receive nothing now;
  // nothing: no limit.
  std::optional<int64_t> max_bitrate_bps = std::nullopt;

  bool operator==(const Wants&) const = default;
};

// The combined wants of all subscribers.
struct TrackDemand {
  bool is_watched = false;
  // The largest of the subscribers' limits; nothing if one of them has no limit.
  std::optional<int64_t> max_bitrate_bps = std::nullopt;

  bool operator==(const TrackDemand&) const = default;
};

// Produces the pictures of a track.
class TrackProducer {
 public:
  // Called on the thread that has changed the demand, with the track's lock held: must return
  // quickly and not call the track.
  virtual void OnDemand(const TrackDemand& demand) noexcept = 0;

 protected:
  ~TrackProducer() = default;
};

// Receives the pictures of a subscription.
class TrackSubscriber {
 public:
  // The inbox is no longer empty. Called on the producer's thread, or on the one that closes the
  // track: must return quickly and not call the track. Called once until the next Take, which may
  // be under way: then it may find nothing. The track's lock is not held: the thread that this
  // wakes would wait for it.
  virtual void OnPicturesReady() noexcept = 0;

 protected:
  ~TrackSubscriber() = default;
};

class Subscription;

// Thread-safe, except for the producer's methods. Owned by a shared_ptr; subscriptions keep it
// alive.
class Track : public std::enable_shared_from_this<Track> {
 public:
  // The capacity of an inbox, in pictures. A subscriber that exceeds it has been blocked for
  // seconds, and loses all of them.
  static constexpr size_t kInboxPictures = 64;
  // The minimum time between two granted keyframe requests of all subscribers together.
  static constexpr Duration kKeyframeInterval = std::chrono::milliseconds(500);

  // Since the last Take.
  struct Batch {
    std::vector<PicturePtr> pictures;  // in the order of publication
    uint64_t lost = 0;                 // pictures missing before these
    bool is_closed = false;            // no picture will follow, ever
  };

  explicit Track(Clock& clock) : clock_(clock) {}

  // `subscriber` outlives the subscription. It is not woken for pictures published before;
  // TakeWithGroup returns the current GOP.
  Subscription Subscribe(TrackSubscriber& subscriber, const Wants& wants);

  TrackDemand demand() const;

  // Requests an I picture.
  void RequestKeyframe();

  // Ends the track, because the stream has been removed. Wakes all subscribers.
  void Close();
  // For those who have no subscription; the others learn it from their batch.
  bool is_closed() const;

  // The methods below are for the producer.

  // One at a time; null when it ends. The producer is immediately informed of the current demand.
  void SetProducer(TrackProducer* producer);

  void Publish(const PicturePtr& picture);

  // Announces a pause. Earlier pictures are then too old for new subscribers; the next picture must
  // be an I picture, as it must be after a time in which nobody watched.
  void Pause();

  // Called before each frame: whether to encode it as an I picture. Returns true at most once in
  // kKeyframeInterval; until then requests are pending. Any I picture satisfies them.
  bool TakeKeyframeRequest();

 private:
  friend class Subscription;

  struct Subscriber {
    TrackSubscriber* subscriber = nullptr;
    Wants wants;
    Batch inbox;
    bool is_woken = false;
  };

  void Unsubscribe(const Subscriber* leaving);
  void SetWants(Subscriber& subscriber, const Wants& wants);
  void Take(Subscriber& subscriber, Batch& batch);
  void TakeWithGroup(Subscriber& subscriber, Batch& batch, std::vector<PicturePtr>& group);

  void DropOldGroup() PISTREAM_REQUIRES(mutex_);
  void TakeLocked(Subscriber& subscriber, Batch& batch) const PISTREAM_REQUIRES(mutex_);
  // Adds those to be woken to `to_wake`. WakeAll, after the lock is released, calls them.
  void PrepareToWake(Subscriber& subscriber, std::vector<TrackSubscriber*>& to_wake)
      PISTREAM_REQUIRES(mutex_);
  void WakeAll(std::vector<TrackSubscriber*>& to_wake);
  void UpdateDemand() PISTREAM_REQUIRES(mutex_);

  Clock& clock_;
  mutable Mutex mutex_;  // guards what the subscribers point to, too
  std::vector<std::unique_ptr<Subscriber>> subscribers_ PISTREAM_GUARDED_BY(mutex_);
  TrackProducer* producer_ PISTREAM_GUARDED_BY(mutex_) = nullptr;
  TrackDemand demand_ PISTREAM_GUARDED_BY(mutex_);
  GopCache group_ PISTREAM_GUARDED_BY(mutex_);
  bool group_has_ended_ PISTREAM_GUARDED_BY(mutex_) = false;  // the next picture starts another
  bool is_closed_ PISTREAM_GUARDED_BY(mutex_) = false;
  bool keyframe_wanted_ PISTREAM_GUARDED_BY(mutex_) = false;
  std::optional<SteadyTime> last_requested_keyframe_ PISTREAM_GUARDED_BY(mutex_);
  // Subscribers that are to be called, or are being called. Raised with the lock held.
  std::atomic<int> wakes_ = 0;
  // Publish's, kept for its memory. Not guarded by the lock: only the producer's thread, which
  // makes all calls of Publish, touches it.
  std::vector<TrackSubscriber*> to_wake_;
};

// Receives pictures as long as it exists. Movable. Used by one thread at a time.
class Subscription {
 public:
  Subscription(Subscription&& other) noexcept = default;
  Subscription& operator=(Subscription&& other) noexcept;
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  // When it returns, the subscriber is not being called and will not be called again.
  ~Subscription();

  void SetWants(const Wants& wants) { track_->SetWants(*subscriber_, wants); }

  // Replaces the content of `batch` by the pictures in the inbox. Never blocks for long.
  void Take(Track::Batch& batch) { track_->Take(*subscriber_, batch); }

  // The same, and returns the current GOP for a viewer that joins now: an I picture and all
  // pictures after it, including those in `batch`; empty if the GOP is not complete. If nobody has
  // watched since, it is current for the duration of its last picture, which is long at a low rate.
  void TakeWithGroup(Track::Batch& batch, std::vector<PicturePtr>& group) {
    track_->TakeWithGroup(*subscriber_, batch, group);
  }

 private:
  friend class Track;
  Subscription(std::shared_ptr<Track> track, Track::Subscriber& subscriber)
      : track_(std::move(track)), subscriber_(&subscriber) {}

  void Leave();

  std::shared_ptr<Track> track_;  // null: moved from
  Track::Subscriber* subscriber_;
};

}  // namespace pistream
