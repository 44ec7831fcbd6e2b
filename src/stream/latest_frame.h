// A slot for one frame between the camera and an encoder: the newest frame wins.
#pragma once

#include "src/base/mutex.h"
#include "src/media/frame.h"

namespace pistream {

// Thread-safe: the camera's thread puts, the encoder's takes.
class LatestFrame {
 public:
  // Never blocks for long. Returns the frame that was in the slot, not taken and now displaced;
  // empty if there was none. The caller releases it, after its own locks: releasing a frame queues
  // its buffer with the camera.
  [[nodiscard]] Frame Put(Frame frame);

  // Blocks until there is a frame or Interrupt() is called. Returns an empty Frame for an
  // interruption, even if there is a frame.
  Frame Take();

  // Interrupts the current Take, or the next one.
  void Interrupt();

  // Drops the frame in the slot. Releases it after the lock.
  void Drop();

 private:
  Mutex mutex_;
  PlainConditionVariable changed_;
  Frame frame_ PISTREAM_GUARDED_BY(mutex_);
  bool is_interrupted_ PISTREAM_GUARDED_BY(mutex_) = false;
};

}  // namespace pistream
