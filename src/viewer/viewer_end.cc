#include "src/viewer/viewer_end.h"

#include <array>

namespace pistream {
namespace {

using wire::CloseCode;
using Manner = ViewerEndRow::Manner;

prometheus::Counter& Closed(const ViewerMetrics& of) { return of.viewers_left_closed; }
prometheus::Counter& Stalled(const ViewerMetrics& of) { return of.viewers_left_stalled; }
prometheus::Counter& Protocol(const ViewerMetrics& of) { return of.viewers_left_protocol; }
prometheus::Counter& Resized(const ViewerMetrics& of) { return of.viewers_left_resized; }
prometheus::Counter& Shutdown(const ViewerMetrics& of) { return of.viewers_left_shutdown; }
prometheus::Counter& SessionEnded(const ViewerMetrics& of) { return of.viewers_left_session; }

// In the order of the enum.
constexpr std::array<ViewerEndRow, 8> kRows = {{
    {ViewerEnd::kClosedByViewer, Manner::kHandshake, CloseCode::kNormal, "", Closed, nullptr, ""},
    {ViewerEnd::kConnectionLost, Manner::kClose, CloseCode::kNormal, "", Closed, nullptr, ""},
    {ViewerEnd::kStalled, Manner::kAbort, CloseCode::kNormal, "", Stalled,
     &ViewerEnvironment::stall_lines, "stalled viewer(s): no data accepted for too long"},
    {ViewerEnd::kViolation, Manner::kHandshake, CloseCode::kProtocolError, "", Protocol,
     &ViewerEnvironment::protocol_lines, "viewer(s) that broke the protocol, the last one: "},
    {ViewerEnd::kSizeChanged, Manner::kHandshake, CloseCode::kServiceRestart,
     "the picture's size has changed", Resized, nullptr, ""},
    {ViewerEnd::kServerStops, Manner::kHandshake, CloseCode::kGoingAway, "the server stops",
     Shutdown, nullptr, ""},
    {ViewerEnd::kStreamRemoved, Manner::kHandshake, CloseCode::kGoingAway, "the stream was removed",
     Shutdown, nullptr, ""},
    {ViewerEnd::kSessionEnded, Manner::kHandshake, CloseCode::kSessionEnded, "session ended",
     SessionEnded, nullptr, ""},
}};

constexpr bool IsInOrder() {
  for (size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<size_t>(kRows[i].end) != i) {
      return false;
    }
  }
  return true;
}
static_assert(IsInOrder());

}  // namespace

const ViewerEndRow& RowOf(ViewerEnd end) { return kRows[static_cast<size_t>(end)]; }

}  // namespace pistream
