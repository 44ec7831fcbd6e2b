// Text messages of pistream.v1 (docs/protocol.md, "Control messages").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "src/base/clock.h"
#include "src/stream/stream.h"
#include "src/viewer/line_control.h"

namespace pistream {

struct PingRequest {
  uint64_t id = 0;  // 0 to 2^53 - 1
  // The newest picture that the viewer has received; it acknowledges all before.
  std::optional<uint64_t> seen = std::nullopt;
};
struct QualityRequest {
  Quality quality = Quality::kAuto;
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
                                    ResumeRequest, QualityRequest, ViewerReport>;

// Text of any kind, of a bounded length. Never fails.
ControlMessage ParseControlMessage(std::string_view text);

// Both have at most 125 bytes.

std::string MakePong(uint64_t id, SteadyTime now);

// What the server knows of the viewer's line.
struct LineReport {
  std::optional<int64_t> rate_bps = std::nullopt;
  Duration delay{0};
  VideoScale scale = VideoScale::kFull;
  int64_t switches = 0;     // from one track to another
  std::string_view reason;  // at most 24 characters, none of which JSON escapes
};
std::string MakeLineMessage(const LineReport& report);

}  // namespace pistream
