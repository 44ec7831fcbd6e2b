// From one camera to its encoders: each has a slot that holds the newest frame.
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
  // What the camera's thread calls, at most once between two calls of OnCameraStarting.
  struct Events {
    std::function<void()> on_first_frame;
    std::function<void(const Error&)> on_lost;
  };

  // References outlive the hub.
  FrameHub(Events events, StreamMetrics& metrics, Clock& clock);
  FrameHub(const FrameHub&) = delete;
  FrameHub& operator=(const FrameHub&) = delete;
  ~FrameHub() override = default;  // no slot is attached

  // `slot` gets each frame from now on; it outlives its Detach.
  void Attach(LatestFrame& slot);
  // When it returns, `slot` gets no more frames.
  void Detach(LatestFrame& slot);

  // The camera is about to start: its sequence begins again, and its silence is counted from now.
  void OnCameraStarting();

  // When the newest frame came, or the camera was started.
  SteadyTime last_sign_of_life() const { return SteadyTime(Duration(last_sign_of_life_.load())); }
  // Whether a frame has come since the camera was started.
  bool has_delivered() const { return has_delivered_; }

 private:
  void OnFrame(Frame frame) noexcept override;
  void OnCameraLost(const Error& error) noexcept override;
  void CountLost(uint64_t sequence);

  const Events events_;
  StreamMetrics& metrics_;
  Clock& clock_;
  std::atomic<Duration::rep> last_sign_of_life_;
  std::atomic<bool> has_delivered_ = false;
  std::optional<uint64_t> last_sequence_;  // the camera thread's while the camera runs
  Mutex mutex_;
  std::vector<LatestFrame*> slots_ PISTREAM_GUARDED_BY(mutex_);
};

}  // namespace pistream
