// The viewers of one track on one network thread, and what they are sent.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "src/base/clock.h"
#include "src/base/sequence_checker.h"
#include "src/http/stream_protocol.h"
#include "src/stream/stream.h"
#include "src/stream/track.h"
#include "src/viewer/outgoing_message.h"
#include "src/viewer/sent_log.h"
#include "src/viewer/viewer_environment.h"
#include "src/viewer/viewer_metrics.h"
#include "src/viewer/viewer_sender.h"
#include "src/viewer/viewer_table.h"

namespace pistream {

// Belongs to one network thread. Subscribes to the track while somebody watches.
class TrackViewers {
 public:
  // `subscriber` is woken when there is something to take; it and `environment` outlive this.
  TrackViewers(std::shared_ptr<Stream> stream, VideoScale scale, TrackSubscriber& subscriber,
               ViewerEnvironment& environment);
  TrackViewers(const TrackViewers&) = delete;
  TrackViewers& operator=(const TrackViewers&) = delete;
  ~TrackViewers() = default;  // no viewer is left

  const std::shared_ptr<Stream>& stream() const { return stream_; }
  VideoScale scale() const { return scale_; }
  ViewerEnvironment& environment() { return environment_; }
  ViewerMetrics& metrics() { return metrics_; }
  // Not analysed, as counts(): the analysis cannot follow the returned reference, which is used on
  // the same thread.
  // Add and Remove change it.
  ViewerTable& table() PISTREAM_NO_THREAD_SAFETY_ANALYSIS {
    thread_.Check();
    return table_;
  }
  // A viewer comes, or goes.
  void Add(ViewerSlot slot);
  void Remove(size_t index);
  // What the viewer wants of the track from now on.
  void SetLimit(size_t index, std::optional<int64_t> limit_bps);
  // The most that viewers other than one that wants `own_bps` want of the track, on any thread:
  // INT64_MAX if one has no limit, 0 if none wants more than that.
  int64_t OthersWant(int64_t own_bps) const;

  // What all who can be sent to directly were sent.
  const SentLog& sent_log() const PISTREAM_NO_THREAD_SAFETY_ANALYSIS {
    thread_.Check();
    return sent_log_;
  }

  // Of the newest picture, or of those to come.
  Size picture_size() const {
    thread_.Check();
    return size_;
  }
  // When the newest picture was sent. A viewer that can be sent to directly (ViewerSlot) received
  // it then, or something later.
  SteadyTime last_sent() const {
    thread_.Check();
    return last_sent_;
  }

  // What the viewers' senders count, until TellMetrics.
  SendCounts& counts() PISTREAM_NO_THREAD_SAFETY_ANALYSIS {
    thread_.Check();
    return counts_;
  }
  void TellMetrics();

  // To be called four times a second: sweeps all sessions, looks at some hundred lines in turn, and
  // ends the sessions of a removed stream that nobody watches. Its track has no subscription, so
  // nothing else reports the removal.
  void Sweep(SteadyTime now);

  // Sends what has been published to all viewers. Harmless while nobody watches. Whatever leaves
  // the table meanwhile is closed.
  void TakePictures();

  // A viewer starts to watch; it is not in the table yet, or paused. Returns what it needs to show
  // the present picture: an I picture and what followed it; nothing where there is no such group,
  // or a new I picture is quicker.
  std::vector<PicturePtr> StartWatching();
  void StopWatching();

  // A viewer cannot continue without an I picture.
  void RequestKeyframe();

 private:
  // The next picture, on its way to all viewers.
  struct Broadcast;
  // How it is sent by one protocol.
  struct Message {
    MessageHead head;
    std::vector<uint8_t> bytes;  // all of it, `head` in front
  };
  using Messages = std::array<Message, kStreamProtocols>;

  const Wants& CombinedWants() PISTREAM_REQUIRES(thread_);
  bool IsTooLong(const std::vector<PicturePtr>& group) const PISTREAM_REQUIRES(thread_);
  void LookAtLines(SteadyTime now) PISTREAM_REQUIRES(thread_);
  void UpdateWants() PISTREAM_REQUIRES(thread_);
  void SendBatch() PISTREAM_REQUIRES(thread_);
  void EndAll() PISTREAM_REQUIRES(thread_);
  void OnLost(uint64_t pictures) PISTREAM_REQUIRES(thread_);
  void Send(const PicturePtr& picture) PISTREAM_REQUIRES(thread_);
  void SendTo(ViewerSlot& slot, Broadcast& broadcast) PISTREAM_REQUIRES(thread_);

  SequenceChecker thread_;
  const std::shared_ptr<Stream> stream_;
  const VideoScale scale_;
  const std::shared_ptr<Track> track_;
  TrackSubscriber& subscriber_;
  ViewerEnvironment& environment_;
  ViewerMetrics metrics_;
  ViewerTable table_ PISTREAM_GUARDED_BY(thread_);
  SendCounts counts_ PISTREAM_GUARDED_BY(thread_);
  int watching_ PISTREAM_GUARDED_BY(thread_) = 0;
  // While somebody watches.
  std::optional<Subscription> subscription_ PISTREAM_GUARDED_BY(thread_);
  bool has_limits_ PISTREAM_GUARDED_BY(thread_) = false;  // a viewer, or the subscription
  Wants wants_ PISTREAM_GUARDED_BY(thread_);              // the subscription's
  size_t next_look_ PISTREAM_GUARDED_BY(thread_) = 0;     // at the line of the viewer in this slot
  SentLog sent_log_ PISTREAM_GUARDED_BY(thread_);
  Track::Batch batch_ PISTREAM_GUARDED_BY(thread_);  // what was taken last
  // Of the last picture; the next one uses their memory.
  Messages messages_ PISTREAM_GUARDED_BY(thread_);
  Size size_ PISTREAM_GUARDED_BY(thread_);
  SteadyTime last_sent_ PISTREAM_GUARDED_BY(thread_);
};

}  // namespace pistream
