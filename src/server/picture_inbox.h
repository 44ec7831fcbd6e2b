// From the encoder's thread to one network thread: pictures on their way, and one wake-up for all.
#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

#include "src/media/picture.h"

namespace pistream {

// Thread-safe. Allocates nothing after it was made.
class PictureInbox {
 public:
  // As many as wait at most: a network thread that is further behind than that (it has stood still
  // for seconds) loses them all.
  static constexpr size_t kCapacity = 64;

  struct Batch {
    std::vector<PicturePtr> pictures;  // a null one is a pause
    bool has_lost = false;             // pictures are missing before these
  };

  PictureInbox() { waiting_.pictures.reserve(kCapacity); }

  // Null for a pause. True if the network thread has to be woken: once for all pictures that it
  // takes together.
  bool Put(PicturePtr picture);

  // Swaps the contents of `batch`, which are dropped first, against what waits.
  void Take(Batch& batch);

 private:
  std::mutex mutex_;
  Batch waiting_;
  bool has_woken_ = false;
};

}  // namespace pistream
