#include "tests/bench/stream_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace pistream::bench {

StreamReader::Status StreamReader::Feed(
    std::span<const uint8_t> bytes, const std::function<void(const ServerMessage&)>& on_message) {
  if (!upgraded_) {
    bytes = TakeResponse(bytes);
  }
  while (upgraded_ && status_ == Status::kGood && (!bytes.empty() || in_payload_)) {
    bytes = in_payload_ ? TakePayload(bytes) : TakeHeader(bytes);
    if (in_payload_ && payload_taken_ == payload_size_) {
      on_message(Message());
      in_payload_ = false;
    } else if (bytes.empty()) {
      break;
    }
  }
  return status_;
}

std::span<const uint8_t> StreamReader::TakeResponse(std::span<const uint8_t> bytes) {
  const size_t before = response_.size();
  response_.append(bytes.begin(), bytes.end());
  const size_t end = response_.find("\r\n\r\n");
  if (end == std::string::npos) {
    return {};
  }
  if (!response_.starts_with("HTTP/1.1 101 ")) {
    status_ = Status::kRefused;
    return {};
  }
  upgraded_ = true;
  response_.clear();
  return bytes.subspan(end + 4 - before);
}

// RFC 6455, 5.2: a server's frames are not masked.
size_t StreamReader::HeaderSize() const {
  if (header_bytes_ < 2) {
    return 2;
  }
  const int length = header_[1] & 0x7F;
  return length < 126 ? 2 : length == 126 ? 4 : 10;
}

std::span<const uint8_t> StreamReader::TakeHeader(std::span<const uint8_t> bytes) {
  while (!bytes.empty() && header_bytes_ < HeaderSize()) {
    header_[header_bytes_++] = bytes.front();
    bytes = bytes.subspan(1);
  }
  if (header_bytes_ >= 2 && header_bytes_ == HeaderSize()) {
    BeginPayload();
  }
  return bytes;
}

void StreamReader::BeginPayload() {
  const bool whole = (header_[0] & 0x80) != 0;
  const bool masked = (header_[1] & 0x80) != 0;
  if (!whole || masked) {
    status_ = Status::kBroken;
    return;
  }
  payload_size_ = header_[1] & 0x7F;
  if (payload_size_ >= 126) {
    payload_size_ = 0;
    for (size_t i = 2; i < header_bytes_; ++i) {
      payload_size_ = payload_size_ << 8 | header_[i];
    }
  }
  payload_taken_ = 0;
  header_bytes_ = 0;
  in_payload_ = true;
}

std::span<const uint8_t> StreamReader::TakePayload(std::span<const uint8_t> bytes) {
  const auto taken =
      static_cast<size_t>(std::min<uint64_t>(bytes.size(), payload_size_ - payload_taken_));
  if (payload_taken_ < kStartBytes) {
    const size_t kept = std::min<size_t>(taken, kStartBytes - payload_taken_);
    std::memcpy(start_.data() + payload_taken_, bytes.data(), kept);
  }
  payload_taken_ += taken;
  return bytes.subspan(taken);
}

ServerMessage StreamReader::Message() {
  ServerMessage message;
  message.opcode = header_[0] & 0x0F;
  message.bytes = payload_size_;
  message.start = std::span(start_).first(std::min<uint64_t>(payload_size_, kStartBytes));
  uint64_t hash = 0xCBF29CE484222325 ^ payload_size_;  // FNV-1a
  for (const uint8_t byte : message.start) {
    hash = (hash ^ byte) * 0x100000001B3;
  }
  // ISO 11172-2, 2.4.2.3 and 2.4.3.4: a sequence header is in front of each I picture that one can
  // join with, and temporal_reference tells those from there on apart.
  constexpr std::array<uint8_t, 4> kSequenceHeader{0, 0, 1, 0xB3};
  const auto code = message.start.first(std::min(message.start.size(), kSequenceHeader.size()));
  if (std::ranges::equal(code, kSequenceHeader)) {
    group_ = hash;
  }
  message.fingerprint = hash ^ std::rotl(group_, 1);
  return message;
}

}  // namespace pistream::bench
