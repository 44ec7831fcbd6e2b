// A raw frame of a camera, in the camera's buffer.
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
  // Increases by one with each frame of the camera, including lost ones, which leave a gap.
  uint64_t sequence = 0;
  // The start of the exposure, as far as the camera knows it. Strictly increasing.
  SteadyTime captured = {};
};

// A handle to an immutable frame. Copies share the frame; destroying the last one, on any thread,
// returns the buffer to the camera. Copying allocates nothing. Different handles to a frame may be
// used on different threads. An empty handle (default-constructed or moved-from) can only be tested
// with `bool`.
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

// The memory of frames: a fixed number of slots, each with a buffer. Implemented by cameras and
// owned by a shared_ptr: frames share the ownership, so that the memory may outlive the camera.
// Thread-safe.
class FramePool : public std::enable_shared_from_this<FramePool> {
 public:
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;
  virtual ~FramePool();

 protected:
  explicit FramePool(int slots);

  // Creates the first handle to the frame in `slot`, which must not be lent already. Allocates
  // nothing.
  Frame Lend(int slot, const FrameInfo& info, const Planes& planes);

 private:
  friend class Frame;
  friend class FrameView;

  // Called before the first of concurrent reads of a slot's pixels by the CPU, and after the last
  // one. One call at a time for each slot; only while its frame is lent.
  virtual void BeginRead(int /*slot*/) noexcept {}
  virtual void EndRead(int /*slot*/) noexcept {}

  // Called once for each lent frame, on the thread that releases the last handle, possibly after
  // the camera has stopped. The slot may be lent again from then on. Must not block for long.
  virtual void Release(int slot) noexcept = 0;

  void AddReader(Frame::Record& record) noexcept;
  void RemoveReader(Frame::Record& record) noexcept;
  static void TakeBack(Frame::Record& record) noexcept;

  const std::unique_ptr<Frame::Record[]> records_;  // by slot
};

// Gives the CPU read access to the pixels of a frame while the view exists.
class FrameView {
 public:
  // Precondition: `frame` is not empty. The view keeps the frame.
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
