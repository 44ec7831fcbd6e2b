#include "src/convert/i420_pool.h"

#include <cstddef>

namespace pistream {
namespace {

// libswscale writes whole vectors.
int RoundUp(int bytes) { return (bytes + 63) / 64 * 64; }

}  // namespace

I420Pool::I420Pool(Size size, int pictures)
    : size_(size), luma_stride_(RoundUp(size.width)), chroma_stride_(RoundUp(size.width / 2)) {
  const auto bytes = static_cast<size_t>(luma_stride_) * static_cast<size_t>(size.height) +
                     static_cast<size_t>(chroma_stride_) * static_cast<size_t>(size.height / 2) * 2;
  for (int slot = 0; slot < pictures; ++slot) {
    pictures_.emplace_back(bytes / sizeof(Line));
    free_.push_back(slot);
  }
}

std::optional<int> I420Pool::Take() {
  std::lock_guard lock(mutex_);
  if (free_.empty()) {
    return std::nullopt;
  }
  const int slot = free_.back();
  free_.pop_back();
  return slot;
}

std::array<WritablePlane, 3> I420Pool::Writable(int slot) {
  uint8_t* const luma = pictures_[static_cast<size_t>(slot)].front().bytes.data();
  uint8_t* const cb = luma + static_cast<ptrdiff_t>(luma_stride_) * size_.height;
  uint8_t* const cr = cb + static_cast<ptrdiff_t>(chroma_stride_) * (size_.height / 2);
  return {{{luma, luma_stride_}, {cb, chroma_stride_}, {cr, chroma_stride_}}};
}

std::array<Plane, 3> I420Pool::Readable(int slot) const {
  const uint8_t* const luma = pictures_[static_cast<size_t>(slot)].front().bytes.data();
  const uint8_t* const cb = luma + static_cast<ptrdiff_t>(luma_stride_) * size_.height;
  const uint8_t* const cr = cb + static_cast<ptrdiff_t>(chroma_stride_) * (size_.height / 2);
  return {{{luma, luma_stride_}, {cb, chroma_stride_}, {cr, chroma_stride_}}};
}

void I420Pool::Release(int slot) noexcept {
  std::lock_guard lock(mutex_);
  free_.push_back(slot);  // never allocates: it has held all of them before
}

}  // namespace pistream
