// A slot of one between the camera and the encoder: the newest frame wins.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "src/base/clock.h"
#include "src/media/frame.h"

namespace pistream {

// Thread-safe: the camera's thread puts, the encoder's takes.
class LatestFrame {
 public:
  // `clock` outlives the slot.
  explicit LatestFrame(Clock& clock) : clock_(clock) {}

  // Never blocks for long. Returns whether a frame that was not taken has been displaced; that one
  // is dropped after the lock is released, because dropping re-queues a buffer with the camera.
  bool Put(Frame frame);

  // Blocks until there is a frame, the time is up, Interrupt() is called or stop is requested; the
  // last three return an empty Frame.
  Frame Take(SteadyTime deadline, std::stop_token stop);

  // Wakes a Take under way, or the next one: there is something else to see to.
  void Interrupt();

  // Drops what is in the slot, and an interruption no Take has seen.
  void Clear();

 private:
  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  Frame frame_;
  bool interrupted_ = false;
};

}  // namespace pistream
