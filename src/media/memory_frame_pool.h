// Frames in the program's memory, for cameras that generate their pixels.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "src/media/frame.h"
#include "src/media/i420_buffer.h"

namespace pistream {

// I420 buffers of one size, limited range, BT.601. Thread-safe and lock-free: the camera acquires
// buffers, and the thread that releases the last handle to a frame returns its buffer.
class MemoryFramePool final : public FramePool {
 public:
  // `slots`: from 1 to 32.
  MemoryFramePool(Size size, int slots);

  // Acquires a buffer exclusively, until Lend or Release; nothing if all are in use.
  std::optional<int> Acquire();

  // Precondition: `slot` is acquired.
  MutablePlanes planes(int slot) { return buffers_[static_cast<size_t>(slot)].planes(); }

  // The frame in an acquired slot.
  Frame Lend(int slot, uint64_t sequence, SteadyTime captured);

  void Release(int slot) noexcept override;

 private:
  std::vector<I420Buffer> buffers_;
  std::atomic<uint32_t> free_slots_;  // one bit each
};

}  // namespace pistream
