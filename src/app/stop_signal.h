// SIGINT and SIGTERM as an event to wait for.
#pragma once

#include <csignal>

namespace pistream {

// To be made on the main thread before any other is started: threads inherit the blocked signals,
// so that only Await() receives them. A second signal, while the program stops, ends it at once.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Returns the signal's number.
  int Await();

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

}  // namespace pistream
