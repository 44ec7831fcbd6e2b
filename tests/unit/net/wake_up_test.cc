#include "src/net/wake_up.h"

#include <boost/asio/io_context.hpp>
#include <memory>
#include <thread>

#include "gtest/gtest.h"

namespace pistream {
namespace {

TEST(WakeUpTest, Notify_AnotherThread_CallsOnTheContextsThread) {
  HandlerMemory memory;
  boost::asio::io_context io;
  std::thread::id called_on;
  WakeUp wake_up(io, memory, [&] {
    called_on = std::this_thread::get_id();
    io.stop();
  });
  std::thread other([&] { wake_up.Notify(); });
  io.run();
  other.join();
  EXPECT_EQ(called_on, std::this_thread::get_id());
}

TEST(WakeUpTest, Notify_SeveralTimesBeforeTheCall_CallsOnce) {
  HandlerMemory memory;
  boost::asio::io_context io;
  int calls = 0;
  WakeUp wake_up(io, memory, [&] { ++calls; });
  wake_up.Notify();
  wake_up.Notify();
  io.poll();
  EXPECT_EQ(calls, 1);
}

TEST(WakeUpTest, Notify_WithinTheCall_CallsAgain) {
  HandlerMemory memory;
  boost::asio::io_context io;
  int calls = 0;
  WakeUp* notified = nullptr;
  WakeUp wake_up(io, memory, [&] {
    if (++calls < 3) {
      notified->Notify();
    } else {
      io.stop();
    }
  });
  notified = &wake_up;
  wake_up.Notify();
  io.run();
  EXPECT_EQ(calls, 3);
}

TEST(WakeUpTest, Destroyed_AfterNotify_IsNotCalled) {
  HandlerMemory memory;
  boost::asio::io_context io;
  int calls = 0;
  auto wake_up = std::make_unique<WakeUp>(io, memory, [&] { ++calls; });
  wake_up->Notify();
  wake_up.reset();
  io.poll();
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace pistream
