#include "sim/fault_plan.h"

#include <algorithm>

namespace pistream::sim {

FaultPlan::FaultPlan(const std::vector<Fault>& faults) {
  for (const Fault& fault : faults) {
    faults_.push_back({.fault = fault});
  }
}

FaultPlan::FrameEffects FaultPlan::OnFrameDue(SteadyTime now) {
  if (!first_start_) {
    first_start_ = now;
  }
  FrameEffects effects;
  for (Progress& progress : faults_) {
    if (progress.state == Progress::kPending && Begins(progress.fault, now)) {
      progress.state = Progress::kActive;
      progress.start_frame = frames_;
      progress.start_time = now;
      if (progress.fault.kind == FaultKind::kDisappear) {
        only_size_ = progress.fault.size;
      }
    }
    if (progress.state == Progress::kActive && IsOver(progress, now)) {
      progress.state = Progress::kOver;
    }
    if (progress.state == Progress::kActive) {
      Apply(progress.fault, effects);
    }
  }
  ++frames_;
  return effects;
}

bool FaultPlan::IsAbsent(SteadyTime now) const {
  return std::any_of(faults_.begin(), faults_.end(), [&](const Progress& progress) {
    return progress.fault.kind == FaultKind::kDisappear && progress.state == Progress::kActive &&
           !IsOver(progress, now);
  });
}

bool FaultPlan::Begins(const Fault& fault, SteadyTime now) const {
  return fault.at_frame ? frames_ >= *fault.at_frame : now - *first_start_ >= *fault.at_time;
}

bool FaultPlan::IsOver(const Progress& progress, SteadyTime now) const {
  const Fault& fault = progress.fault;
  if (fault.frames) {
    return frames_ - progress.start_frame >= *fault.frames;
  }
  return fault.duration && now - progress.start_time >= *fault.duration;
}

void FaultPlan::Apply(const Fault& fault, FrameEffects& effects) const {
  switch (fault.kind) {
    case FaultKind::kStall:
      effects.stalled = true;
      break;
    case FaultKind::kDrop:
      effects.dropped = true;
      break;
    case FaultKind::kLateTimestamps:
      effects.late_by += fault.late_by;
      break;
    case FaultKind::kDuplicateTimestamps:
      effects.same_timestamp = true;
      break;
    case FaultKind::kDisappear:
      effects.lost_camera = true;
      break;
  }
}

}  // namespace pistream::sim
