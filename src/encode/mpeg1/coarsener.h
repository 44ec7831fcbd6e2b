// Takes detail out of a frame, for pictures that no quantiser can make small enough.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "src/media/plane.h"
#include "src/media/video_format.h"

namespace pistream {

// Owns one picture's memory, made on first use and used again. Not thread-safe.
class Coarsener {
 public:
  explicit Coarsener(Size size) : size_(size) {}

  // From here on every plane is of one colour.
  int flat() const;

  // The frame in squares of 2^coarseness pixels of a plane, each of its mean colour. The planes
  // live until the next call; coarseness 0 gives `planes` back.
  Planes Coarsen(const Planes& planes, int coarseness);

 private:
  Size size_;
  std::array<std::vector<uint8_t>, 3> memory_;
};

}  // namespace pistream
