// The list of streams as JSON: docs/api.md and docs/openapi.json describe it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "src/media/video_format.h"

namespace pistream {

// What clients get to know about a stream.
struct StreamSummary {
  std::string name;
  // The directory of its addresses, relative to that of the page beside which the list was
  // requested: "streams/garden/", or "./" for a stream that lists itself.
  std::string path;
  VideoFormat format;
  int64_t bitrate_bps = 0;
  std::optional<std::string> unhealthy_reason;  // UTF-8; nothing: it is healthy
  int viewers = 0;                              // connected, paused ones too
};

// The body of GET api/v1/streams. The first stream is the root's.
std::string StreamsJson(std::span<const StreamSummary> streams);

}  // namespace pistream
