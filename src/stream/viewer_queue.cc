#include "src/stream/viewer_queue.h"

#include <utility>

namespace pistream {

ViewerQueue::Outcome ViewerQueue::Push(const PicturePtr& picture, SteadyTime now) {
  Outcome outcome;
  const bool intra = picture->type == PictureType::kIntra;
  if (!awaiting_keyframe_ && IsOverLimits(*picture, now)) {
    outcome.dropped = intra ? DropAll() : DropToNewestKeyframe();
    if (IsOverLimits(*picture, now)) {  // the newest I picture is old, or was the first
      outcome.dropped += AwaitKeyframe();
    }
  }
  if (awaiting_keyframe_ && !intra) {
    ++outcome.dropped;
    outcome.needs_keyframe = true;
    return outcome;
  }
  awaiting_keyframe_ = false;
  At(size_) = {picture, now};
  ++size_;
  bytes_ += picture->bytes.size();
  return outcome;
}

uint64_t ViewerQueue::AwaitKeyframe() {
  awaiting_keyframe_ = true;
  return DropAll();
}

PicturePtr ViewerQueue::Pop() {
  PicturePtr picture = std::move(At(0).picture);
  first_ = (first_ + 1) % kMaximumPictures;
  --size_;
  bytes_ -= picture->bytes.size();
  return picture;
}

uint64_t ViewerQueue::DropAll() {
  const uint64_t dropped = size_;
  while (!empty()) {
    Pop();
  }
  return dropped;
}

// Drops nothing where the only I picture is the front, or none is queued.
uint64_t ViewerQueue::DropToNewestKeyframe() {
  size_t newest = size_;
  while (newest > 0 && At(newest - 1).picture->type != PictureType::kIntra) {
    --newest;
  }
  const uint64_t dropped = newest > 0 ? newest - 1 : 0;
  for (uint64_t i = 0; i < dropped; ++i) {
    Pop();
  }
  return dropped;
}

bool ViewerQueue::IsOverLimits(const Picture& next, SteadyTime now) const {
  return !empty() && (size_ == kMaximumPictures || bytes_ + next.bytes.size() > limits_.bytes ||
                      now - ring_[first_].queued > limits_.age);
}

}  // namespace pistream
