#include "src/stream/gop_cache.h"

namespace pistream {

void GopCache::Add(const PicturePtr& picture) {
  if (picture->type == PictureType::kIntra) {
    Clear();
  } else if (pictures_.empty()) {
    return;  // of a group whose start is not here
  }
  pictures_.push_back(picture);
  bytes_ += picture->bytes.size();
  if (bytes_ > kMaximumBytes || pictures_.size() > kMaximumPictures) {
    Clear();
  }
}

void GopCache::Clear() {
  pictures_.clear();  // keeps its capacity
  bytes_ = 0;
}

}  // namespace pistream
