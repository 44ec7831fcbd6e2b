// The few buffers a simulated camera paints its frames into.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>

#include "sim/planes.h"
#include "src/media/frame.h"

namespace pistream::sim {

// I420 buffers of one size, allocated once; planes and rows start at multiples of kAlignment.
// Thread-safe, without a lock: the camera acquires, whoever drops a Frame releases.
class BufferPool final : public FramePool {
 public:
  static constexpr int kSlots = 4;
  static constexpr int kAlignment = 64;  // bytes

  explicit BufferPool(Size size);

  // A slot for the caller alone until Release; nothing if all are out.
  std::optional<int> Acquire();
  void Release(int slot) noexcept override;

  // Precondition: `slot` is acquired.
  MutablePlanes planes(int slot) const;

 private:
  struct Free {
    void operator()(uint8_t* bytes) const {
      ::operator delete(bytes, std::align_val_t{kAlignment});
    }
  };

  std::array<int, 3> strides_;
  std::array<size_t, 3> offsets_{};  // of the planes in a slot, bytes
  size_t slot_bytes_ = 0;
  std::unique_ptr<uint8_t, Free> bytes_;
  std::atomic<uint32_t> free_slots_ = (1U << kSlots) - 1;  // one bit each
};

}  // namespace pistream::sim
