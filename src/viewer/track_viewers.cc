#include "src/viewer/track_viewers.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "src/viewer/viewer_session.h"

namespace pistream {

namespace {

// Of frame, header and trailer of the protocol that has most, in bytes: one of fewer seems to have
// acknowledged a little more.
constexpr size_t kLargestHead = 128;
// To send and decode more takes longer than to wait for an I picture on request.
constexpr size_t kLongestGroup = 120;  // pictures
constexpr int64_t kLargestGroup = 2;   // seconds of the bitrate
// In a sweep: a look costs a system call for a socket that is in no cache.
constexpr size_t kLooks = 400;

}  // namespace

struct TrackViewers::Broadcast {
  Broadcast(const PicturePtr& of, SteadyTime time, Messages& into)
      : picture(of), now(time), messages(into) {
    for (Message& message : messages) {
      message.bytes.clear();
    }
  }
  ~Broadcast() = default;
  Broadcast(const Broadcast&) = delete;
  Broadcast& operator=(const Broadcast&) = delete;

  // Made when the first viewer needs it. In one piece: a copy for all costs less than two pieces
  // for each (docs/decisions/0005).
  const Message& MessageOf(StreamProtocol protocol) {
    Message& message = messages[static_cast<size_t>(protocol)];
    if (message.bytes.empty()) {
      message.head = PictureHead(protocol, *picture, false, now);
      const std::array<std::span<const uint8_t>, 3> parts = {message.head.bytes(), picture->bytes,
                                                             PictureTrailer(protocol)};
      message.bytes.reserve(parts[0].size() + parts[1].size() + parts[2].size());
      for (const auto part : parts) {
        message.bytes.insert(message.bytes.end(), part.begin(), part.end());
      }
    }
    return message;
  }

  const PicturePtr& picture;
  const SteadyTime now;
  Messages& messages;
};

TrackViewers::TrackViewers(std::shared_ptr<Stream> stream, VideoScale scale,
                           TrackSubscriber& subscriber, ViewerEnvironment& environment)
    : stream_(std::move(stream)),
      scale_(scale),
      track_(stream_->video(scale)),
      subscriber_(subscriber),
      environment_(environment),
      metrics_(environment.metrics, stream_->name()),
      size_(stream_->format().size) {
  batch_.pictures.reserve(Track::kInboxPictures);
}

void TrackViewers::Add(ViewerSlot slot) {
  thread_.Check();
  has_limits_ |= slot.limit_bps.has_value();
  table_.Add(std::move(slot));
  UpdateWants();
}

void TrackViewers::Remove(size_t index) {
  thread_.Check();
  table_.Remove(index);
  UpdateWants();
}

void TrackViewers::SetLimit(size_t index, std::optional<int64_t> limit_bps) {
  thread_.Check();
  const auto before = std::exchange(table_[index].limit_bps, limit_bps);
  has_limits_ |= limit_bps.has_value();
  const auto& most = wants_.max_bitrate_bps;
  const bool had_most = !before || (most && *before >= *most);
  const bool has_most = !limit_bps || (most && *limit_bps > *most);
  if (before != limit_bps && (had_most || has_most)) {
    UpdateWants();
  }
}

// Costs nothing while nobody has a limit.
void TrackViewers::UpdateWants() {
  if (has_limits_ && subscription_) {
    subscription_->SetWants(CombinedWants());
  }
}

const Wants& TrackViewers::CombinedWants() {
  Wants wants;
  has_limits_ = false;
  bool has_unlimited = table_.size() == 0;
  for (size_t i = 0; i < table_.size(); ++i) {
    const auto& limit_bps = table_[i].limit_bps;
    (limit_bps ? has_limits_ : has_unlimited) = true;
    wants.max_bitrate_bps = std::max(wants.max_bitrate_bps, limit_bps);
  }
  if (has_unlimited) {
    wants.max_bitrate_bps.reset();
  }
  return wants_ = wants;
}

int64_t TrackViewers::OthersWant(int64_t own_bps) const {
  const TrackDemand demand = track_->demand();
  const int64_t most_bps =
      demand.is_watched ? demand.max_bitrate_bps.value_or(std::numeric_limits<int64_t>::max()) : 0;
  return most_bps > own_bps ? most_bps : 0;
}

void TrackViewers::TakePictures() {
  thread_.Check();
  if (subscription_) {
    subscription_->Take(batch_);
    SendBatch();
  }
}

void TrackViewers::SendBatch() {
  // What is sent here may make a viewer leave, and the last one takes the subscription with it, but
  // not the batch.
  if (batch_.lost > 0) {
    OnLost(batch_.lost);
  }
  for (const PicturePtr& picture : batch_.pictures) {
    Send(picture);
  }
  batch_.pictures.clear();  // pictures go back to their pool
  if (batch_.is_closed) {
    EndAll();
  }
}

void TrackViewers::EndAll() {
  table_.ForEach([](ViewerSession& viewer) { viewer.End(ViewerEnd::kStreamRemoved); });
}

void TrackViewers::Sweep(SteadyTime now) {
  thread_.Check();
  table_.ForEach([&](ViewerSession& viewer) { viewer.Sweep(now); });
  LookAtLines(now);
  if (!subscription_ && track_->is_closed()) {
    EndAll();
  }
}

void TrackViewers::LookAtLines(SteadyTime now) {
  for (size_t looks = std::min(kLooks, table_.size()); looks > 0; --looks) {
    next_look_ = next_look_ + 1 < table_.size() ? next_look_ + 1 : 0;
    table_[next_look_].session->LookAtLine(now);
  }
}

bool TrackViewers::IsTooLong(const std::vector<PicturePtr>& group) const {
  size_t bytes = 0;
  for (const PicturePtr& picture : group) {
    bytes += picture->bytes.size();
  }
  const int usual = OneSecondOfPictures(stream_->format().framerate);
  const int64_t most_bytes = kLargestGroup * stream_->bitrate_bps() / 8;
  return group.size() > kLongestGroup ||
         (std::cmp_greater(group.size(), usual) && std::cmp_greater(bytes, most_bytes));
}

std::vector<PicturePtr> TrackViewers::StartWatching() {
  thread_.Check();
  ++watching_;
  if (!subscription_) {
    subscription_.emplace(track_->Subscribe(subscriber_, CombinedWants()));
    size_ = stream_->format().size;  // another one than before, if the stream was reconfigured
  }
  // Those who watch already get what is in the group and not yet sent before the new one gets the
  // group, so that it is sent nothing twice.
  std::vector<PicturePtr> group;
  subscription_->TakeWithGroup(batch_, group);
  SendBatch();
  if (!group.empty()) {
    size_ = group.back()->size;
    // As a track's whose viewers all have limits.
    if (IsTooLong(group)) {
      group.clear();
    }
  }
  return group;
}

void TrackViewers::StopWatching() {
  thread_.Check();
  if (--watching_ == 0) {
    subscription_.reset();
  }
}

void TrackViewers::RequestKeyframe() {
  metrics_.keyframe_requests.Increment();
  track_->RequestKeyframe();
}

void TrackViewers::OnLost(uint64_t pictures) {
  metrics_.pictures_lost_by_thread.Increment(static_cast<double>(pictures) *
                                             static_cast<double>(watching_));
  table_.ForEach([this](ViewerSession& viewer) { viewer.OnPicturesLost(*this); });
  RequestKeyframe();
}

void TrackViewers::TellMetrics() {
  thread_.Check();
  const SendCounts counts = std::exchange(counts_, {});
  const auto tell = [](uint64_t count, prometheus::Counter& counter) {
    if (count > 0) {
      counter.Increment(static_cast<double>(count));
    }
  };
  tell(counts.pictures, metrics_.pictures_sent);
  tell(counts.bytes, metrics_.sent_bytes);
  tell(counts.dropped, metrics_.pictures_dropped_behind);
}

// The hot path: nothing here or in SendTo locks or waits, or allocates but for the first pictures
// and for one that is larger than all before it.
void TrackViewers::Send(const PicturePtr& picture) {
  const bool is_same_size = std::exchange(size_, picture->size) == picture->size;
  Broadcast broadcast(picture, environment_.clock.Now(), messages_);
  last_sent_ = broadcast.now;
  sent_log_.Add(*picture, picture->bytes.size() + kLargestHead, broadcast.now);
  if (is_same_size) {
    for (size_t i = 0; i < table_.size();) {
      const ViewerSession* const session = table_[i].session.get();
      SendTo(table_[i], broadcast);
      if (i < table_.size() && table_[i].session.get() == session) {
        ++i;
      }
    }
  } else {
    table_.ForEach([&](ViewerSession& viewer) { viewer.OnPicture(*this, picture, broadcast.now); });
  }
  TellMetrics();
}

void TrackViewers::SendTo(ViewerSlot& slot, Broadcast& broadcast) {
  if (!slot.can_send_directly) {
    const std::shared_ptr<ViewerSession> session = slot.session;  // it may leave the table
    return session->OnPicture(*this, broadcast.picture, broadcast.now);
  }
  const Message& message = broadcast.MessageOf(slot.protocol);
  const ssize_t taken = slot.transport->Send(message.bytes);
  const int error = errno;
  if (!ViewerSender::Count(counts_, taken, message.bytes.size(), true)) {
    const std::shared_ptr<ViewerSession> session = slot.session;
    session->OnPartialSend(message.head, broadcast.picture, taken, error);
  }
}

}  // namespace pistream
