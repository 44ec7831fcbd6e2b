// What goes in front of a picture on the wire, and whole small messages.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "src/base/clock.h"
#include "src/http/stream_protocol.h"
#include "src/media/picture.h"
#include "src/media/video_format.h"
#include "src/wire/websocket_frame.h"

namespace pistream {

// Bytes that fit every frame header, picture header and control frame, each in a chunk.
class MessageHead {
 public:
  static constexpr size_t kCapacity = 160;

  std::span<const uint8_t> bytes() const { return {bytes_.data(), size_}; }
  size_t size() const { return size_; }

  // What does not fit is a broken invariant.
  void Append(std::span<const uint8_t> bytes);

 private:
  std::array<uint8_t, kCapacity> bytes_{};
  size_t size_ = 0;
};

// The frame header of a picture's message, payload to follow.
MessageHead PlainPictureHead(const Picture& picture);
// The same and pistream.v1's header.
MessageHead DescribedPictureHead(const Picture& picture, bool is_discontinuity, SteadyTime sent);

// What `protocol` has in front of a picture: one of these, in chunks with the size of the chunk
// before it.
MessageHead PictureHead(StreamProtocol protocol, const Picture& picture, bool is_discontinuity,
                        SteadyTime sent);

// What follows each picture: on the classic path a whole message, header and payload; in chunks the
// end of the chunk; else nothing. Of static storage.
std::span<const uint8_t> PictureTrailer(StreamProtocol protocol);

// Whole messages, header and payload. `payload` has 125 bytes at most.
MessageHead SmallMessage(wire::Opcode opcode, std::span<const uint8_t> payload);
MessageHead SizeMessage(Size size);
MessageHead CloseMessage(wire::CloseCode code, std::string_view reason);

// A whole small message as `protocol` sends it: as it is, or in a chunk.
MessageHead Packed(StreamProtocol protocol, const MessageHead& message);
// The same for the last message.
MessageHead PackedLast(StreamProtocol protocol, const MessageHead& message);

}  // namespace pistream
