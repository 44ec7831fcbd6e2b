// What the viewers of one network thread share.
#pragma once

#include <array>
#include <cstdint>

#include "src/base/clock.h"
#include "src/base/rate_limit.h"
#include "src/metrics/metrics.h"

namespace pistream {

// Belongs to one network thread, and outlives its viewers.
struct ViewerEnvironment {
  Metrics& metrics;
  Clock& clock;
  Duration stall_limit;
  // Joined, or about to join: whoever makes a session counts it. Any thread may read it.
  prometheus::Gauge& viewers;
  RateLimit stall_lines;
  RateLimit protocol_lines;
  std::array<uint8_t, 16 << 10> read_buffer{};
};

}  // namespace pistream
