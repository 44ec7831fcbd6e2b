// The content of a simulated camera's pictures.
#pragma once

#include <cstdint>

#include "sim/planes.h"
#include "src/base/clock.h"

namespace pistream::sim {

struct Flips {
  bool horizontal = false;
  bool vertical = false;
};

// Immutable: cameras on several threads may share a painter.
class Painter {
 public:
  virtual ~Painter() = default;

  // Paints the whole picture of frame `sequence`. Allocates nothing.
  virtual void Paint(uint64_t sequence, SteadyTime captured, Flips flips,
                     const MutablePlanes& planes) const = 0;
};

}  // namespace pistream::sim
