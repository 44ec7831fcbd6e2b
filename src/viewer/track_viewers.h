// The viewers of one track on one network thread, and what they are sent.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "src/http/stream_protocol.h"
#include "src/stream/stream.h"
#include "src/stream/track.h"
#include "src/viewer/outgoing_message.h"
#include "src/viewer/viewer_environment.h"
#include "src/viewer/viewer_metrics.h"
#include "src/viewer/viewer_table.h"

namespace pistream {

// Belongs to one network thread. Subscribes to the track while somebody watches.
class TrackViewers {
 public:
  // `subscriber` is woken when there is something to take; it and `environment` outlive this.
  TrackViewers(std::shared_ptr<Stream> stream, TrackSubscriber& subscriber,
               ViewerEnvironment& environment);
  TrackViewers(const TrackViewers&) = delete;
  TrackViewers& operator=(const TrackViewers&) = delete;
  ~TrackViewers() = default;  // no viewer is left

  const Stream& stream() const { return *stream_; }
  ViewerEnvironment& environment() { return environment_; }
  ViewerTable& table() { return table_; }
  ViewerMetrics& metrics() { return metrics_; }
  // Of the newest picture, or of those to come.
  Size picture_size() const { return size_; }

  // Sends what has been published to all viewers. Harmless while nobody watches. Whatever leaves
  // the table meanwhile is closed.
  void TakePictures();

  // A viewer starts to watch; it is not in the table yet, or paused. Returns what it needs to show
  // the present picture: an I picture and what followed it; nothing where there is no such group.
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

  void SendBatch();
  void OnLost(uint64_t pictures);
  void Send(const PicturePtr& picture);
  void SendTo(ViewerSlot& slot, Broadcast& broadcast);

  const std::shared_ptr<Stream> stream_;
  TrackSubscriber& subscriber_;
  ViewerEnvironment& environment_;
  ViewerMetrics metrics_;
  ViewerTable table_;
  int watching_ = 0;
  std::optional<Subscription> subscription_;  // while somebody watches
  Track::Batch batch_;                        // what was taken last
  Messages messages_;                         // of the last picture; the next one uses their memory
  Size size_;
};

}  // namespace pistream
