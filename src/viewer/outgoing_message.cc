#include "src/viewer/outgoing_message.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "src/wire/classic_trailer.h"
#include "src/wire/jsmp_header.h"
#include "src/wire/picture_message.h"

namespace pistream {

using wire::Opcode;

namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";

std::span<const uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// RFC 9112, 7.1: what goes in front of a chunk of `size` bytes.
void AppendChunkSize(MessageHead& head, size_t size) {
  std::array<char, 2 * sizeof size> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  head.Append(AsBytes({digits.data(), static_cast<size_t>(end - digits.data())}));
  head.Append(AsBytes(kLineEnd));
}

MessageHead ChunkedPictureHead(const Picture& picture, bool is_discontinuity, SteadyTime sent) {
  const MessageHead described = DescribedPictureHead(picture, is_discontinuity, sent);
  MessageHead head;
  AppendChunkSize(head, described.size() + picture.bytes.size());
  head.Append(described.bytes());
  return head;
}

}  // namespace

void MessageHead::Append(std::span<const uint8_t> bytes) {
  if (bytes.size() > bytes_.size() - size_) {
    std::abort();
  }
  std::ranges::copy(bytes, bytes_.begin() + static_cast<ptrdiff_t>(size_));
  size_ += bytes.size();
}

MessageHead PlainPictureHead(const Picture& picture) {
  MessageHead head;
  head.Append(wire::MakeFrameHeader(Opcode::kBinary, picture.bytes.size()).span());
  return head;
}

MessageHead DescribedPictureHead(const Picture& picture, bool is_discontinuity, SteadyTime sent) {
  const auto header = wire::MakePictureHeader({.type = picture.type,
                                               .discontinuity = is_discontinuity,
                                               .repeats = picture.repeats,
                                               .sequence = picture.sequence,
                                               .captured = picture.captured,
                                               .sent = sent});
  MessageHead head;
  head.Append(wire::MakeFrameHeader(Opcode::kBinary, header.size() + picture.bytes.size()).span());
  head.Append(header);
  return head;
}

MessageHead PictureHead(StreamProtocol protocol, const Picture& picture, bool is_discontinuity,
                        SteadyTime sent) {
  switch (protocol) {
    case StreamProtocol::kV1:
      return DescribedPictureHead(picture, is_discontinuity, sent);
    case StreamProtocol::kV1Chunked:
      return ChunkedPictureHead(picture, is_discontinuity, sent);
    case StreamProtocol::kPlain:
    case StreamProtocol::kClassic:
      break;
  }
  return PlainPictureHead(picture);
}

std::span<const uint8_t> PictureTrailer(StreamProtocol protocol) {
  static const MessageHead kClassic = SmallMessage(Opcode::kBinary, wire::ClassicTrailer());
  switch (protocol) {
    case StreamProtocol::kClassic:
      return kClassic.bytes();
    case StreamProtocol::kV1Chunked:
      return AsBytes(kLineEnd);
    case StreamProtocol::kV1:
    case StreamProtocol::kPlain:
      break;
  }
  return {};
}

MessageHead SmallMessage(Opcode opcode, std::span<const uint8_t> payload) {
  MessageHead message;
  message.Append(wire::MakeFrameHeader(opcode, payload.size()).span());
  message.Append(payload);
  return message;
}

MessageHead SizeMessage(Size size) { return SmallMessage(Opcode::kBinary, wire::JsmpHeader(size)); }

MessageHead CloseMessage(wire::CloseCode code, std::string_view reason) {
  MessageHead message;
  message.Append(wire::MakeCloseFrame(code, reason).span());
  return message;
}

MessageHead Packed(StreamProtocol protocol, const MessageHead& message) {
  if (protocol != StreamProtocol::kV1Chunked) {
    return message;
  }
  MessageHead chunk;
  AppendChunkSize(chunk, message.size());
  chunk.Append(message.bytes());
  chunk.Append(AsBytes(kLineEnd));
  return chunk;
}

MessageHead PackedLast(StreamProtocol protocol, const MessageHead& message) {
  MessageHead packed = Packed(protocol, message);
  if (protocol == StreamProtocol::kV1Chunked) {
    packed.Append(AsBytes(kLastChunk));
  }
  return packed;
}

}  // namespace pistream
