// Text messages of pistream.v1 (docs/protocol.md, "Control messages").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "src/base/clock.h"

namespace pistream {

struct PingRequest {
  uint64_t id = 0;  // 0 to 2^53 - 1
};
struct KeyframeRequest {};
struct UnknownMessage {};  // to be ignored: a later version's, or not even JSON
using ControlMessage = std::variant<UnknownMessage, PingRequest, KeyframeRequest>;

// Text of any kind, of a bounded length. Never fails.
ControlMessage ParseControlMessage(std::string_view text);

// At most 125 bytes.
std::string MakePong(uint64_t id, SteadyTime now);

}  // namespace pistream
