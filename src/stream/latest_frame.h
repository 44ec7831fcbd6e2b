// A slot for one frame between the camera and an encoder: the newest frame wins.
#pragma once

#include "src/base/mutex.h"
#include "src/media/frame.h"

namespace pistream {

// Thread-safe: the camera's thread puts, the encoder's takes.
class LatestFrame {
 public:
  // Never blocks for long. Returns whether a frame that was not taken has been displaced. That
  // frame is released after the lock, because releasing it queues its buffer with the camera.
  bool Put(Frame frame);

  // Blocks until there is a frame or Interrupt() is called. Returns an empty Frame for an
  // interruption, even if there is a frame.
  Frame Take();

  // Interrupts the current Take, or the next one.
  void Interrupt();

  // Drops the frame in the slot.
  void Drop();

 private:
  Mutex mutex_;
  PlainConditionVariable changed_;
  Frame frame_ PISTREAM_GUARDED_BY(mutex_);
  bool is_interrupted_ PISTREAM_GUARDED_BY(mutex_) = false;
};

}  // namespace pistream
