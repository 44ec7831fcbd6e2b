#include "sim/fault_plan.h"

#include <algorithm>

namespace pistream::sim {

FaultPlan::FaultPlan(const std::vector<Fault>& faults) {
  for (const Fault& fault : faults) {
    faults_.push_back({.fault = fault});
  }
}

FaultPlan::Verdict FaultPlan::OnFrameDue(SteadyTime now) {
  if (!first_start_) {
    first_start_ = now;
  }
  Verdict verdict;
  for (Progress& progress : faults_) {
    if (progress.state == Progress::kPending && Begins(progress.fault, now)) {
      progress.state = Progress::kActive;
      progress.begun_frame = frames_;
      progress.begun = now;
      if (progress.fault.kind == FaultKind::kDisappear) {
        only_size_ = progress.fault.size;
      }
    }
    if (progress.state == Progress::kActive && IsOver(progress, now)) {
      progress.state = Progress::kOver;
    }
    if (progress.state == Progress::kActive) {
      Apply(progress.fault, verdict);
    }
  }
  ++frames_;
  return verdict;
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
    return frames_ - progress.begun_frame >= *fault.frames;
  }
  return fault.duration && now - progress.begun >= *fault.duration;
}

void FaultPlan::Apply(const Fault& fault, Verdict& verdict) const {
  switch (fault.kind) {
    case FaultKind::kStall:
      verdict.stalled = true;
      break;
    case FaultKind::kDrop:
      verdict.dropped = true;
      break;
    case FaultKind::kLateTimestamps:
      verdict.late_by += fault.late_by;
      break;
    case FaultKind::kDuplicateTimestamps:
      verdict.same_timestamp = true;
      break;
    case FaultKind::kDisappear:
      verdict.lost_camera = true;
      break;
  }
}

}  // namespace pistream::sim
