// SIGINT and SIGTERM as an event to wait for.
#pragma once

#include <atomic>
#include <csignal>
#include <future>
#include <thread>

namespace pistream {

// To be made on the main thread before any other is started: threads inherit the blocked signals,
// so that only a thread of its own receives them. The first signal is what Await() returns; a
// second one, whatever the program is doing (opening a camera that hangs, or stopping), ends it at
// once.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Returns the signal's number. To be called once.
  int Await();

 private:
  void Receive();

  sigset_t signals_{};
  sigset_t before_{};
  std::atomic<bool> is_over_ = false;
  std::promise<int> first_;
  std::thread thread_;
};

}  // namespace pistream
