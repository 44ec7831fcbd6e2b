// A FrameSink that writes down what it was given, and may keep it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "src/camera/camera.h"

namespace pistream {

// Thread-safe: the camera's thread fills it, the test's reads it.
class RecordingSink final : public FrameSink {
 public:
  struct Note {
    uint64_t sequence = 0;
    SteadyTime captured;
    Size size;
    bool has_planes = false;
  };

  void OnFrame(Frame frame) noexcept override {
    Frame dying;  // after the lock is let go: a frame's death calls back into the camera
    std::lock_guard lock(mutex_);
    notes_.push_back({frame.sequence(), frame.captured(), frame.size(), HasPlanes(frame)});
    if (keeps_frames_) {
      kept_.push_back(std::move(frame));
    } else {
      dying = std::move(frame);
    }
    changed_.notify_all();
  }

  void OnCameraLost(const Error& error) noexcept override {
    std::lock_guard lock(mutex_);
    losses_.push_back(error.message);
    changed_.notify_all();
  }

  // From now on frames are kept, or dropped as they come.
  void KeepFrames(bool keeps) {
    std::lock_guard lock(mutex_);
    keeps_frames_ = keeps;
  }

  // The frames kept so far; the sink then has none.
  std::vector<Frame> TakeFrames() {
    std::lock_guard lock(mutex_);
    return std::exchange(kept_, {});
  }

  std::vector<Note> Notes() const {
    std::lock_guard lock(mutex_);
    return notes_;
  }
  size_t FrameCount() const {
    std::lock_guard lock(mutex_);
    return notes_.size();
  }
  std::vector<std::string> Losses() const {
    std::lock_guard lock(mutex_);
    return losses_;
  }

  // Blocks until there is a frame or a loss more than the caller knows of, or `timeout` is over.
  void AwaitChange(size_t known_frames, size_t known_losses, Duration timeout) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, timeout, [&] {
      return notes_.size() > known_frames || losses_.size() > known_losses;
    });
  }

 private:
  static bool HasPlanes(const Frame& frame) {
    const FrameView view(frame);
    const Planes& planes = view.planes();
    const int width = frame.size().width;
    if (planes[0].data == nullptr || planes[0].stride < width) {
      return false;
    }
    return frame.info().layout != PixelLayout::kI420 ||
           (planes[1].data != nullptr && planes[1].stride >= width / 2 &&
            planes[2].data != nullptr && planes[2].stride >= width / 2);
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool keeps_frames_ = false;
  std::vector<Frame> kept_;
  std::vector<Note> notes_;
  std::vector<std::string> losses_;
};

}  // namespace pistream
