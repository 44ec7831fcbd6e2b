// Reduces a frame to blocks of one colour each, for pictures that exceed their limit even at the
// coarsest quantiser.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "src/media/plane.h"
#include "src/media/video_format.h"

namespace pistream {

// Owns the memory of one picture, allocated on first use and then reused. Not thread-safe.
class Pixelator {
 public:
  explicit Pixelator(Size size) : size_(size) {}

  // The smallest power of two that covers the picture: with it every plane has a single colour.
  int LargestBlockSize() const;

  // Replaces each square of `block_size` by `block_size` samples of a plane with its mean. The
  // returned planes are valid until the next call; with a block size of 1 they are `planes`.
  Planes Pixelate(const Planes& planes, int block_size);

 private:
  Size size_;
  std::array<std::vector<uint8_t>, 3> memory_;
};

}  // namespace pistream
