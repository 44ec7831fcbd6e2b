// What the viewers of one network thread share.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>

#include "src/base/clock.h"
#include "src/base/rate_limit.h"
#include "src/metrics/metrics.h"
#include "src/stream/stream.h"

namespace pistream {

class TrackViewers;
class ViewerSession;

// Belongs to one network thread, and outlives its viewers.
struct ViewerEnvironment {
  Metrics& metrics;
  Clock& clock;
  Duration stall_limit;
  // Joined, or about to join: whoever makes a session counts it. Any thread may read it.
  prometheus::Gauge& viewers;
  RateLimit stall_lines;
  RateLimit protocol_lines;
  // Those of one of the stream's tracks on this thread. Valid while it has a viewer, and until the
  // thread's next event.
  std::function<TrackViewers&(const std::shared_ptr<Stream>& stream, VideoScale scale)> viewers_of;
  // Lets SampleLine be called each ViewerLine::kSampleInterval until it returns false.
  std::function<void(const std::shared_ptr<ViewerSession>& viewer)> watch_line;
  std::array<uint8_t, 16 << 10> read_buffer{};
};

}  // namespace pistream
