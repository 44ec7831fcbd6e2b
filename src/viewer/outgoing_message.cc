#include "src/viewer/outgoing_message.h"

#include <algorithm>
#include <cstdlib>

#include "src/wire/classic_trailer.h"
#include "src/wire/jsmp_header.h"
#include "src/wire/picture_message.h"

namespace pistream {

using wire::Opcode;

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
  return protocol == StreamProtocol::kV1 ? DescribedPictureHead(picture, is_discontinuity, sent)
                                         : PlainPictureHead(picture);
}

std::span<const uint8_t> PictureTrailer(StreamProtocol protocol) {
  static const MessageHead kClassic = SmallMessage(Opcode::kBinary, wire::ClassicTrailer());
  return protocol == StreamProtocol::kClassic ? kClassic.bytes() : std::span<const uint8_t>();
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

}  // namespace pistream
