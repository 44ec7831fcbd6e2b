// A slot of one between the camera and the encoder: the newest frame wins.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

#include "src/media/frame.h"

namespace pistream {

// Thread-safe: the camera's thread puts, the encoder's takes.
class LatestFrame {
 public:
  // Never blocks for long. A frame that was not taken is displaced: counted, and dropped after the
  // lock is released, because dropping re-queues a buffer with the camera.
  void Put(Frame frame);

  // Blocks until there is a frame, the time is up, Interrupt() is called or stop is requested; the
  // last three return an empty Frame.
  Frame Take(std::chrono::nanoseconds patience, std::stop_token stop);

  // Wakes a Take under way, or the next one: there is something else to see to.
  void Interrupt();

  // Drops what is in the slot.
  void Clear();

  // Frames displaced since the start.
  uint64_t displaced() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  Frame frame_;
  bool interrupted_ = false;
  uint64_t displaced_ = 0;
};

}  // namespace pistream
