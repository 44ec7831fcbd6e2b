// Pictures whose memory is used again, so that the steady state allocates nothing.
#pragma once

#include <memory>

#include "src/media/picture.h"

namespace pistream {

// Thread-safe. Pictures may outlive the pool.
class PicturePool {
 public:
  PicturePool();

  // An empty picture, with the capacity that its `bytes` had in an earlier life. It comes back to
  // the pool when its last owner lets go.
  std::shared_ptr<Picture> Make();

 private:
  class Store;
  std::shared_ptr<Store> store_;
};

}  // namespace pistream
