// A connection without a socket: a test says how much it takes, and sees what it took.
#pragma once

#include <sys/types.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "src/net/transport.h"
#include "src/wire/websocket_frame.h"

namespace pistream {

// The peer's end. Outlives the transport.
struct FakePeer {
  static constexpr size_t kUnlimited = SIZE_MAX;

  // Runs handlers of waits that have ended, until nothing moves. True if any ran.
  bool Settle() {
    bool has_run = false;
    while (RunOne()) {
      has_run = true;
    }
    return has_run;
  }

  size_t room = kUnlimited;  // bytes that the socket takes before it is full
  std::string received;      // from the transport
  std::string to_send;       // to the transport
  bool has_hung_up = false;  // sends no more after that
  bool is_shut_down = false;
  bool is_aborted = false;
  bool is_closed = false;
  int sends = 0;
  // What the kernel would tell.
  size_t unacknowledged_bytes = 0;
  std::chrono::microseconds minimum_rtt{0};
  bool repairs_loss = false;
  int unsent_mark = 0;
  std::shared_ptr<TransportHandler> reading;
  std::shared_ptr<TransportHandler> writing;

 private:
  bool RunOne() {
    if (writing && (room > 0 || is_closed)) {
      std::exchange(writing, nullptr)->OnWritable();
      return true;
    }
    if (reading && (!to_send.empty() || has_hung_up || is_closed)) {
      std::exchange(reading, nullptr)->OnReadable();
      return true;
    }
    return false;
  }
};

class FakeTransport final : public Transport {
 public:
  explicit FakeTransport(FakePeer& peer) : peer_(peer) {}

  ssize_t Send(std::span<const uint8_t> bytes) override {
    iovec part{.iov_base = const_cast<uint8_t*>(bytes.data()),  // NOLINT(*-const-cast)
               .iov_len = bytes.size()};
    return SendParts({&part, 1});
  }
  ssize_t SendParts(std::span<iovec> parts) override {
    ++peer_.sends;
    if (peer_.is_closed || peer_.room == 0) {
      errno = peer_.is_closed ? EBADF : EAGAIN;
      return -1;
    }
    size_t taken = 0;
    for (const iovec& part : parts) {
      const size_t some = std::min(part.iov_len, peer_.room);
      peer_.received.append(static_cast<const char*>(part.iov_base), some);
      peer_.room -= peer_.room == FakePeer::kUnlimited ? 0 : some;
      taken += some;
    }
    return static_cast<ssize_t>(taken);
  }
  ssize_t Receive(std::span<uint8_t> buffer) override {
    if (peer_.is_closed || (peer_.to_send.empty() && !peer_.has_hung_up)) {
      errno = peer_.is_closed ? EBADF : EAGAIN;
      return -1;
    }
    const size_t some = std::min(buffer.size(), peer_.to_send.size());
    std::copy_n(peer_.to_send.begin(), some, buffer.begin());
    peer_.to_send.erase(0, some);
    return static_cast<ssize_t>(some);
  }

  void AwaitReadable(std::shared_ptr<TransportHandler> handler) override {
    EXPECT_FALSE(peer_.reading) << "two waits at a time";
    peer_.reading = std::move(handler);
  }
  void AwaitWritable(std::shared_ptr<TransportHandler> handler) override {
    EXPECT_FALSE(peer_.writing) << "two waits at a time";
    peer_.writing = std::move(handler);
  }
  void Cancel() override { ADD_FAILURE() << "a viewer cancels nothing"; }
  void ShutdownSend() override { peer_.is_shut_down = true; }
  void AbortOnClose() override { peer_.is_aborted = true; }
  void Close() override { peer_.is_closed = true; }
  void PrepareForViewer() override {}
  std::optional<LineAccount> GetLineAccount() override {
    return LineAccount{.unacknowledged_bytes = peer_.unacknowledged_bytes,
                       .minimum_rtt = peer_.minimum_rtt,
                       .repairs_loss = peer_.repairs_loss};
  }
  size_t GetUnacknowledgedBytes() override { return peer_.unacknowledged_bytes; }
  bool IsWritable() override { return peer_.room > 0; }
  void SetUnsentMark(int bytes) override { peer_.unsent_mark = bytes; }
  std::string GetCongestionControl() override { return "reno"; }
  bool MoveTo(boost::asio::io_context&) override { return true; }
  std::string LocalHost() const override { return "127.0.0.1"; }
  std::string PeerAddress() const override { return "127.0.0.1"; }

 private:
  FakePeer& peer_;
};

// A message as a server sends it: one frame, not masked.
struct ServerMessage {
  wire::Opcode opcode = wire::Opcode::kText;
  std::string payload;

  bool operator==(const ServerMessage&) const = default;
};

// `bytes` without the chunks of an HTTP response, if they are in chunks: a frame begins with no
// digit. The last chunk may be cut off.
inline std::string WithoutChunks(const std::string& bytes) {
  if (bytes.empty() || (static_cast<uint8_t>(bytes[0]) & 0x80) != 0) {
    return bytes;
  }
  std::string content;
  for (size_t at = 0; at < bytes.size();) {
    const size_t line_end = bytes.find("\r\n", at);
    if (line_end == std::string::npos) {
      break;
    }
    const size_t size = std::stoul(bytes.substr(at, line_end - at), nullptr, 16);
    content += bytes.substr(line_end + 2, size);
    at = line_end + 2 + size;
    const std::string end = bytes.substr(std::min(at, bytes.size()), 2);
    EXPECT_TRUE(std::string("\r\n").starts_with(end)) << "torn at " << at;
    at += 2;
    EXPECT_TRUE(size > 0 || at == bytes.size()) << "something follows the last chunk";
  }
  return content;
}

// The messages in `received`; `rest` is set to what is behind the last whole one.
inline std::vector<ServerMessage> MessagesIn(const std::string& received, std::string* rest) {
  const std::string bytes = WithoutChunks(received);
  std::vector<ServerMessage> messages;
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(bytes[at]); };
  size_t at = 0;
  while (bytes.size() - at >= 2) {
    EXPECT_EQ(byte(at) & 0xF0, 0x80) << "torn at " << at;
    const size_t short_size = byte(at + 1);
    EXPECT_LT(short_size, 127U) << "masked, or larger than a test's, at " << at;
    const size_t header = short_size == 126 ? 4 : 2;
    if (bytes.size() - at < header) {
      break;
    }
    const size_t size =
        short_size == 126 ? static_cast<size_t>(byte(at + 2) << 8 | byte(at + 3)) : short_size;
    if (bytes.size() - at - header < size) {
      break;
    }
    messages.push_back({.opcode = static_cast<wire::Opcode>(byte(at) & 0x0F),
                        .payload = bytes.substr(at + header, size)});
    at += header + size;
  }
  *rest = bytes.substr(at);
  return messages;
}

// The same where all are whole.
inline std::vector<ServerMessage> WholeMessagesIn(const std::string& bytes) {
  std::string rest;
  auto messages = MessagesIn(bytes, &rest);
  EXPECT_EQ(rest, "");
  return messages;
}

}  // namespace pistream
