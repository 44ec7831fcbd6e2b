// The pictures since the last I picture, which a new viewer needs to show the current one.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "src/media/picture.h"
#include "src/stream/viewer_queue.h"

namespace pistream {

// Not thread-safe: a track's, used with the track's lock held.
class GopCache {
 public:
  // A GOP that exceeds the limits of a viewer's queue is not kept: a keyframe is faster then.
  static constexpr size_t kMaximumBytes = ViewerQueue::Limits{}.bytes;
  static constexpr size_t kMaximumPictures = ViewerQueue::kMaximumPictures;

  void Add(const PicturePtr& picture);
  void Clear();

  // An I picture and all pictures after it; empty if the GOP is not complete.
  std::span<const PicturePtr> pictures() const { return pictures_; }

 private:
  std::vector<PicturePtr> pictures_;
  size_t bytes_ = 0;
};

}  // namespace pistream
