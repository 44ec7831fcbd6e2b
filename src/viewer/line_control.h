// Decides what a viewer is sent, by what its line carries. Pure decisions: ViewerSession carries
// them out.
//
//                     rate measured, within 8 times the bitrate
//          ┌─────────────────────────────────────────────────┐
//      (start) free ◄────────── 8 times the bitrate ────── limited ──► smaller, larger track
//          │                                                 │ ▲
//          │ late                                       late │ │ all has arrived
//          └──────────────────► draining ◄───────────────────┘ │
//                                   └──────────────────────────┘
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "src/base/clock.h"
#include "src/stream/stream.h"

namespace pistream {

// What the viewer has asked for.
enum class Quality : uint8_t {
  kAuto,
  kFull,  // never a smaller track
  kLow,   // always a smaller one
};

// What a line does at the moment: LineEstimate's.
struct LineState {
  Duration delay{0};
  Duration standing_delay{0};
  std::optional<int64_t> rate_bps = std::nullopt;
  bool has_measured = false;  // the rate, since the line was last found late
  bool is_down = false;
  // It is known from the viewer's own messages, four a second while it is late: too seldom to see a
  // queue begin.
  bool is_coarse = false;
};

// What else a decision depends on.
struct LineContext {
  VideoScale scale = VideoScale::kFull;  // the viewer's track
  bool can_change_scale = false;         // its protocol can tell another size
  Quality quality = Quality::kAuto;
  int64_t bitrate_bps = 0;  // configured, of each track
  // See Stream::sufficient_bitrate_bps. By scale; 0: there is no such track.
  std::array<int64_t, kVideoScales.size()> sufficient_bps{};
  // The most that another viewer of its track wants; INT64_MAX: one has no limit; 0: there is none,
  // or none that wants anything now. Of the track that it moves to, if `is_moving`.
  int64_t others_want_bps = 0;
  // It is still sent pictures of the track before: `scale` is the next one's.
  bool is_moving = false;
  // Others want what the track that it is sent pictures of encodes now.
  bool shares_pictures = false;
  // The same, of the viewers of the next larger track.
  int64_t larger_wants_bps = 0;
};

// Belongs to one thread.
//
// A line that is late is drained: nothing new is wanted until all that was sent has arrived. Then
// the viewer wants 0.85 of what the line carried, and more while nothing is late. If others on its
// track want more than it can take, or it can take less than the track's size needs, it moves to a
// smaller track, and back when the line carries the larger one.
class LineControl {
 public:
  struct Decision {
    // What the viewer wants of its track (Wants); 0 while draining.
    std::optional<int64_t> limit_bps;
    // Draining on a track whose pictures are for others: they are not for this viewer.
    bool drops_pictures = false;
    VideoScale scale = VideoScale::kFull;  // where it should be

    bool operator==(const Decision&) const = default;
  };

  explicit LineControl(SteadyTime now) : calm_since_(now) {}

  Decision Update(const LineState& line, const LineContext& context, SteadyTime now);

  // Nothing is known of the time since the last update: it does not count.
  void NotePause(SteadyTime now) {
    calm_since_ = now;
    last_update_ = now;
  }

  // LineEstimate::BeginMeasurement is due. True once for each time.
  bool TakeWantsMeasurement() { return std::exchange(wants_measurement_, false); }

  // Nothing is limited, and has not been for a while: it need not be watched closely.
  bool IsUninteresting(SteadyTime now) const;

  bool is_limited() const { return state_ != State::kFree; }
  // What it wants once all has arrived.
  std::optional<int64_t> limit_bps() const {
    return is_limited() && limit_bps_ != INT64_MAX ? std::optional(limit_bps_) : std::nullopt;
  }
  // For people: why it is as it is. Of static storage.
  std::string_view reason() const { return reason_; }

 private:
  enum class State : uint8_t { kFree, kDraining, kLimited };

  bool IsLate(const LineState& line);
  void BeginToDrain(const LineState& line, bool is_moving, SteadyTime now);
  double Growth(const LineState& line, SteadyTime now);
  void EndDraining(const LineState& line, const LineContext& context, SteadyTime now);
  void Adjust(const LineState& line, const LineContext& context, SteadyTime now);
  VideoScale Scale(const LineContext& context, SteadyTime now);
  VideoScale Larger(const LineContext& context, SteadyTime now);
  VideoScale CancelMoveToLarger(const LineContext& context);
  bool MustBecomeSmaller(const LineContext& context, SteadyTime now) const;

  State state_ = State::kFree;
  int64_t limit_bps_ = 0;     // unless kFree
  bool was_down_ = false;     // while draining
  bool has_drained_ = false;  // just now: the moment to judge the track
  std::optional<SteadyTime> drained_;
  bool wants_measurement_ = false;
  bool was_ever_limited_ = false;
  int late_samples_ = 0;
  std::optional<SteadyTime> last_update_;
  bool shrinks_ = false;   // a queue stands now
  SteadyTime calm_since_;  // the last time that anything was late
  // It wants no more for so long after it was late. Doubled when a move to a larger track fails.
  Duration hold_ = kShortestHold;
  std::optional<SteadyTime> moved_larger_;
  bool is_coarse_ = false;   // LineState's, when the line was last late
  int64_t full_at_bps_ = 0;  // the rate of the line then; 0: not known
  std::string_view reason_ = "the line carries all";

  static constexpr Duration kShortestHold = std::chrono::seconds(1);
};

}  // namespace pistream
