// SIGINT, SIGTERM and SIGHUP as events to wait for.
#pragma once

#include <atomic>
#include <csignal>
#include <optional>
#include <thread>

#include "src/base/mutex.h"
#include "src/base/thread_annotations.h"

namespace pistream {

// To be created on the main thread before any other thread is started: threads inherit the blocked
// signals, so that only this class's own thread receives them.
//
// The first SIGINT or SIGTERM is an event. A second one, whatever the program is doing (opening a
// camera that hangs, or stopping), ends the process at once, as that signal does by default.
class Signals {
 public:
  enum class Hangup {
    kReloads,  // SIGHUP is an event
    kEnds,     // SIGHUP is left as it is: unless ignored, it ends the process
  };

  struct Event {
    enum class Kind { kStop, kReload };
    Kind kind;
    int signal;

    bool operator==(const Event&) const = default;
  };

  explicit Signals(Hangup hangup);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // Returns the next event. Several SIGHUPs before a call are one event; once there is a kStop,
  // every call returns it. One thread calls it.
  Event Await();

 private:
  void Receive();
  void OnSignal(int signal);

  sigset_t signals_{};
  sigset_t before_{};
  std::atomic<bool> is_over_ = false;
  Mutex mutex_;
  ConditionVariable changed_;
  bool must_reload_ PISTREAM_GUARDED_BY(mutex_) = false;
  std::optional<int> stop_ PISTREAM_GUARDED_BY(mutex_);  // the signal
  std::thread thread_;
};

}  // namespace pistream
