// The faults of a simulated camera, applied frame by frame.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "src/base/clock.h"
#include "src/media/video_format.h"

namespace pistream::sim {

// The kinds of faults, and their effects on the stream of frames.
enum class FaultKind {
  kStall,                // no frames are captured; the sequence has no gap
  kDrop,                 // frames are captured and lost; the sequence has a gap
  kLateTimestamps,       // capture times are too early by `late_by`; they may go backwards
  kDuplicateTimestamps,  // capture times repeat
  kDisappear,            // the camera is lost, and cannot be opened while the fault lasts
};

struct Fault {
  FaultKind kind = FaultKind::kStall;
  // The beginning: one of the two. Both count from the first start of the source's first camera;
  // restarts do not reset them.
  std::optional<uint64_t> at_frame = std::nullopt;
  std::optional<Duration> at_time = std::nullopt;
  // The duration: at most one of the two; without one, forever. kDisappear cannot have `frames`.
  std::optional<uint64_t> frames = std::nullopt;
  std::optional<Duration> duration = std::nullopt;
  Duration late_by{};  // kLateTimestamps only
  // kDisappear only: the only size that the camera supports when it returns.
  std::optional<Size> size = std::nullopt;
};

// Owned by a source; outlives its cameras. Used by one thread at a time.
class FaultPlan {
 public:
  // The effects of all active faults on one frame.
  struct FrameEffects {
    bool lost_camera = false;
    bool stalled = false;
    bool dropped = false;
    bool same_timestamp = false;  // as that of the previous frame
    Duration late_by{};
  };

  FaultPlan() = default;
  explicit FaultPlan(const std::vector<Fault>& faults);

  // Counts a frame that is due at `now`.
  FrameEffects OnFrameDue(SteadyTime now);

  // Whether the camera cannot be opened or started at `now`.
  bool IsAbsent(SteadyTime now) const;

  // The size that the camera delivers whatever the requested size; nothing if it supports any.
  std::optional<Size> only_size() const { return only_size_; }

 private:
  struct Progress {
    Fault fault;
    enum { kPending, kActive, kOver } state = kPending;
    uint64_t start_frame = 0;
    SteadyTime start_time{};
  };

  bool Begins(const Fault& fault, SteadyTime now) const;
  bool IsOver(const Progress& progress, SteadyTime now) const;
  void Apply(const Fault& fault, FrameEffects& effects) const;

  std::vector<Progress> faults_;
  std::optional<SteadyTime> first_start_;
  uint64_t frames_ = 0;
  std::optional<Size> only_size_;
};

}  // namespace pistream::sim
