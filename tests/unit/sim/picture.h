// A picture in memory that the painters of sim/ can paint, with bytes around its rows to watch.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/planes.h"
#include "src/media/video_format.h"

namespace pistream::sim {

class Picture {
 public:
  static constexpr int kPadding = 6;  // bytes after each row

  explicit Picture(Size size, uint8_t fill = 0) : size_(size) {
    for (size_t plane = 0; plane < 3; ++plane) {
      const auto bytes = static_cast<size_t>(Stride(plane)) * static_cast<size_t>(Height(plane));
      bytes_[plane].assign(bytes, fill);
    }
  }

  MutablePlanes Planes() {
    return {MutablePlane{bytes_[0].data(), Stride(0)}, MutablePlane{bytes_[1].data(), Stride(1)},
            MutablePlane{bytes_[2].data(), Stride(2)}};
  }

  int Width(size_t plane) const { return plane == 0 ? size_.width : size_.width / 2; }
  int Height(size_t plane) const { return plane == 0 ? size_.height : size_.height / 2; }
  int Stride(size_t plane) const { return Width(plane) + kPadding; }
  Size size() const { return size_; }

  uint8_t At(size_t plane, int x, int y) const {
    return bytes_[plane][static_cast<size_t>(y) * static_cast<size_t>(Stride(plane)) +
                         static_cast<size_t>(x)];
  }
  Colour ColourAt(int x, int y) const {
    return {At(0, x, y), At(1, x / 2, y / 2), At(2, x / 2, y / 2)};
  }

  bool operator==(const Picture& other) const { return bytes_ == other.bytes_; }

  // FNV-1a of all pixels.
  uint32_t Hash() const {
    uint32_t hash = 0x811c9dc5;
    for (size_t plane = 0; plane < 3; ++plane) {
      for (int y = 0; y < Height(plane); ++y) {
        for (int x = 0; x < Width(plane); ++x) {
          hash = (hash ^ At(plane, x, y)) * 0x01000193;
        }
      }
    }
    return hash;
  }

 private:
  Size size_;
  std::array<std::vector<uint8_t>, 3> bytes_;
};

}  // namespace pistream::sim
