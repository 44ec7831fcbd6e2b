// Pictures of our own, for cameras whose pixels have to be converted.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "src/convert/pixel_converter.h"
#include "src/media/frame.h"

namespace pistream {

// A fixed number of I420 pictures. Thread-safe.
class I420Pool final : public FramePool {
 public:
  I420Pool(Size size, int pictures);

  // A picture to fill, for a Frame to hold (or Release); nothing while all are out.
  std::optional<int> Take();

  // Valid until the slot is released.
  std::array<WritablePlane, 3> Writable(int slot);
  std::array<Plane, 3> Readable(int slot) const;

  void Release(int slot) noexcept override;

 private:
  struct alignas(64) Line {
    std::array<uint8_t, 64> bytes;
  };

  const Size size_;
  const int luma_stride_;
  const int chroma_stride_;
  std::vector<std::vector<Line>> pictures_;
  std::mutex mutex_;
  std::vector<int> free_;
};

}  // namespace pistream
