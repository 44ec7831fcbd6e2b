#include "src/viewer/viewer_receiver.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace pistream {

using wire::CloseCode;
using wire::Opcode;

namespace {

constexpr ViewerViolation kFlood{.code = CloseCode::kPolicyViolation, .what = "too many messages"};

}  // namespace

ViewerEvent ViewerReceiver::Next(std::span<const uint8_t>& bytes) {
  while (!bytes.empty()) {
    const auto event = parser_.Feed(bytes);
    bytes = bytes.subspan(event.consumed);
    if (event.status == wire::ClientFrameParser::Status::kError) {
      return ViewerViolation{.code = event.close_code, .what = event.error};
    }
    if (event.status == wire::ClientFrameParser::Status::kMessage) {
      const ViewerEvent meaning = Interpret(event.opcode, event.payload);
      if (!std::holds_alternative<NoViewerEvent>(meaning)) {
        return meaning;
      }
    }
  }
  return NoViewerEvent{};
}

ViewerEvent ViewerReceiver::Interpret(Opcode opcode, std::span<const uint8_t> payload) {
  if (opcode == Opcode::kClose) {
    return ViewerClose{payload.first(std::min<size_t>(payload.size(), 2))};
  }
  if (opcode == Opcode::kText) {
    return TakeText({reinterpret_cast<const char*>(payload.data()), payload.size()});
  }
  if (IsFlood()) {
    return kFlood;
  }
  if (opcode == Opcode::kPing) {
    return WebSocketPing{payload};
  }
  return NoViewerEvent{};  // anything else means nothing here, and is no fault
}

ViewerEvent ViewerReceiver::TakeText(std::string_view text) {
  if (IsFlood()) {
    return kFlood;
  }
  if (IsV1(protocol_)) {
    return ParseControlMessage(text);
  }
  return NoViewerEvent{};
}

bool ViewerReceiver::IsFlood() {
  const SteadyTime now = clock_.Now();
  if (now - messages_since_ >= std::chrono::seconds(1)) {
    messages_since_ = now;
    messages_ = 0;
  }
  return ++messages_ > kMaximumMessagesPerSecond;
}

}  // namespace pistream
