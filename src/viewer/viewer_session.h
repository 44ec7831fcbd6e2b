// One WebSocket viewer, from the 101 to the end of its connection.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/base/clock.h"
#include "src/base/rate_limit.h"
#include "src/http/stream_protocol.h"
#include "src/media/picture.h"
#include "src/metrics/metrics.h"
#include "src/net/transport.h"
#include "src/stream/demand.h"
#include "src/stream/viewer_queue.h"
#include "src/viewer/control_message.h"
#include "src/viewer/outgoing_message.h"
#include "src/viewer/viewer_table.h"
#include "src/wire/websocket_frame.h"

namespace pistream {

// What the viewers of one network thread share; outlives them.
struct ViewerEnvironment {
  Demand& demand;
  Metrics& metrics;
  Clock& clock;
  Duration stall_limit;
  std::atomic<int> viewers;  // joined, or about to join: whoever makes a session counts it
  ViewerTable table;
  RateLimit stall_lines;
  RateLimit protocol_lines;
  std::array<uint8_t, 16 << 10> read_buffer{};
};

// Belongs to one network thread, which makes all calls. Owns the socket; the table owns it, for as
// long as the socket is open. No call fails: trouble with the peer ends the session.
//
// Pictures go out by two ways. While the viewer flows (ViewerSlot), its thread writes each one to
// the socket itself. Whatever the socket does not take comes to the session, which keeps the rest
// of that message and queues later ones until the socket is writable again.
class ViewerSession final : public TransportHandler,
                            public std::enable_shared_from_this<ViewerSession> {
 public:
  ViewerSession(std::unique_ptr<Transport> transport, StreamProtocol protocol,
                ViewerEnvironment& environment);

  // Enters the table, joins, and sends the jsmp header and, unless classic, the group `pictures`
  // (an I picture and what followed it, or nothing). `early` is what the client sent behind its
  // request.
  void Start(Size size, std::span<const PicturePtr> pictures, std::string_view early);

  // The next picture, for a viewer that is not flowing, or of another size than the one before.
  void OnPicture(const PicturePtr& picture, SteadyTime now);

  // The thread's own write of `head`, `picture` and what its form has behind it ended after `sent`
  // bytes (-1: with `error`).
  void OnCutShort(const MessageHead& head, const PicturePtr& picture, ssize_t sent, int error);

  // Pictures were lost on the way here: nothing can be sent before the next I picture.
  void OnPicturesLost();

  // Now and then: ends the session if the viewer stalls, or does not finish closing.
  void Sweep(SteadyTime now);

  // The server stops: begins to close, as far as the socket takes it at once.
  void SayGoodBye();

  // Closes, whatever is under way.
  void Shutdown();

  void OnReadable() override;
  void OnWritable() override;

 private:
  enum class State {
    kStreaming,
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
  void RequestKeyframe();
  void Flush();
  bool ComposeNext();
  bool ComposePicture();
  void SendInFlight();
  std::span<const uint8_t> PictureTrailer() const;
  void FinishInFlight();
  void UpdateFlow();

  void AwaitWritable();
  void AskToResume();
  void AwaitReadable();
  void Consume(std::span<const uint8_t> bytes);
  void OnMessage(wire::Opcode opcode, std::span<const uint8_t> payload);
  void OnControl(const ControlMessage& message);
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
