#include "sim/planes.h"

#include <cstring>

namespace pistream::sim {
namespace {

void FillPlane(const MutablePlane& plane, const Rect& rect, uint8_t value) {
  for (int y = rect.y; y < rect.bottom(); ++y) {
    std::memset(plane.Row(y) + rect.x, value, static_cast<size_t>(rect.width));
  }
}

}  // namespace

void FillRect(const Rect& rect, Colour colour, const MutablePlanes& planes) {
  if (rect.empty()) {
    return;
  }
  const Rect chroma{rect.x / 2, rect.y / 2, rect.width / 2, rect.height / 2};
  FillPlane(planes[0], rect, colour.y);
  FillPlane(planes[1], chroma, colour.u);
  FillPlane(planes[2], chroma, colour.v);
}

}  // namespace pistream::sim
