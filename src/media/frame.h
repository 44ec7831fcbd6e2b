// One raw frame from a camera, in the camera's own buffer.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "src/base/clock.h"
#include "src/media/pixel_layout.h"
#include "src/media/plane.h"
#include "src/media/video_format.h"

namespace pistream {

class FramePool;

struct FrameInfo {
  Size size = {};
  PixelLayout layout = PixelLayout::kI420;
  ColorSpace color_space = {};
  // Rises by one with each frame the camera made, counting those that never got this far: a gap
  // is a loss.
  uint64_t sequence = 0;
  // When the exposure began, as near as the camera can tell. Rises strictly.
  SteadyTime captured = {};
};

// A handle to an immutable frame. Copies share it; the last one to die, on whichever thread, gives
// the buffer back to the camera. Copying allocates nothing. Distinct handles to one frame may be
// used on distinct threads. An empty handle (default-made or moved from) holds nothing, and only
// its `bool` may be asked for.
class Frame {
 public:
  Frame() = default;
  Frame(const Frame& other) noexcept;
  Frame(Frame&& other) noexcept : record_(std::exchange(other.record_, nullptr)) {}
  Frame& operator=(const Frame& other) noexcept { return *this = Frame(other); }
  Frame& operator=(Frame&& other) noexcept {
    Frame moved(std::move(other));
    std::swap(record_, moved.record_);
    return *this;
  }
  ~Frame();

  explicit operator bool() const { return record_ != nullptr; }

  const FrameInfo& info() const;
  Size size() const { return info().size; }
  uint64_t sequence() const { return info().sequence; }
  SteadyTime captured() const { return info().captured; }

 private:
  friend class FramePool;
  friend class FrameView;
  struct Record;

  explicit Frame(Record* record) : record_(record) {}

  Record* record_ = nullptr;
};

// Where frames' pixels live: a fixed number of slots, each with a buffer. Implemented by cameras
// and held by a shared_ptr: frames keep it, so that the memory outlives the camera while one is
// still out. Thread-safe.
class FramePool : public std::enable_shared_from_this<FramePool> {
 public:
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;
  virtual ~FramePool();

 protected:
  explicit FramePool(int slots);

  // The first handle to the frame in `slot`, which is not out already. Allocates nothing.
  Frame Lend(int slot, const FrameInfo& info, const Planes& planes);

 private:
  friend class Frame;
  friend class FrameView;

  // Around the time in which the CPU reads a slot's pixels, however many read at once. One call at
  // a time for each slot; never without a frame out.
  virtual void BeginRead(int /*slot*/) noexcept {}
  virtual void EndRead(int /*slot*/) noexcept {}

  // Called once for each frame lent, from whichever thread drops it last, also after the camera
  // has stopped (then there is nothing left to refill). From then on the slot may be lent again.
  // Must not block for long.
  virtual void Release(int slot) noexcept = 0;

  void AddReader(Frame::Record& record) noexcept;
  void RemoveReader(Frame::Record& record) noexcept;
  static void TakeBack(Frame::Record& record) noexcept;

  const std::unique_ptr<Frame::Record[]> records_;  // by slot
};

// The pixels of a frame, for the CPU to read while the view exists.
class FrameView {
 public:
  // Precondition: `frame` holds a frame; the view keeps it.
  explicit FrameView(Frame frame);
  FrameView(FrameView&& other) noexcept = default;
  FrameView& operator=(FrameView&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  FrameView(const FrameView&) = delete;
  FrameView& operator=(const FrameView&) = delete;
  ~FrameView();

  const FrameInfo& info() const { return frame_.info(); }
  const Planes& planes() const;

 private:
  Frame frame_;  // empty: moved from
};

}  // namespace pistream
