#include "src/camera/libcamera/pacing_thread.h"

#include <utility>

#include "src/base/thread_name.h"

namespace pistream {

PacingThread::PacingThread(CameraPacer pacer, OnDeadline on_deadline, Clock& clock)
    : clock_(clock), on_deadline_(std::move(on_deadline)), pacer_(std::move(pacer)) {}

void PacingThread::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void PacingThread::Stop() { thread_ = std::jthread(); }

bool PacingThread::Accept(SteadyTime captured) {
  MutexLock lock(mutex_);
  const bool was_throttled = pacer_.is_throttled();
  const bool is_wanted = pacer_.Accept(captured);
  if (pacer_.is_throttled() != was_throttled) {
    throttled_.NotifyAll();
  }
  return is_wanted;
}

bool PacingThread::is_throttled() const {
  MutexLock lock(mutex_);
  return pacer_.is_throttled();
}

bool PacingThread::is_free_running() const {
  MutexLock lock(mutex_);
  return pacer_.is_free_running();
}

void PacingThread::Run(const std::stop_token& stop) {
  SetThreadName("camera-pacer");
  MutexLock lock(mutex_);
  const auto is_throttled = [this]() PISTREAM_REQUIRES(mutex_) { return pacer_.is_throttled(); };
  while (throttled_.Wait(mutex_, stop, is_throttled)) {
    const SteadyTime deadline = pacer_.NextDeadline();
    lock.Unlock();
    if (!clock_.SleepUntil(deadline, stop)) {
      return;
    }
    lock.Lock();
    const int64_t missed = pacer_.Pass(clock_.Now());
    lock.Unlock();
    on_deadline_(missed);
    lock.Lock();
  }
}

}  // namespace pistream
