// Bytes of WebSocket frames as clients send them, right and wrong.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "src/wire/websocket_frame.h"

namespace pistream::wire {

struct ClientFrame {
  Opcode opcode = Opcode::kText;
  std::string_view payload;
  bool final = true;
  std::array<uint8_t, 4> mask = {0x37, 0xFA, 0x21, 0x3D};
};

inline std::vector<uint8_t> ToBytes(const ClientFrame& frame) {
  const FrameHeader header = MakeFrameHeader(frame.opcode, frame.payload.size());
  std::vector<uint8_t> bytes(header.span().begin(), header.span().end());
  if (!frame.final) {
    bytes[0] &= 0x7F;
  }
  bytes[1] |= 0x80;  // masked
  bytes.insert(bytes.end(), frame.mask.begin(), frame.mask.end());
  for (size_t i = 0; i < frame.payload.size(); ++i) {
    bytes.push_back(static_cast<uint8_t>(frame.payload[i]) ^ frame.mask[i % frame.mask.size()]);
  }
  return bytes;
}

inline std::vector<uint8_t> ToBytes(const std::vector<ClientFrame>& frames) {
  std::vector<uint8_t> bytes;
  for (const ClientFrame& frame : frames) {
    const auto one = ToBytes(frame);
    bytes.insert(bytes.end(), one.begin(), one.end());
  }
  return bytes;
}

}  // namespace pistream::wire
