// The pictures of one codec, size and rate: one producer, subscribers that come and go.
//
//   producer (an encoder's thread)           any thread
//   track.Publish(picture)  ──► inbox ──►    subscription.Take(batch)
//   OnDemand(demand)        ◄── aggregate ── Subscribe, SetWants, ~Subscription
//
// A track waits for nobody: each subscriber has an inbox of bounded length, and is woken once for
// all the pictures that it takes together.
#pragma once

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

// What one subscriber wants. While its subscription exists, the track is watched.
struct Wants {
  // More than this does not reach the subscriber in time; nothing: no limit.
  std::optional<int64_t> max_bitrate_bps = std::nullopt;

  bool operator==(const Wants&) const = default;
};

// What all subscribers together want.
struct TrackDemand {
  bool is_watched = false;
  // The largest of the subscribers' limits; nothing where one of them has no limit.
  std::optional<int64_t> max_bitrate_bps = std::nullopt;

  bool operator==(const TrackDemand&) const = default;
};

// Makes the pictures of a track.
class TrackProducer {
 public:
  // On whichever thread has changed the demand, with the track's lock held: returns quickly and
  // does not call the track.
  virtual void OnDemand(const TrackDemand& demand) noexcept = 0;

 protected:
  ~TrackProducer() = default;
};

// Who takes the pictures of a subscription.
class TrackSubscriber {
 public:
  // There is something to take. On the producer's thread, with the track's lock held: returns
  // quickly and does not call the track. Once, until the subscriber has called Take.
  virtual void OnPicturesReady() noexcept = 0;

 protected:
  ~TrackSubscriber() = default;
};

class Subscription;

// Thread-safe, but for what is the producer's. Held by a shared_ptr; subscriptions keep it alive.
class Track : public std::enable_shared_from_this<Track> {
 public:
  // As many pictures as wait for one subscriber at most. One that is further behind has stood still
  // for seconds: it loses all of them.
  static constexpr size_t kInboxPictures = 64;
  // Keyframe requests of all subscribers together are served once in this time.
  static constexpr Duration kKeyframeInterval = std::chrono::milliseconds(500);

  // Since the last Take.
  struct Batch {
    std::vector<PicturePtr> pictures;  // in the order of publication
    uint64_t lost = 0;                 // pictures missing before these
    bool is_closed = false;            // no picture will follow, ever
  };

  explicit Track(Clock& clock) : clock_(clock) {}

  // `subscriber` outlives the subscription. The subscriber has not been woken yet for the pictures
  // that were published before: TakeWithGroup gives it a place to begin.
  Subscription Subscribe(TrackSubscriber& subscriber, const Wants& wants);

  TrackDemand demand() const;

  // A picture that all can begin with is wanted.
  void RequestKeyframe();

  // No picture will follow: the stream has been removed. Wakes all subscribers.
  void Close();

  // The producer's, below.

  // One at a time; null when it ends. Told the present demand at once.
  void SetProducer(TrackProducer* producer);

  void Publish(const PicturePtr& picture);

  // No picture follows for a while. What came before is too old for a new subscriber; the next
  // picture must be an I picture.
  void Pause();

  // Before each frame: whether to make an I picture of it. However many requests there were, true
  // at most once in kKeyframeInterval; a request waits its turn. A later I picture serves it, too.
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

  void TakeLocked(Subscriber& subscriber, Batch& batch) const PISTREAM_REQUIRES(mutex_);
  void Wake(Subscriber& subscriber) PISTREAM_REQUIRES(mutex_);
  void UpdateDemand() PISTREAM_REQUIRES(mutex_);

  Clock& clock_;
  mutable Mutex mutex_;  // guards what the subscribers point to, too
  std::vector<std::unique_ptr<Subscriber>> subscribers_ PISTREAM_GUARDED_BY(mutex_);
  TrackProducer* producer_ PISTREAM_GUARDED_BY(mutex_) = nullptr;
  TrackDemand demand_ PISTREAM_GUARDED_BY(mutex_);
  GopCache group_ PISTREAM_GUARDED_BY(mutex_);
  bool is_closed_ PISTREAM_GUARDED_BY(mutex_) = false;
  bool keyframe_wanted_ PISTREAM_GUARDED_BY(mutex_) = false;
  std::optional<SteadyTime> last_requested_keyframe_ PISTREAM_GUARDED_BY(mutex_);
};

// Takes pictures for as long as it exists. Movable. One thread at a time calls it; any may.
class Subscription {
 public:
  Subscription(Subscription&& other) noexcept = default;
  Subscription& operator=(Subscription&& other) noexcept;
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  // When it returns, no call of the subscriber is under way or to come.
  ~Subscription();

  void SetWants(const Wants& wants) { track_->SetWants(*subscriber_, wants); }

  // Swaps the contents of `batch`, which are dropped first, for what waits. Never blocks for long.
  void Take(Track::Batch& batch) { track_->Take(*subscriber_, batch); }

  // The same, and the pictures that show the present one to a viewer who joins now: an I picture
  // and all that followed it, including what is in `batch`; empty while there is no such group.
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
