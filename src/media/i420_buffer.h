// Memory for one I420 picture.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include "src/media/plane.h"
#include "src/media/video_format.h"

namespace pistream {

// Allocated once and zeroed; planes and rows are aligned to kAlignment for SIMD code. Move-only.
class I420Buffer {
 public:
  static constexpr int kAlignment = 64;  // bytes

  I420Buffer() = default;  // of no size
  explicit I420Buffer(Size size);

  Size size() const { return size_; }
  MutablePlanes planes();
  Planes planes() const;

 private:
  struct Free {
    void operator()(uint8_t* bytes) const {
      ::operator delete(bytes, std::align_val_t{kAlignment});
    }
  };

  Size size_;
  std::array<int, 3> strides_{};
  std::array<size_t, 3> offsets_{};  // of the planes, bytes
  std::unique_ptr<uint8_t, Free> bytes_;
};

}  // namespace pistream
