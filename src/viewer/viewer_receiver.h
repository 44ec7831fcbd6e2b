// What one viewer sends: its bytes become events.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "src/base/clock.h"
#include "src/http/stream_protocol.h"
#include "src/viewer/control_message.h"
#include "src/wire/websocket_frame.h"

namespace pistream {

// WebSocket's own ping, to be answered with a pong of the same payload.
struct WebSocketPing {
  std::span<const uint8_t> payload;
};
// The viewer closes. `code` is as it was sent: two bytes, or none.
struct ViewerClose {
  std::span<const uint8_t> code;
};
// The viewer broke the protocol or a limit; the connection is to be closed with `code`.
struct ViewerViolation {
  wire::CloseCode code = wire::CloseCode::kProtocolError;
  std::string_view what;  // of static storage
};
struct NoViewerEvent {};
using ViewerEvent =
    std::variant<NoViewerEvent, WebSocketPing, ViewerClose, ViewerViolation, ControlMessage>;

// Belongs to one network thread. Knows no connection: it is given the bytes.
class ViewerReceiver {
 public:
  // A player sends a ping each 2 s, or four a second while pictures are late, and a report each 5
  // s. Pings and pongs count.
  static constexpr int kMaximumMessagesPerSecond = 100;

  // `clock` outlives the receiver.
  ViewerReceiver(StreamProtocol protocol, Clock& clock)
      : protocol_(protocol), clock_(clock), messages_since_(clock.Now()) {}

  // The next event in `bytes`, which are taken from the front up to its end. NoViewerEvent: all are
  // taken. The event is valid until the next call. After ViewerClose and ViewerViolation nothing
  // that follows means anything.
  ViewerEvent Next(std::span<const uint8_t>& bytes);

  // What a text message means that came by another way.
  ViewerEvent TakeText(std::string_view text);

 private:
  ViewerEvent Interpret(wire::Opcode opcode, std::span<const uint8_t> payload);
  bool IsFlood();

  const StreamProtocol protocol_;
  Clock& clock_;
  wire::ClientFrameParser parser_;
  SteadyTime messages_since_;
  int messages_ = 0;
};

}  // namespace pistream
