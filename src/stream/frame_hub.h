// Distributes the frames of a camera to its encoders: each has a slot for the newest frame.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "src/base/clock.h"
#include "src/base/mutex.h"
#include "src/camera/camera.h"
#include "src/media/frame.h"
#include "src/stream/latest_frame.h"
#include "src/stream/stream_metrics.h"

namespace pistream {

// Thread-safe: the camera's thread delivers, encoders' threads attach and detach their slots.
class FrameHub final : public FrameSink {
 public:
  // Called on the camera's thread, at most once between two calls of OnCameraStarting.
  struct Events {
    std::function<void()> on_first_frame;
    std::function<void(const Error&)> on_lost;
  };

  // References outlive the hub.
  FrameHub(Events events, StreamMetrics& metrics, Clock& clock);
  FrameHub(const FrameHub&) = delete;
  FrameHub& operator=(const FrameHub&) = delete;
  ~FrameHub() override = default;  // no slot is attached

  // Lets `slot` receive all frames from now on. It must exist until its Detach.
  void Attach(LatestFrame& slot);
  // When it returns, `slot` receives no more frames.
  void Detach(LatestFrame& slot);

  // Must be called before the camera starts: its sequence restarts, and its timeout counts from
  // now.
  void OnCameraStarting();

  // The time of the newest frame, or of the camera's start.
  SteadyTime last_sign_of_life() const { return SteadyTime(Duration(last_sign_of_life_.load())); }
  // Whether there has been a frame since the camera's start.
  bool has_delivered() const { return has_delivered_; }

 private:
  void OnFrame(Frame frame) noexcept override;
  void OnCameraLost(const Error& error) noexcept override;
  void Distribute(const Frame& frame);
  void CountLost(uint64_t sequence);

  const Events events_;
  StreamMetrics& metrics_;
  Clock& clock_;
  std::atomic<Duration::rep> last_sign_of_life_;
  std::atomic<bool> has_delivered_ = false;
  // The camera thread's while the camera runs.
  std::optional<uint64_t> last_sequence_;
  std::vector<Frame> displaced_;  // by the frame under way; kept for its memory

  Mutex mutex_;
  std::vector<LatestFrame*> slots_ PISTREAM_GUARDED_BY(mutex_);
};

}  // namespace pistream
