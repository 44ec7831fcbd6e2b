// One viewer's line, while it is watched closely: what was sent, how late it arrives, and what
// follows from it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "src/base/clock.h"
#include "src/net/line_account.h"
#include "src/viewer/line_control.h"
#include "src/viewer/line_estimate.h"
#include "src/viewer/sent_log.h"

namespace pistream {

// How late a viewer that is sent to directly is, by what all were sent; if it is, it is watched
// closely.
//
// When the oldest of `unacknowledged` bytes was sent; nothing: all are acknowledged.
std::optional<SteadyTime> OldestUnacknowledged(const SentLog& log, size_t unacknowledged);

// Belongs to one network thread. Two accounts say what has arrived: the kernel's of the socket, and
// that of a pistream.v1 viewer itself (`seen` of docs/protocol.md), since a proxy on the way
// acknowledges what the viewer has not received. The worse one counts.
class ViewerLine {
 public:
  // `log`: what the viewer was sent until now. `bitrate_bps`: the stream's, configured. `control`:
  // a new one, or that of the same line before.
  ViewerLine(const SentLog& log, Duration frame_time, int64_t bitrate_bps,
             const LineControl& control);

  // Of what the viewer is sent from now on.
  SentLog& log() { return log_; }
  const LineControl& control() const { return control_; }
  LineState state() const;
  // When something was acknowledged last, or all was.
  SteadyTime last_progress() const { return std::max(socket_.last_progress(), resumed_); }

  // The viewer has received the picture of this sequence and all before. `idle_round_trip`: the
  // least time between sending a picture and a message that acknowledges it.
  void OnSeen(uint64_t sequence, Duration idle_round_trip, SteadyTime now);

  // Each kSampleInterval. `unsent_bytes`: of the last picture in the log, those that the socket has
  // not taken. After a
  // pause of the whole process (a debugger, SIGSTOP) everything seems late: the first call decides
  // nothing.
  LineControl::Decision Sample(const LineAccount& account, size_t unsent_bytes,
                               const LineContext& context, SteadyTime now);
  static constexpr Duration kSampleInterval = std::chrono::milliseconds(25);

 private:
  LineSample MakeSample(uint64_t acknowledged, int64_t bitrate_bps, SteadyTime now) const;

  SentLog log_;
  const bool is_slow_;  // pictures are so far apart that each delays the next by right
  LineEstimate socket_;
  LineEstimate page_;
  int64_t bitrate_bps_;
  uint64_t seen_bytes_ = 0;    // never falls
  uint64_t acknowledged_ = 0;  // never falls: what is not in the log is not acknowledged either
  std::optional<SteadyTime> last_seen_;
  std::optional<SteadyTime> last_sample_;
  SteadyTime resumed_;  // the last time that the process went on after a pause
  LineControl::Decision decision_;
  bool page_counts_ = false;
  LineControl control_;
};

}  // namespace pistream
