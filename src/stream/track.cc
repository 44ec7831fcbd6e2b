#include "src/stream/track.h"

#include <algorithm>
#include <utility>

namespace pistream {

Subscription Track::Subscribe(TrackSubscriber& subscriber, const Wants& wants) {
  std::vector<TrackSubscriber*> to_wake;
  MutexLock lock(mutex_);
  auto& added = *subscribers_.emplace_back(std::make_unique<Subscriber>());
  added.subscriber = &subscriber;
  added.wants = wants;
  added.inbox.pictures.reserve(kInboxPictures);
  if (is_closed_) {
    PrepareToWake(added, to_wake);
  }
  UpdateDemand();
  lock.Unlock();
  WakeAll(to_wake);
  return {shared_from_this(), added};
}

void Track::Unsubscribe(const Subscriber* leaving) {
  {
    const MutexLock lock(mutex_);
    std::erase_if(subscribers_, [&](const auto& one) { return one.get() == leaving; });
    UpdateDemand();
  }
  // One that was prepared before may be for the one that leaves.
  for (int wakes = wakes_; wakes > 0; wakes = wakes_) {
    wakes_.wait(wakes);
  }
}

void Track::SetWants(Subscriber& subscriber, const Wants& wants) {
  const MutexLock lock(mutex_);
  subscriber.wants = wants;
  UpdateDemand();
}

TrackDemand Track::demand() const {
  const MutexLock lock(mutex_);
  return demand_;
}

void Track::UpdateDemand() {
  TrackDemand demand{.is_watched = !subscribers_.empty()};
  const auto is_limited = [](const auto& one) { return one->wants.max_bitrate_bps.has_value(); };
  if (demand.is_watched && std::ranges::all_of(subscribers_, is_limited)) {
    for (const auto& one : subscribers_) {
      demand.max_bitrate_bps = std::max(demand.max_bitrate_bps, one->wants.max_bitrate_bps);
    }
  }
  group_has_ended_ |= !demand.is_watched;
  if (std::exchange(demand_, demand) != demand && producer_ != nullptr) {
    producer_->OnDemand(demand);
  }
}

void Track::RequestKeyframe() {
  const MutexLock lock(mutex_);
  keyframe_wanted_ = true;
}

void Track::Close() {
  std::vector<TrackSubscriber*> to_wake;
  {
    const MutexLock lock(mutex_);
    is_closed_ = true;
    for (const auto& one : subscribers_) {
      PrepareToWake(*one, to_wake);
    }
  }
  WakeAll(to_wake);
}

bool Track::is_closed() const {
  const MutexLock lock(mutex_);
  return is_closed_;
}

void Track::SetProducer(TrackProducer* producer) {
  const MutexLock lock(mutex_);
  producer_ = producer;
  if (producer_ != nullptr) {
    producer_->OnDemand(demand_);
  }
}

// Allocates nothing in the steady state: the inboxes keep their capacity.
void Track::Publish(const PicturePtr& picture) {
  MutexLock lock(mutex_);
  if (picture->type == PictureType::kIntra) {
    keyframe_wanted_ = false;  // whoever asked until now is served by this one
    group_has_ended_ = false;
  } else if (group_has_ended_) {
    group_.Clear();
  }
  group_.Add(picture);
  for (const auto& one : subscribers_) {
    Batch& inbox = one->inbox;
    if (inbox.pictures.size() == kInboxPictures) {
      inbox.lost += inbox.pictures.size();
      inbox.pictures.clear();
    }
    inbox.pictures.push_back(picture);
    PrepareToWake(*one, to_wake_);
  }
  lock.Unlock();
  WakeAll(to_wake_);
}

void Track::Pause() {
  const MutexLock lock(mutex_);
  group_.Clear();
}

bool Track::TakeKeyframeRequest() {
  const MutexLock lock(mutex_);
  if (!keyframe_wanted_) {
    return false;
  }
  const SteadyTime now = clock_.Now();
  if (last_requested_keyframe_ && now - *last_requested_keyframe_ < kKeyframeInterval) {
    return false;
  }
  keyframe_wanted_ = false;
  last_requested_keyframe_ = now;
  return true;
}

void Track::Take(Subscriber& subscriber, Batch& batch) {
  batch.pictures.clear();
  const MutexLock lock(mutex_);
  TakeLocked(subscriber, batch);
}

void Track::TakeWithGroup(Subscriber& subscriber, Batch& batch, std::vector<PicturePtr>& group) {
  batch.pictures.clear();
  const MutexLock lock(mutex_);
  TakeLocked(subscriber, batch);
  if (group_has_ended_) {
    DropOldGroup();
  }
  group.assign(group_.pictures().begin(), group_.pictures().end());
}

void Track::DropOldGroup() {
  const auto pictures = group_.pictures();
  if (!pictures.empty() && clock_.Now() >= pictures.back()->captured + pictures.back()->duration) {
    group_.Clear();
  }
}

void Track::TakeLocked(Subscriber& subscriber, Batch& batch) const {
  std::swap(batch.pictures, subscriber.inbox.pictures);
  batch.lost = std::exchange(subscriber.inbox.lost, 0);
  batch.is_closed = is_closed_;
  subscriber.is_woken = false;
}

void Track::PrepareToWake(Subscriber& subscriber, std::vector<TrackSubscriber*>& to_wake) {
  if (!std::exchange(subscriber.is_woken, true)) {
    to_wake.push_back(subscriber.subscriber);
    ++wakes_;
  }
}

void Track::WakeAll(std::vector<TrackSubscriber*>& to_wake) {
  for (TrackSubscriber* const subscriber : to_wake) {
    subscriber->OnPicturesReady();
    if (--wakes_ == 0) {
      wakes_.notify_all();
    }
  }
  to_wake.clear();
}

Subscription& Subscription::operator=(Subscription&& other) noexcept {
  Leave();
  track_ = std::move(other.track_);
  subscriber_ = other.subscriber_;
  return *this;
}

Subscription::~Subscription() { Leave(); }

void Subscription::Leave() {
  if (const auto track = std::exchange(track_, nullptr)) {
    track->Unsubscribe(subscriber_);
  }
}

}  // namespace pistream
