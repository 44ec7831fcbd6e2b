#include "src/media/memory_frame_pool.h"

#include <bit>
#include <utility>

namespace pistream {

MemoryFramePool::MemoryFramePool(Size size, int slots)
    : FramePool(slots), free_slots_(~uint32_t{0} >> (32 - slots)) {
  buffers_.reserve(static_cast<size_t>(slots));
  for (int slot = 0; slot < slots; ++slot) {
    buffers_.emplace_back(size);
  }
}

std::optional<int> MemoryFramePool::Acquire() {
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

Frame MemoryFramePool::Lend(int slot, uint64_t sequence, SteadyTime captured) {
  const I420Buffer& buffer = buffers_[static_cast<size_t>(slot)];
  return FramePool::Lend(slot, {.size = buffer.size(), .sequence = sequence, .captured = captured},
                         buffer.planes());
}

void MemoryFramePool::Release(int slot) noexcept {
  free_slots_.fetch_or(1U << slot, std::memory_order_release);
}

}  // namespace pistream
