// What a viewer receives, cut into WebSocket messages, with next to no work: the load generator
// runs on the same two cores as the server it measures.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace pistream::bench {

// One message of the server's. Pictures are told apart by their length and first bytes and those of
// the I picture before them, so that the generator works with any server of the protocol: pictures
// that repeat the one before look the same in each group.
struct ServerMessage {
  uint8_t opcode = 0;              // RFC 6455, 5.2
  uint64_t bytes = 0;              // of payload
  std::span<const uint8_t> start;  // at most kStartBytes of the payload
  uint64_t fingerprint = 0;        // of length and start, and the group's
};

class StreamReader {
 public:
  static constexpr size_t kStartBytes = 96;

  enum class Status { kGood, kRefused, kBroken };  // kRefused: no 101; kBroken: no such framing

  // `on_message` is called once for each whole message in `bytes`, in order.
  Status Feed(std::span<const uint8_t> bytes,
              const std::function<void(const ServerMessage&)>& on_message);

  bool upgraded() const { return upgraded_; }

 private:
  std::span<const uint8_t> TakeResponse(std::span<const uint8_t> bytes);
  std::span<const uint8_t> TakeHeader(std::span<const uint8_t> bytes);
  std::span<const uint8_t> TakePayload(std::span<const uint8_t> bytes);
  size_t HeaderSize() const;
  void BeginPayload();
  ServerMessage Message();

  bool upgraded_ = false;
  Status status_ = Status::kGood;
  std::string response_;
  std::array<uint8_t, 10> header_{};
  size_t header_bytes_ = 0;
  bool in_payload_ = false;
  uint64_t payload_size_ = 0;
  uint64_t payload_taken_ = 0;
  std::array<uint8_t, kStartBytes> start_{};
  uint64_t group_ = 0;  // fingerprint of the last I picture
};

}  // namespace pistream::bench
