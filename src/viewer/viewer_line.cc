#include "src/viewer/viewer_line.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace pistream {
namespace {

using std::chrono::milliseconds;

// A slow camera's pictures are farther apart, but a picture is late after as long.
constexpr Duration kLongestFrameTime = milliseconds(100);
// A viewer acknowledges four times a second while it is late.
constexpr Duration kSeenIsFresh = milliseconds(1000);
constexpr Duration kMostJitter = milliseconds(120);
constexpr auto kQueueThatOverflows = milliseconds(100);
// Samples that are farther apart say that this process has stood still.
constexpr Duration kLongestInterval = milliseconds(500);
// So long ago an I picture delays nothing any more, or not by right.
constexpr Duration kIntraDelays = milliseconds(600);

Duration TimeFor(uint64_t bytes, int64_t bitrate_bps) {
  const double seconds =
      8 * static_cast<double>(bytes) / static_cast<double>(std::max<int64_t>(bitrate_bps, 1));
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

std::optional<SteadyTime> OldestUnacknowledged(const SentLog& log, size_t unacknowledged) {
  const uint64_t total = log.total_bytes();
  const size_t index = log.FirstBeyond(total - std::min<uint64_t>(unacknowledged, total));
  return index < log.size() ? std::optional(log[index].at) : std::nullopt;
}

ViewerLine::ViewerLine(const SentLog& log, Duration frame_time, int64_t bitrate_bps,
                       const LineControl& control)
    : log_(log),
      is_slow_(frame_time > kLongestFrameTime),
      socket_(std::min(frame_time, kLongestFrameTime)),
      page_(std::min(frame_time, kLongestFrameTime)),
      bitrate_bps_(bitrate_bps),
      control_(control) {}

LineState ViewerLine::state() const {
  LineState state{.delay = socket_.delay(),
                  .standing_delay = socket_.standing_delay(),
                  .rate_bps = socket_.rate_bps(),
                  .has_measured = socket_.has_measured(),
                  .is_down = socket_.is_down()};
  if (page_counts_) {
    state.is_coarse = page_.delay() > socket_.delay();
    // A message of the viewer may itself be late.
    state.delay = std::max(state.delay, page_.confirmed_delay());
    state.standing_delay = std::max(state.standing_delay, page_.standing_delay());
    if (page_.has_measured() && (!state.has_measured || *page_.rate_bps() < *state.rate_bps)) {
      state.rate_bps = page_.rate_bps();
      state.has_measured = true;
    }
  }
  return state;
}

// What is not acknowledged, without I pictures: those delay what follows by right. As any picture
// of a slow camera.
LineSample ViewerLine::MakeSample(uint64_t acknowledged, int64_t bitrate_bps,
                                  SteadyTime now) const {
  LineSample sample{.at = now, .acknowledged_bytes = acknowledged};
  const size_t first = log_.FirstBeyond(acknowledged);
  if (first < log_.size()) {
    sample.oldest = log_[first].at;
  }
  for (size_t index = log_.size(); index > 0; --index) {
    const SentLog::Entry& entry = log_[index - 1];
    const bool is_waiting = index > first;
    if (!is_waiting && now - entry.at > kIntraDelays) {
      break;
    }
    if (!entry.is_intra && !is_slow_) {
      sample.waiting_bytes +=
          is_waiting ? std::min<uint64_t>(entry.bytes, entry.end - acknowledged) : 0;
    } else if (sample.right == Duration(0)) {
      sample.right = TimeFor(entry.bytes, std::max(bitrate_bps, socket_.rate_bps().value_or(0)));
    }
  }
  return sample;
}

void ViewerLine::OnSeen(uint64_t sequence, Duration idle_round_trip, SteadyTime now) {
  const auto index = log_.Find(sequence);
  if (!index) {
    return;
  }
  // It acknowledges; it takes nothing back.
  if (log_[*index].end < seen_bytes_) {
    return;
  }
  seen_bytes_ = log_[*index].end;
  last_seen_ = now;
  LineSample sample = MakeSample(seen_bytes_, bitrate_bps_, now);
  sample.idle_round_trip = idle_round_trip;
  page_.Add(sample);
}

LineControl::Decision ViewerLine::Sample(const LineAccount& account, size_t unsent_bytes,
                                         const LineContext& context, SteadyTime now) {
  bitrate_bps_ = context.bitrate_bps;
  const auto last_sample = std::exchange(last_sample_, now);
  if (last_sample && now - *last_sample > kLongestInterval) {
    control_.NotePause(now);
    resumed_ = now;
    return decision_;
  }
  const uint64_t missing = account.unacknowledged_bytes + unsent_bytes;
  acknowledged_ =
      std::max(acknowledged_, log_.total_bytes() - std::min(missing, log_.total_bytes()));
  LineSample sample = MakeSample(acknowledged_, bitrate_bps_, now);
  sample.idle_round_trip = account.minimum_rtt;
  // A queue that grows makes it vary, too.
  sample.jitter = std::min<Duration>(2 * account.rtt_variation, kMostJitter);
  // Losses of a queue that overflows are congestion.
  sample.repairs_loss =
      account.repairs_loss && account.rtt < account.minimum_rtt + kQueueThatOverflows;
  socket_.Add(sample);
  page_counts_ = last_seen_ && now - *last_seen_ < kSeenIsFresh;
  decision_ = control_.Update(state(), context, now);
  if (control_.TakeWantsMeasurement()) {
    socket_.BeginMeasurement();
    page_.BeginMeasurement();
  }
  return decision_;
}

}  // namespace pistream
