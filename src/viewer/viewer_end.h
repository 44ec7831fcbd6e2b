// Why viewers end, and what each reason means: one row of a table for each.
#pragma once

#include <cstdint>
#include <string_view>

#include "src/base/rate_limit.h"
#include "src/viewer/viewer_environment.h"
#include "src/viewer/viewer_metrics.h"
#include "src/wire/websocket_frame.h"

namespace pistream {

enum class ViewerEnd : uint8_t {
  kClosedByViewer,  // it sent a close frame
  kConnectionLost,  // broken, or closed without a close frame
  kStalled,         // took nothing for too long
  kViolation,       // of its protocol, or of a limit
  kSizeChanged,     // of the picture, which its protocol cannot say
  kServerStops,
  kStreamRemoved,
  kSessionEnded,  // what let it in does not count any more
};

// What follows from a reason.
struct ViewerEndRow {
  enum class Manner : uint8_t {
    kHandshake,  // a close frame, and a while for the peer to hang up
    kClose,
    kAbort,  // what is unsent is dropped
  };

  ViewerEnd end;
  Manner manner;
  // With kHandshake. Those of kClosedByViewer and kViolation come with the event.
  wire::CloseCode code;
  std::string_view close_reason;
  // Of each viewer that ends so. A plain function: members that are references have no pointers.
  prometheus::Counter& (*counter)(const ViewerMetrics& metrics);
  // Null: nothing is logged.
  RateLimit ViewerEnvironment::* lines;
  std::string_view line;  // "closed 3 " goes in front of it, what the event says behind it
};

const ViewerEndRow& RowOf(ViewerEnd end);

}  // namespace pistream
