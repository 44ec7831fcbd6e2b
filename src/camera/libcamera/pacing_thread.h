// A CameraPacer and the thread that gives a throttled camera its buffers in time.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <thread>

#include "src/base/clock.h"
#include "src/base/mutex.h"
#include "src/base/thread_annotations.h"
#include "src/camera/libcamera/camera_pacer.h"

namespace pistream {

// Thread-safe, but for Start and Stop, which have one caller.
class PacingThread {
 public:
  // Called on the thread for each deadline of a throttled camera that was reached, with the number
  // of deadlines missed since the one before.
  using OnDeadline = std::function<void(int64_t missed)>;

  // `clock` outlives this.
  PacingThread(CameraPacer pacer, OnDeadline on_deadline, Clock& clock);

  // The thread sleeps until the camera is throttled.
  void Start();
  // No call is under way or to come when it returns. Harmless when stopped.
  void Stop();

  // These are the pacer's.
  bool Accept(SteadyTime captured);
  bool is_throttled() const;
  bool is_free_running() const;

 private:
  void Run(const std::stop_token& stop);

  Clock& clock_;
  const OnDeadline on_deadline_;
  mutable Mutex mutex_;
  ConditionVariable throttled_;
  CameraPacer pacer_ PISTREAM_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace pistream
