// The faults of a simulated camera, played out frame by frame.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "src/base/clock.h"
#include "src/media/video_format.h"

namespace pistream::sim {

// One fault of a scenario. What each kind does to the stream of frames:
enum class FaultKind {
  kStall,                // no frames are made; their sequence has no gap
  kDrop,                 // frames are made and lost; their sequence has a gap
  kLateTimestamps,       // capture times are behind by `late_by`; they may even go backwards
  kDuplicateTimestamps,  // capture times stand still
  kDisappear,            // the camera is gone, and cannot be opened for as long as it lasts
};

struct Fault {
  FaultKind kind = FaultKind::kStall;
  // When it begins, one of the two. Frames are counted, and time begins, with the first start of
  // the source's first camera; restarts do not set either back.
  std::optional<uint64_t> at_frame = std::nullopt;
  std::optional<Duration> at_time = std::nullopt;
  // How long it lasts, one of the two; neither: for ever. A disappearance is not told in frames.
  std::optional<uint64_t> frames = std::nullopt;
  std::optional<Duration> duration = std::nullopt;
  Duration late_by{};  // kLateTimestamps only
  std::optional<Size> size =
      std::nullopt;  // kDisappear only: the one size the camera has when it is back
};

// Belongs to a source, outlives its cameras. Used by one thread at a time.
class FaultPlan {
 public:
  // What is to happen to one frame.
  struct Verdict {
    bool lost_camera = false;
    bool stalled = false;
    bool dropped = false;
    bool same_timestamp = false;  // as the frame before
    Duration late_by{};
  };

  FaultPlan() = default;
  explicit FaultPlan(const std::vector<Fault>& faults);

  // Counts one frame due at `now`.
  Verdict OnFrameDue(SteadyTime now);

  // Whether the camera cannot be opened or started at `now`.
  bool IsAbsent(SteadyTime now) const;

  // The one size the camera has now, whatever it is asked for.
  std::optional<Size> only_size() const { return only_size_; }

 private:
  struct Progress {
    Fault fault;
    enum { kPending, kActive, kOver } state = kPending;
    uint64_t begun_frame = 0;
    SteadyTime begun{};
  };

  bool Begins(const Fault& fault, SteadyTime now) const;
  bool IsOver(const Progress& progress, SteadyTime now) const;
  void Apply(const Fault& fault, Verdict& verdict) const;

  std::vector<Progress> faults_;
  std::optional<SteadyTime> first_start_;
  uint64_t frames_ = 0;
  std::optional<Size> only_size_;
};

}  // namespace pistream::sim
