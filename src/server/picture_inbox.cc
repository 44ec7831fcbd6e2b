#include "src/server/picture_inbox.h"

#include <utility>

namespace pistream {

bool PictureInbox::Put(PicturePtr picture) {
  const std::lock_guard lock(mutex_);
  if (waiting_.pictures.size() == kCapacity) {
    waiting_.pictures.clear();
    waiting_.has_lost = true;
  }
  waiting_.pictures.push_back(std::move(picture));
  return !std::exchange(has_woken_, true);
}

void PictureInbox::Take(Batch& batch) {
  batch.pictures.clear();
  batch.has_lost = false;
  const std::lock_guard lock(mutex_);
  std::swap(batch, waiting_);
  has_woken_ = false;
}

}  // namespace pistream
