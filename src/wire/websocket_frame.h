// WebSocket frames (RFC 6455, section 5): how the server writes its own, and a strict parser for
// what clients send. Pure functions over bytes; no connection, no clock, no allocation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "src/wire/utf8.h"

namespace pistream::wire {

// RFC 6455, 5.2.
enum class Opcode : uint8_t {
  kContinuation = 0x0,
  kText = 0x1,
  kBinary = 0x2,
  kClose = 0x8,
  kPing = 0x9,
  kPong = 0xA,
};

// RFC 6455, 7.4.1.
enum class CloseCode : uint16_t {
  kNormal = 1000,
  kGoingAway = 1001,
  kProtocolError = 1002,
  kUnsupportedData = 1003,
  kInvalidPayload = 1007,
  kPolicyViolation = 1008,
  kMessageTooBig = 1009,
  kServiceRestart = 1012,
  kTryAgainLater = 1013,
  kSessionEnded = 4401,  // ours (RFC 6455, 7.4.2), named after HTTP's 401
};

// The header of a server's unfragmented, unmasked frame: 2, 4 or 10 bytes.
struct FrameHeader {
  std::array<uint8_t, 10> bytes{};
  size_t size = 0;

  std::span<const uint8_t> span() const { return {bytes.data(), size}; }
};
FrameHeader MakeFrameHeader(Opcode opcode, uint64_t payload_bytes);

inline constexpr size_t kMaximumControlPayload = 125;  // RFC 6455, 5.5

// A complete close frame: header, code, reason (truncated to 123 bytes at a UTF-8 character).
struct CloseFrame {
  std::array<uint8_t, 2 + kMaximumControlPayload> bytes{};
  size_t size = 0;

  std::span<const uint8_t> span() const { return {bytes.data(), size}; }
};
CloseFrame MakeCloseFrame(CloseCode code, std::string_view reason);

// Parses a client's bytes incrementally and reports complete messages. The events do not depend on
// how the bytes are split between calls.
//
// After a close frame everything is consumed and nothing reported (RFC 6455, 1.4: a peer discards
// any further data).
class ClientFrameParser {
 public:
  // The largest message that a viewer may send. Viewers send only control messages, no media.
  static constexpr size_t kMaximumMessage = 4096;
  // The most frames of a message. Without a limit, a client could send empty ones forever.
  static constexpr size_t kMaximumFragments = 64;

  enum class Status {
    kNeedMore,  // all bytes consumed, no message complete
    kMessage,   // `opcode` and `payload` hold a message or a control frame
    kError,     // the connection must be failed with `close_code`; later calls return the same
  };
  struct Event {
    Status status = Status::kNeedMore;
    size_t consumed = 0;            // of the bytes passed; call again with the rest
    Opcode opcode = Opcode::kText;  // of the message: never kContinuation
    // Unmasked; text and close reasons are checked to be UTF-8, close codes to be valid. Points
    // into the parser: valid until the next call.
    std::span<const uint8_t> payload;
    CloseCode close_code = CloseCode::kProtocolError;  // with kError
    std::string_view error;                            // with kError: the violation
  };

  Event Feed(std::span<const uint8_t> bytes);

 private:
  enum class Stage { kHeader, kPayload, kFrameComplete, kClosed, kFailed };
  static constexpr size_t kMaskBytes = 4;
  static constexpr size_t kMaximumHeader = 2 + 8 + kMaskBytes;

  void TakeHeaderByte(uint8_t byte);
  void CheckFirstByte(uint8_t byte);
  void CheckSecondByte(uint8_t byte);
  void CheckLength(uint64_t length);
  void BeginPayload();
  void TakePayloadByte(uint8_t masked);
  void EndPayload();
  void EndClosePayload();
  bool CompleteFrame(Event& event);
  void Fail(CloseCode code, std::string_view error);

  bool IsControl() const { return static_cast<uint8_t>(frame_opcode_) >= 0x8; }

  Stage stage_ = Stage::kHeader;
  CloseCode close_code_ = CloseCode::kProtocolError;
  std::string_view error_;

  // The current frame.
  std::array<uint8_t, kMaximumHeader> header_{};
  size_t header_size_ = 0;
  size_t length_bytes_ = 0;  // of the extended length: 0, 2 or 8
  bool final_ = false;
  Opcode frame_opcode_ = Opcode::kText;
  uint64_t payload_size_ = 0;
  uint64_t payload_taken_ = 0;

  // The current message, of one frame or more, and a control frame interleaved with it.
  bool in_message_ = false;
  Opcode message_opcode_ = Opcode::kText;
  size_t message_size_ = 0;
  size_t fragments_ = 0;
  Utf8Checker message_utf8_;
  std::array<uint8_t, kMaximumMessage> message_{};
  std::array<uint8_t, kMaximumControlPayload> control_{};
};

}  // namespace pistream::wire
