#include "src/wire/websocket_frame.h"

#include <algorithm>

#include "src/base/bytes.h"

namespace pistream::wire {
namespace {

// RFC 6455, 5.2.
constexpr uint8_t kFinalBit = 0x80;
constexpr uint8_t kReservedBits = 0x70;
constexpr uint8_t kOpcodeBits = 0x0F;
constexpr uint8_t kMaskBit = 0x80;
constexpr uint8_t kLengthBits = 0x7F;
constexpr uint8_t kLength16 = 126;
constexpr uint8_t kLength64 = 127;
constexpr size_t kFixedHeader = 2;
constexpr uint64_t kMaximumLength = INT64_MAX;  // the most significant bit must be 0

bool IsKnown(uint8_t opcode) {
  return opcode <= static_cast<uint8_t>(Opcode::kBinary) ||
         (opcode >= static_cast<uint8_t>(Opcode::kClose) &&
          opcode <= static_cast<uint8_t>(Opcode::kPong));
}

// RFC 6455, 7.4.1 and 7.4.2, and IANA's registry: 1004 to 1006 and 1015 never go over the wire.
bool MayBeSent(uint64_t close_code) {
  return (close_code >= 1000 && close_code <= 1003) || (close_code >= 1007 && close_code <= 1014) ||
         (close_code >= 3000 && close_code <= 4999);
}

bool IsUtf8(std::span<const uint8_t> bytes) {
  Utf8Checker checker;
  return std::all_of(bytes.begin(), bytes.end(), [&](uint8_t byte) { return checker.Add(byte); }) &&
         checker.IsComplete();
}

}  // namespace

FrameHeader MakeFrameHeader(Opcode opcode, uint64_t payload_bytes) {
  FrameHeader header;
  header.bytes[0] = kFinalBit | static_cast<uint8_t>(opcode);
  size_t length_bytes = 0;
  if (payload_bytes < kLength16) {
    header.bytes[1] = static_cast<uint8_t>(payload_bytes);
  } else if (payload_bytes <= UINT16_MAX) {
    header.bytes[1] = kLength16;
    length_bytes = 2;
  } else {
    header.bytes[1] = kLength64;
    length_bytes = 8;
  }
  WriteBigEndian(std::span(header.bytes).subspan(kFixedHeader, length_bytes), payload_bytes);
  header.size = kFixedHeader + length_bytes;
  return header;
}

CloseFrame MakeCloseFrame(CloseCode code, std::string_view reason) {
  constexpr size_t kCodeBytes = 2;
  const std::string_view cut = CutUtf8(reason, kMaximumControlPayload - kCodeBytes);
  CloseFrame frame;
  frame.bytes[0] = kFinalBit | static_cast<uint8_t>(Opcode::kClose);
  frame.bytes[1] = static_cast<uint8_t>(kCodeBytes + cut.size());
  WriteBigEndian(std::span(frame.bytes).subspan(kFixedHeader, kCodeBytes),
                 static_cast<uint16_t>(code));
  std::copy(cut.begin(), cut.end(), frame.bytes.begin() + kFixedHeader + kCodeBytes);
  frame.size = kFixedHeader + kCodeBytes + cut.size();
  return frame;
}

ClientFrameParser::Event ClientFrameParser::Feed(std::span<const uint8_t> bytes) {
  Event event;
  while (event.consumed < bytes.size() && stage_ != Stage::kFailed) {
    if (stage_ == Stage::kClosed) {
      event.consumed = bytes.size();
      return event;
    }
    const uint8_t byte = bytes[event.consumed++];
    if (stage_ == Stage::kHeader) {
      TakeHeaderByte(byte);
    } else {
      TakePayloadByte(byte);
    }
    if (stage_ == Stage::kFrameComplete && CompleteFrame(event)) {
      return event;
    }
  }
  if (stage_ == Stage::kFailed) {
    event.status = Status::kError;
    event.close_code = close_code_;
    event.error = error_;
  }
  return event;
}

void ClientFrameParser::TakeHeaderByte(uint8_t byte) {
  header_[header_size_++] = byte;
  if (header_size_ == 1) {
    CheckFirstByte(byte);
  } else if (header_size_ == kFixedHeader) {
    CheckSecondByte(byte);
  } else if (header_size_ == kFixedHeader + length_bytes_) {
    CheckLength(ReadBigEndian(std::span(header_).subspan(kFixedHeader, length_bytes_)));
  } else if (header_size_ == kFixedHeader + length_bytes_ + kMaskBytes) {
    BeginPayload();
  }
}

void ClientFrameParser::CheckFirstByte(uint8_t byte) {
  if ((byte & kReservedBits) != 0) {
    return Fail(CloseCode::kProtocolError, "reserved bits set without a negotiated extension");
  }
  if (!IsKnown(byte & kOpcodeBits)) {
    return Fail(CloseCode::kProtocolError, "unknown opcode");
  }
  final_ = (byte & kFinalBit) != 0;
  frame_opcode_ = static_cast<Opcode>(byte & kOpcodeBits);
  if (IsControl()) {
    if (!final_) {
      Fail(CloseCode::kProtocolError, "fragmented control frame");
    }
  } else if (frame_opcode_ == Opcode::kContinuation) {
    if (!in_message_) {
      Fail(CloseCode::kProtocolError, "continuation frame without a message");
    }
  } else if (in_message_) {
    Fail(CloseCode::kProtocolError, "new message inside a fragmented one");
  } else {
    in_message_ = true;
    message_opcode_ = frame_opcode_;
    message_size_ = 0;
    message_utf8_.Reset();
  }
}

void ClientFrameParser::CheckSecondByte(uint8_t byte) {
  const uint8_t length = byte & kLengthBits;
  if ((byte & kMaskBit) == 0) {
    return Fail(CloseCode::kProtocolError, "unmasked frame");
  }
  if (IsControl() && length > kMaximumControlPayload) {
    return Fail(CloseCode::kProtocolError, "control frame over 125 bytes");
  }
  length_bytes_ = length == kLength64 ? 8 : length == kLength16 ? 2 : 0;
  if (length_bytes_ == 0) {
    CheckLength(length);
  }
}

void ClientFrameParser::CheckLength(uint64_t length) {
  if (length > kMaximumLength) {
    return Fail(CloseCode::kProtocolError, "length with its most significant bit set");
  }
  if ((length_bytes_ == 2 && length < kLength16) || (length_bytes_ == 8 && length <= UINT16_MAX)) {
    return Fail(CloseCode::kProtocolError, "length not in its shortest form");
  }
  if (!IsControl() && length > kMaximumMessage - message_size_) {
    return Fail(CloseCode::kMessageTooBig, "message over 4096 bytes");
  }
  payload_size_ = length;
  payload_taken_ = 0;
}

void ClientFrameParser::BeginPayload() {
  stage_ = Stage::kPayload;
  if (payload_size_ == 0) {
    EndPayload();
  }
}

void ClientFrameParser::TakePayloadByte(uint8_t masked) {
  const uint8_t mask = header_[kFixedHeader + length_bytes_ + payload_taken_ % kMaskBytes];
  const uint8_t byte = masked ^ mask;
  if (IsControl()) {
    control_[payload_taken_] = byte;
  } else {
    if (message_opcode_ == Opcode::kText && !message_utf8_.Add(byte)) {
      return Fail(CloseCode::kInvalidPayload, "text that is not UTF-8");
    }
    message_[message_size_++] = byte;
  }
  if (++payload_taken_ == payload_size_) {
    EndPayload();
  }
}

void ClientFrameParser::EndPayload() {
  stage_ = Stage::kFrameComplete;
  header_size_ = 0;
  if (frame_opcode_ == Opcode::kClose) {
    EndClosePayload();
  } else if (!IsControl() && ++fragments_ > kMaximumFragments) {
    Fail(CloseCode::kPolicyViolation, "message of over 64 frames");
  } else if (!IsControl() && final_ && !message_utf8_.IsComplete()) {
    Fail(CloseCode::kInvalidPayload, "text that ends inside a character");
  }
}

// RFC 6455, 5.5.1: nothing, or a code and a reason.
void ClientFrameParser::EndClosePayload() {
  const auto payload = std::span(control_).first(payload_size_);
  if (payload.empty()) {
    return;
  }
  if (payload.size() == 1) {
    Fail(CloseCode::kProtocolError, "close frame with an incomplete code");
  } else if (!MayBeSent(ReadBigEndian(payload.first(2)))) {
    Fail(CloseCode::kProtocolError, "close frame with a code that must not be sent");
  } else if (!IsUtf8(payload.subspan(2))) {
    Fail(CloseCode::kInvalidPayload, "close frame whose reason is not UTF-8");
  }
}

// Whether there is a message to report; a fragment is not reported by itself.
bool ClientFrameParser::CompleteFrame(Event& event) {
  stage_ = frame_opcode_ == Opcode::kClose ? Stage::kClosed : Stage::kHeader;
  if (!IsControl() && !final_) {
    return false;
  }
  event.status = Status::kMessage;
  if (IsControl()) {
    event.opcode = frame_opcode_;
    event.payload = std::span(control_).first(payload_size_);
  } else {
    in_message_ = false;
    fragments_ = 0;
    event.opcode = message_opcode_;
    event.payload = std::span(message_).first(message_size_);
  }
  return true;
}

void ClientFrameParser::Fail(CloseCode code, std::string_view error) {
  stage_ = Stage::kFailed;
  close_code_ = code;
  error_ = error;
}

}  // namespace pistream::wire
