// What a new viewer needs to show the present picture at once: the pictures since the last I.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "src/media/picture.h"
#include "src/stream/viewer_queue.h"

namespace pistream {

// Belongs to one network thread.
class GopCache {
 public:
  // A group that a viewer's queue could not take whole is not kept: a joiner is served sooner by a
  // keyframe.
  static constexpr size_t kMaximumBytes = ViewerQueue::Limits{}.bytes;
  static constexpr size_t kMaximumPictures = ViewerQueue::kMaximumPictures;

  void Add(const PicturePtr& picture);
  void Clear();

  // An I picture and all that followed it; empty while there is no complete group.
  std::span<const PicturePtr> pictures() const { return pictures_; }

 private:
  std::vector<PicturePtr> pictures_;
  size_t bytes_ = 0;
};

}  // namespace pistream
