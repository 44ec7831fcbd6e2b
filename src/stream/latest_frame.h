// A slot for one frame between the camera and an encoder: the newest frame wins.
#pragma once

#include "src/base/mutex.h"
#include "src/media/frame.h"

namespace pistream {

// Thread-safe: the camera's thread puts, the encoder's takes.
class LatestFrame {
 public:
  // Never blocks for long. Returns whether a frame that was not taken has been displaced; that one
  // is dropped after the lock is released, because dropping re-queues a buffer with the camera.
  bool Put(Frame frame);

  // Blocks until there is a frame or Interrupt() is called. An empty Frame for an interruption,
  // which comes first.
  Frame Take();

  // Wakes a Take under way, or the next one: there is something else to do.
  void Interrupt();

  // Drops the frame in the slot.
  void Drop();

 private:
  Mutex mutex_;
  ConditionVariable changed_;
  Frame frame_ PISTREAM_GUARDED_BY(mutex_);
  bool is_interrupted_ PISTREAM_GUARDED_BY(mutex_) = false;
};

}  // namespace pistream
