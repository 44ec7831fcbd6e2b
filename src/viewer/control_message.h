// Text messages of pistream.v1 (docs/protocol.md, "Control messages").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "src/base/clock.h"

namespace pistream {

struct PingRequest {
  uint64_t id = 0;  // 0 to 2^53 - 1
};
struct KeyframeRequest {};
// The viewer shows nothing at the moment: it is not to be sent pictures until it resumes.
struct PauseRequest {};
struct ResumeRequest {};
// What a viewer saw since its last report. A member that is missing, no number or out of its bounds
// is empty: whatever a viewer says, figures stay finite and counters go up.
struct ViewerReport {
  static constexpr double kMaximumPictures = 100'000;
  static constexpr double kMaximumMilliseconds = 3'600'000;

  // Pictures, whole numbers from 0 to kMaximumPictures.
  std::optional<double> received;
  std::optional<double> decoded;
  std::optional<double> shown;
  std::optional<double> dropped;
  // From 0 to kMaximumMilliseconds.
  std::optional<double> delay_p50_ms;
  std::optional<double> delay_p95_ms;
  std::optional<double> decode_p50_ms;
};
struct UnknownMessage {};  // to be ignored: a later version's, or not even JSON
using ControlMessage = std::variant<UnknownMessage, PingRequest, KeyframeRequest, PauseRequest,
                                    ResumeRequest, ViewerReport>;

// Text of any kind, of a bounded length. Never fails.
ControlMessage ParseControlMessage(std::string_view text);

// At most 125 bytes.
std::string MakePong(uint64_t id, SteadyTime now);

}  // namespace pistream
