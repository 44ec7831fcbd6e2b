// Calls a function on an io_context's thread when another thread asks for it.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <functional>

#include "src/net/handler_memory.h"

namespace pistream {

// asio::post interrupts the io_context with a lock held, and the thread that wakes waits for that
// lock: two more system calls on each of the two threads (docs/decisions/0009). This one writes to
// an eventfd. It allocates nothing after it was created.
//
// Belongs to the io_context's thread, except Notify.
class WakeUp {
 public:
  // `on_wake` is called on the thread that runs `io`, at least once after each Notify. `io`
  // outlives this, and `memory` outlives `io`. Throws if the system has no descriptor left, as
  // io_context does.
  WakeUp(boost::asio::io_context& io, HandlerMemory& memory, std::function<void()> on_wake);
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;
  ~WakeUp() = default;

  // Any thread. Calls before on_wake runs count as one.
  void Notify() noexcept;

 private:
  void Await();

  HandlerMemory& memory_;
  const std::function<void()> on_wake_;
  std::atomic<bool> is_notified_ = false;
  uint64_t count_ = 0;  // read from the eventfd; is_notified_ says all there is to know
  const int fd_;
  boost::asio::posix::stream_descriptor event_;  // owns fd_
};

}  // namespace pistream
