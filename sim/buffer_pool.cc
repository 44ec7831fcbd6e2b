#include "sim/buffer_pool.h"

#include <bit>
#include <cstring>

namespace pistream::sim {
namespace {

int Aligned(int bytes) {
  constexpr int kMask = BufferPool::kAlignment - 1;
  return (bytes + kMask) & ~kMask;
}

}  // namespace

BufferPool::BufferPool(Size size)
    : strides_{Aligned(size.width), Aligned(size.width / 2), Aligned(size.width / 2)} {
  const std::array<int, 3> rows{size.height, size.height / 2, size.height / 2};
  for (size_t plane = 0; plane < rows.size(); ++plane) {
    offsets_[plane] = slot_bytes_;
    slot_bytes_ += static_cast<size_t>(strides_[plane]) * static_cast<size_t>(rows[plane]);
  }
  bytes_.reset(
      static_cast<uint8_t*>(::operator new(slot_bytes_ * kSlots, std::align_val_t{kAlignment})));
  // The bytes between a row's end and the next are read by SIMD code: let them be defined.
  std::memset(bytes_.get(), 0, slot_bytes_ * kSlots);
}

std::optional<int> BufferPool::Acquire() {
  uint32_t free = free_slots_.load(std::memory_order_relaxed);
  while (free != 0) {
    const uint32_t without_lowest = free & (free - 1);
    // Acquire: whoever released the slot has finished reading it.
    if (free_slots_.compare_exchange_weak(free, without_lowest, std::memory_order_acquire,
                                          std::memory_order_relaxed)) {
      return std::countr_zero(free);
    }
  }
  return std::nullopt;
}

void BufferPool::Release(int slot) noexcept {
  free_slots_.fetch_or(1U << slot, std::memory_order_release);
}

MutablePlanes BufferPool::planes(int slot) const {
  uint8_t* const base = bytes_.get() + static_cast<size_t>(slot) * slot_bytes_;
  MutablePlanes planes;
  for (size_t plane = 0; plane < planes.size(); ++plane) {
    planes[plane] = {.data = base + offsets_[plane], .stride = strides_[plane]};
  }
  return planes;
}

}  // namespace pistream::sim
