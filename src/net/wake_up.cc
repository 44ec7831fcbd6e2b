#include "src/net/wake_up.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <utility>

namespace pistream {

namespace asio = boost::asio;

WakeUp::WakeUp(asio::io_context& io, HandlerMemory& memory, std::function<void()> on_wake)
    : memory_(memory),
      on_wake_(std::move(on_wake)),
      fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      event_(io, fd_) {
  Await();
}

void WakeUp::Notify() noexcept {
  if (!is_notified_.exchange(true)) {
    const uint64_t one = 1;
    // It cannot fail: the count stays far below its limit.
    [[maybe_unused]] const ssize_t written = write(fd_, &one, sizeof one);
  }
}

void WakeUp::Await() {
  event_.async_read_some(
      asio::buffer(&count_, sizeof count_),
      asio::bind_allocator(HandlerAllocator<std::byte>(memory_),
                           [this](const boost::system::error_code& error, size_t /*bytes*/) {
                             if (error) {
                               return;  // `this` is gone
                             }
                             is_notified_ = false;
                             on_wake_();
                             Await();
                           }));
}

}  // namespace pistream
