#include "src/net/listener.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "gtest/gtest.h"
#include "src/base/fake_clock.h"
#include "src/net/plain_transport.h"

namespace pistream {
namespace {

namespace asio = boost::asio;

std::unique_ptr<Transport> MakePlain(Socket socket) {
  return std::make_unique<PlainTransport>(std::move(socket));
}

class ListenerTest : public testing::Test {
 protected:
  asio::io_context io_;
  FakeClock clock_;
  Metrics registry_;
  prometheus::Counter& accept_errors_ = AcceptErrorsCounter(registry_);
};

// From now on this thread's system has no IPv6, as with ipv6.disable=1 on the kernel's command
// line. False if the system cannot be told so (qemu).
bool TakeIpv6Away() {
  std::array<sock_filter, 6> filter = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program{.len = filter.size(), .filter = filter.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

bool CanConnect(const asio::ip::address& address, uint16_t port) {
  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  boost::system::error_code error;
  socket.connect({address, port}, error);
  return !error;
}

TEST_F(ListenerTest, BothFamilies_WhereThereIsIpv6) {
  Listener listener(io_, MakePlain, accept_errors_, clock_);
  const auto bound = listener.Bind(asio::ip::address_v6::any(), 0, "--port");
  ASSERT_TRUE(bound) << bound.error().message;
  EXPECT_TRUE(CanConnect(asio::ip::address_v4::loopback(), listener.port()));
}

TEST_F(ListenerTest, AnyAddress_WithoutIpv6_IsIpv4s) {
  bool is_skipped = false;
  std::thread([&] {  // a filter is its thread's for good
    if (!TakeIpv6Away()) {
      is_skipped = true;
      return;
    }
    Listener listener(io_, MakePlain, accept_errors_, clock_);
    const auto bound = listener.Bind(asio::ip::address_v6::any(), 0, "--port");
    ASSERT_TRUE(bound) << bound.error().message;
    EXPECT_TRUE(CanConnect(asio::ip::address_v4::loopback(), listener.port()));
    Listener loopback(io_, MakePlain, accept_errors_, clock_);
    EXPECT_FALSE(loopback.Bind(asio::ip::address_v6::loopback(), 0, "--port"))
        << "only :: has a counterpart";
  })
      .join();
  if (is_skipped) {
    GTEST_SKIP() << "no seccomp here";
  }
}

TEST_F(ListenerTest, PortInUse_IsToldWithTheOption) {
  Listener first(io_, MakePlain, accept_errors_, clock_);
  ASSERT_TRUE(first.Bind(asio::ip::address_v4::loopback(), 0, "--port"));
  Listener second(io_, MakePlain, accept_errors_, clock_);
  const auto bound = second.Bind(asio::ip::address_v4::loopback(), first.port(), "--ws-port");
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().message,
            "port " + std::to_string(first.port()) +
                " of 127.0.0.1 is in use by another program: choose another with --ws-port");
}

TEST_F(ListenerTest, AddressOfAnotherMachine_IsToldSo) {
  Listener listener(io_, MakePlain, accept_errors_, clock_);
  const auto bound = listener.Bind(asio::ip::make_address("192.0.2.1"), 0, "--port");
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().message,
            "192.0.2.1 is not an address of this machine: choose another with --address");
}

}  // namespace
}  // namespace pistream
