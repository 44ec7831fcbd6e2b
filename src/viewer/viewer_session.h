// One WebSocket viewer, from the 101 to the end of its connection.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/base/clock.h"
#include "src/http/stream_protocol.h"
#include "src/media/picture.h"
#include "src/net/transport.h"
#include "src/stream/viewer_queue.h"
#include "src/viewer/control_message.h"
#include "src/viewer/outgoing_message.h"
#include "src/viewer/track_viewers.h"
#include "src/viewer/viewer_table.h"
#include "src/wire/websocket_frame.h"

namespace pistream {

// Belongs to one network thread, which makes all calls. Owns the socket; the table of its track's
// viewers owns the session, for as long as the socket is open. No call fails: a fault of the peer
// ends the session.
//
// Pictures go out in two ways. While the viewer can be sent to directly (ViewerSlot), its thread
// writes each one to the socket itself. The session gets what the socket does not take: it keeps
// the rest of that message and queues later ones until the socket is writable again.
class ViewerSession final : public TransportHandler,
                            public std::enable_shared_from_this<ViewerSession> {
 public:
  // `home` outlives the session.
  ViewerSession(std::unique_ptr<Transport> transport, StreamProtocol protocol, TrackViewers& home);

  // Enters the table, starts to watch, and sends the jsmp header and, unless classic, the pictures
  // since the last I picture. `early` is what the client sent after its request.
  void Start(std::string_view early);

  // The next picture, for a viewer that cannot be sent to directly, or of another size than the one
  // before.
  void OnPicture(const PicturePtr& picture, SteadyTime now);

  // A direct send of `head`, `picture` and the trailer of its form wrote only `sent` bytes (-1:
  // none, with `error`).
  void OnPartialSend(const MessageHead& head, const PicturePtr& picture, ssize_t sent, int error);

  // Pictures were lost on the way here: nothing can be sent before the next I picture.
  void OnPicturesLost();

  // Now and then: ends the session if the viewer stalls, or does not finish closing.
  void Sweep(SteadyTime now);

  // Begins to close with 1001 (going away), for `reason`.
  void BeginGoingAway(std::string_view reason);

  // Closes, whatever is under way.
  void Shutdown();

  void OnReadable() override;
  void OnWritable() override;

 private:
  enum class State {
    kStreaming,
    kPaused,    // by the viewer: it does not watch
    kClosing,   // no viewer any more: finishes the message under way, then sends the close frame
    kDraining,  // has sent all: waits for the peer to hang up
    kGone,
  };

  // What belongs together of which the socket has not yet taken everything.
  struct InFlight {
    MessageHead head;
    PicturePtr picture = nullptr;           // null: `head` is all
    std::span<const uint8_t> trailer = {};  // behind a picture; of static storage
    size_t sent = 0;
    bool is_close = false;

    size_t size() const {
      return head.size() + (picture ? picture->bytes.size() : 0) + trailer.size();
    }
  };

  void Enqueue(const PicturePtr& picture, SteadyTime now);
  void CountLost(uint64_t pictures);
  void Flush();
  bool ComposeNext();
  bool ComposePicture();
  void SendInFlight();
  std::span<const uint8_t> PictureTrailer() const;
  void FinishInFlight();
  void UpdateSlot();

  void AwaitWritable();
  void AskToResume();
  void AwaitReadable();
  void Consume(std::span<const uint8_t> bytes);
  void OnMessage(wire::Opcode opcode, std::span<const uint8_t> payload);
  void OnControl(const ControlMessage& message);
  void Pause();
  void Resume();
  bool is_open() const { return state_ == State::kStreaming || state_ == State::kPaused; }
  void SendGroup(std::span<const PicturePtr> group);
  void OnCloseFrame(std::span<const uint8_t> payload);
  bool IsFlood();

  void FailProtocol(wire::CloseCode code, std::string_view reason);
  void BeginClose(wire::CloseCode code, std::string_view reason, prometheus::Counter& cause);
  void BeginCloseWith(const MessageHead& close, prometheus::Counter& cause);
  void Depart(prometheus::Counter& cause);
  void Abandon(prometheus::Counter& cause);
  void Close();

  const std::unique_ptr<Transport> transport_;
  const StreamProtocol protocol_;
  std::optional<SteadyTime> asked_;  // for an I picture, after a loss
  TrackViewers& home_;
  ViewerEnvironment& env_;
  size_t index_ = 0;  // in the table, until kGone
  State state_ = State::kStreaming;

  // Sending. At most one of each kind of small message waits.
  std::optional<InFlight> in_flight_;
  std::optional<MessageHead> size_message_;
  std::optional<MessageHead> pong_;   // the newest ping's
  std::optional<MessageHead> reply_;  // the newest pistream.v1 ping's
  std::optional<MessageHead> close_;
  ViewerQueue queue_{ViewerQueue::Limits{}};
  bool awaits_first_picture_ = true;
  bool is_discontinuity_ = true;  // the next picture does not follow the one sent before
  bool awaits_writable_ = false;
  SteadyTime last_progress_;  // of the message in flight, or when it began
  SteadyTime close_deadline_;
  Size told_size_;

  // Receiving.
  wire::ClientFrameParser parser_;
  SteadyTime messages_since_;
  int messages_ = 0;
};

}  // namespace pistream
