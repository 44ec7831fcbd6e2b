// The pictures that are still to be sent to a viewer: bounded, and never a P picture without its
// references.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "src/base/clock.h"
#include "src/media/picture.h"

namespace pistream {

// Belongs to one network thread. Allocates nothing.
//
// A coded picture cannot be dropped alone, because P pictures depend on all pictures since the last
// I picture. So a viewer that falls behind loses everything up to the newest queued I picture and
// resumes with it; if none is queued, it waits for the next one.
class ViewerQueue {
 public:
  struct Limits {
    size_t bytes = 1 << 20;
    // Since the oldest picture was queued, not encoded: pictures from the GOP cache are older.
    Duration age = std::chrono::milliseconds(500);
  };
  // A bound of its own: more pictures than this within the age above would be over 240 a second.
  static constexpr size_t kMaximumPictures = 128;

  explicit ViewerQueue(const Limits& limits) : limits_(limits) {}

  struct Outcome {
    uint64_t dropped = 0;         // pictures lost by this call, the offered one included
    bool needs_keyframe = false;  // nothing can be sent before an I picture comes: ask for one
  };

  // Adds the newest picture, after dropping pictures to stay within the limits. If the queue is
  // empty, a picture of any size is accepted.
  Outcome Push(const PicturePtr& picture, SteadyTime now);

  // Applies from the next Push on.
  void SetAgeLimit(Duration age) { limits_.age = age; }

  // Drops all queued pictures, and later ones until the next I picture. Returns the number of
  // pictures dropped now.
  uint64_t AwaitKeyframe();

  // Whether only an I picture is accepted.
  bool awaits_keyframe() const { return awaiting_keyframe_; }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  size_t bytes() const { return bytes_; }
  // Precondition of both: not empty.
  const PicturePtr& front() const { return ring_[first_].picture; }
  PicturePtr Pop();

 private:
  struct Entry {
    PicturePtr picture;
    SteadyTime queued;
  };

  Entry& At(size_t index) { return ring_[(first_ + index) % kMaximumPictures]; }
  uint64_t DropAll();
  uint64_t DropToNewestKeyframe();
  bool IsOverLimits(const Picture& next, SteadyTime now) const;

  Limits limits_;
  std::array<Entry, kMaximumPictures> ring_;
  size_t first_ = 0;
  size_t size_ = 0;
  size_t bytes_ = 0;
  bool awaiting_keyframe_ = true;
};

}  // namespace pistream
