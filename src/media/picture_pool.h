// A pool of pictures that reuses their memory, so that the steady state allocates nothing.
#pragma once

#include <memory>

#include "src/media/picture.h"

namespace pistream {

// Thread-safe. Pictures may outlive the pool.
class PicturePool {
 public:
  PicturePool();

  // Returns an empty picture whose `bytes` have the capacity of an earlier use. It returns to the
  // pool when its last owner releases it.
  std::shared_ptr<Picture> Make();

 private:
  class Store;
  std::shared_ptr<Store> store_;
};

}  // namespace pistream
