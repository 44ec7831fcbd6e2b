// One raw picture from a camera, on loan from the camera's own buffers.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include "src/base/clock.h"
#include "src/media/video_format.h"

namespace pistream {

// Where a Frame's pixels live; implemented by cameras. Shared by all frames of a camera, so that
// the memory outlives the camera while a frame is still out.
class FramePool {
 public:
  virtual ~FramePool() = default;

  // Called once for each frame, from whichever thread drops it, also after the camera has stopped
  // (then there is nothing left to refill). Never blocks for long, never throws.
  virtual void Release(int slot) noexcept = 0;
};

// One 8-bit plane, read-only. Rows are `stride` bytes apart, stride >= the row's width.
struct Plane {
  const uint8_t* data = nullptr;
  int stride = 0;  // bytes
};

// Move-only. I420: planes Y, U, V; chroma is half the size both ways; limited range, BT.601.
// Dropping the Frame gives its buffer back to the camera. An empty Frame (default-made or moved
// from) holds nothing.
class Frame {
 public:
  struct Contents {
    Size size;
    std::array<Plane, 3> planes;
    // Rises by one with each frame the camera made, counting those that never got this far: a gap
    // is a loss.
    uint64_t sequence = 0;
    // When the exposure began, as near as the camera can tell. Rises strictly.
    SteadyTime captured;
  };

  Frame() = default;
  // `slot` is handed back to pool->Release() when the frame dies.
  Frame(const Contents& contents, std::shared_ptr<FramePool> pool, int slot)
      : contents_(contents), pool_(std::move(pool)), slot_(slot) {}
  Frame(Frame&& other) noexcept = default;
  Frame& operator=(Frame&& other) noexcept {
    Frame dying(std::move(*this));
    contents_ = other.contents_;
    pool_ = std::move(other.pool_);
    slot_ = other.slot_;
    return *this;
  }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  ~Frame() {
    if (pool_) {
      pool_->Release(slot_);
    }
  }

  explicit operator bool() const { return pool_ != nullptr; }

  Size size() const { return contents_.size; }
  const std::array<Plane, 3>& planes() const { return contents_.planes; }
  uint64_t sequence() const { return contents_.sequence; }
  SteadyTime captured() const { return contents_.captured; }

 private:
  Contents contents_;
  std::shared_ptr<FramePool> pool_;
  int slot_ = 0;
};

}  // namespace pistream
