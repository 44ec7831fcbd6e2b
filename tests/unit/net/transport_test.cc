// The promises of src/net/transport.h, of each kind of transport.

#include "src/net/transport.h"

#include <sys/socket.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/metrics/metrics.h"
#include "src/net/faulty_transport.h"
#include "src/net/plain_transport.h"
#include "src/net/socket_options.h"
#include "src/net/tls_transport.h"

namespace pistream {
namespace {

namespace asio = boost::asio;

std::span<const uint8_t> Bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

struct Calls final : TransportHandler {
  void OnReadable() override { ++readable; }
  void OnWritable() override { ++writable; }

  int readable = 0;
  int writable = 0;
};

enum class Port { kPlain, kPlainAndTls };

// Of a plain connection on each kind of port. TLS itself: tls_transport_test.cc.
class TransportTest : public testing::TestWithParam<Port> {
 protected:
  TransportTest() {
    asio::ip::tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
    peer_.connect(acceptor.local_endpoint());
    Socket socket(io_);
    acceptor.accept(socket);
    if (GetParam() == Port::kPlain) {
      transport_ = std::make_unique<PlainTransport>(std::move(socket));
    } else {
      transport_ = std::make_unique<TlsTransport>(std::move(socket), nullptr, tls_metrics_);
    }
  }

  // With a faulty one instead.
  void Break(const TransportFault& fault) {
    transport_ = std::make_unique<FaultyTransport>(io_, std::move(transport_), fault, log_);
  }

  // Until `count` handlers of `io` have run.
  static void Run(asio::io_context& io, int count = 1) {
    io.restart();
    for (int i = 0; i < count; ++i) {
      io.run_one();
    }
  }

  std::string PeerReads(size_t size) {
    std::string text(size, '\0');
    asio::read(peer_, asio::buffer(text));
    return text;
  }

  TransportLog log_;
  Metrics registry_;
  TlsMetrics tls_metrics_{registry_};
  asio::io_context io_;
  asio::ip::tcp::socket peer_{io_};
  std::unique_ptr<Transport> transport_;
  const std::shared_ptr<Calls> calls_ = std::make_shared<Calls>();
  std::array<uint8_t, 64> buffer_{};
};

INSTANTIATE_TEST_SUITE_P(Ports, TransportTest, testing::Values(Port::kPlain, Port::kPlainAndTls),
                         [](const auto& port) {
                           return port.param == Port::kPlain ? "Plain" : "PlainAndTls";
                         });

TEST_P(TransportTest, NothingToReceive_IsEagain) {
  EXPECT_EQ(transport_->Receive(buffer_), -1);
  EXPECT_EQ(errno, EAGAIN);
}

TEST_P(TransportTest, Bytes_GoBothWays) {
  EXPECT_EQ(transport_->Send(Bytes("abc")), 3);
  const std::string_view text = "defgh";
  std::array<iovec, 3> parts = {Part(Bytes(text.substr(0, 2))), Part({}),
                                Part(Bytes(text.substr(2)))};
  EXPECT_EQ(transport_->SendParts(parts), 5);
  EXPECT_EQ(PeerReads(8), "abcdefgh");
  asio::write(peer_, asio::buffer("xyz", 3));
  transport_->AwaitReadable(calls_);
  Run(io_);
  EXPECT_EQ(calls_->readable, 1);
  EXPECT_EQ(transport_->Receive(buffer_), 3);
}

TEST_P(TransportTest, ShutdownSend_EndsOneDirection) {
  transport_->ShutdownSend();
  boost::system::error_code error;
  std::array<char, 1> byte{};
  peer_.read_some(asio::buffer(byte), error);
  EXPECT_EQ(error, asio::error::eof);
  asio::write(peer_, asio::buffer("x", 1));
  transport_->AwaitReadable(calls_);
  Run(io_);
  EXPECT_EQ(transport_->Receive(buffer_), 1);
  EXPECT_EQ(transport_->Send(Bytes("y")), -1);
  EXPECT_EQ(errno, EPIPE);
}

TEST_P(TransportTest, CancelAndClose_EndWaitsWithOneCall) {
  transport_->AwaitReadable(calls_);
  transport_->Cancel();
  EXPECT_EQ(calls_->readable, 0) << "not from within";
  Run(io_);
  EXPECT_EQ(calls_->readable, 1);
  transport_->AwaitReadable(calls_);
  transport_->Close();
  Run(io_);
  EXPECT_EQ(calls_->readable, 2);
  EXPECT_EQ(transport_->Send(Bytes("x")), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(transport_->Receive(buffer_), -1);
  EXPECT_EQ(errno, EBADF);
  transport_->Close();
  EXPECT_EQ(calls_.use_count(), 1) << "nothing keeps the handler";
}

TEST_P(TransportTest, Moved_WaitsOnTheOtherIo) {
  asio::io_context other;
  ASSERT_TRUE(transport_->MoveTo(other));
  transport_->AwaitReadable(calls_);
  transport_->AwaitWritable(calls_);
  asio::write(peer_, asio::buffer("x", 1));
  Run(other, 2);
  EXPECT_EQ(calls_->readable, 1);
  EXPECT_EQ(calls_->writable, 1);
  EXPECT_EQ(transport_->Receive(buffer_), 1);
  transport_.reset();  // before `other`
}

TEST_P(TransportTest, AbortOnClose_IsAReset) {
  transport_->AbortOnClose();
  transport_->Close();
  boost::system::error_code error;
  std::array<char, 1> byte{};
  peer_.read_some(asio::buffer(byte), error);
  EXPECT_EQ(error, asio::error::connection_reset);
}

TEST_P(TransportTest, LocalHost_IsThisSidesAddress) {
  EXPECT_EQ(transport_->LocalHost(), "127.0.0.1");
  EXPECT_FALSE(transport_->is_secure());
}

TEST_P(TransportTest, PeerAddress_IsTheOtherSides) {
  EXPECT_EQ(transport_->PeerAddress(), "127.0.0.1");
  transport_->Close();
  EXPECT_EQ(transport_->PeerAddress(), "");
}

TEST_P(TransportTest, AddressesOfIpv6_AreWrittenAsInAUrlAndWithout) {
  asio::ip::tcp::acceptor acceptor(io_);
  boost::system::error_code error;
  acceptor.open(asio::ip::tcp::v6(), error);
  acceptor.bind({asio::ip::address_v6::loopback(), 0}, error);
  if (error) {
    GTEST_SKIP() << "no IPv6 here";
  }
  acceptor.listen();
  asio::ip::tcp::socket peer(io_);
  peer.connect(acceptor.local_endpoint());
  Socket socket(io_);
  acceptor.accept(socket);
  const PlainTransport transport(std::move(socket));
  EXPECT_EQ(transport.LocalHost(), "[::1]");
  EXPECT_EQ(transport.PeerAddress(), "::1");
}

// Sends until the socket takes no more; the bytes that it took.
size_t Fill(Transport& transport) {
  const std::vector<uint8_t> bytes(4096);
  size_t taken = 0;
  for (;;) {
    const ssize_t some = transport.Send(bytes);
    if (some < 0) {
      EXPECT_EQ(errno, EAGAIN);
      return taken;
    }
    taken += static_cast<size_t>(some);
  }
}

TEST_P(TransportTest, NothingSent_LineHasNothingToAcknowledge) {
  const auto account = transport_->GetLineAccount();
  ASSERT_TRUE(account);
  EXPECT_EQ(account->unacknowledged_bytes, 0U);
  EXPECT_FALSE(account->repairs_loss);
  EXPECT_EQ(transport_->GetUnacknowledgedBytes(), 0U);
  EXPECT_TRUE(transport_->IsWritable());
}

// What is in the peer's buffer is acknowledged; the rest is not until the peer reads.
TEST_P(TransportTest, PeerDoesNotRead_LineCountsWhatItDoesNotAcknowledge) {
  transport_->PrepareForViewer();
  const size_t sent = Fill(*transport_);
  const size_t waiting = transport_->GetUnacknowledgedBytes();
  EXPECT_GT(waiting, 0U);
  EXPECT_LE(waiting, sent);
  const auto account = transport_->GetLineAccount();
  ASSERT_TRUE(account);
  EXPECT_GT(account->unacknowledged_bytes, 0U);
  EXPECT_LE(account->unacknowledged_bytes, waiting);
  EXPECT_LT(account->minimum_rtt, std::chrono::seconds(1));
  PeerReads(sent);
  while (transport_->GetUnacknowledgedBytes() > 0) {
    // The kernel acknowledges what was read by itself, soon.
  }
  EXPECT_EQ(transport_->GetLineAccount()->unacknowledged_bytes, 0U);
}

TEST_P(TransportTest, PeerDoesNotRead_IsNotWritableUntilItDoes) {
  transport_->PrepareForViewer();
  const size_t sent = Fill(*transport_);
  EXPECT_FALSE(transport_->IsWritable());
  PeerReads(sent);
  transport_->AwaitWritable(calls_);
  Run(io_);
  EXPECT_TRUE(transport_->IsWritable());
}

// Bytes that the socket takes before it counts as full, where a sender asks before each message.
TEST_P(TransportTest, UnsentMark_SaysHowMuchMayWait) {
  const auto fill_politely = [](Transport& transport) {
    const std::vector<uint8_t> bytes(1024);
    while (transport.IsWritable() && transport.Send(bytes) > 0) {
    }
  };
  transport_->PrepareForViewer();
  transport_->SetUnsentMark(4 << 10);
  fill_politely(*transport_);
  const size_t few = transport_->GetUnacknowledgedBytes();
  EXPECT_FALSE(transport_->IsWritable());
  transport_->SetUnsentMark(64 << 10);
  EXPECT_TRUE(transport_->IsWritable()) << "at once";
  fill_politely(*transport_);
  EXPECT_GE(transport_->GetUnacknowledgedBytes(), few + (16U << 10));
  transport_->SetUnsentMark(4 << 10);
  EXPECT_FALSE(transport_->IsWritable()) << "at once";
}

// The next send() says what is wrong.
TEST_P(TransportTest, ConnectionIsBroken_IsWritable) {
  Fill(*transport_);
  peer_.set_option(asio::socket_base::linger(true, 0));
  peer_.close();
  transport_->AwaitReadable(calls_);
  Run(io_);
  EXPECT_TRUE(transport_->IsWritable());
  EXPECT_EQ(transport_->Send(Bytes("x")), -1);
  EXPECT_NE(errno, EAGAIN);
}

TEST_P(TransportTest, Closed_HasNoAccount) {
  transport_->Close();
  EXPECT_FALSE(transport_->GetLineAccount());
  EXPECT_EQ(transport_->GetUnacknowledgedBytes(), 0U);
  EXPECT_EQ(transport_->GetCongestionControl(), "");
}

std::vector<std::string> CongestionControlsOfTheKernel() {
  std::ifstream file("/proc/sys/net/ipv4/tcp_available_congestion_control");
  return {std::istream_iterator<std::string>(file), {}};
}

TEST_P(TransportTest, CongestionControl_IsOneOfTheKernels) {
  const auto known = CongestionControlsOfTheKernel();
  if (known.empty()) {
    GTEST_SKIP() << "the kernel does not tell";
  }
  EXPECT_THAT(known, testing::Contains(transport_->GetCongestionControl()));
  transport_->PrepareForViewer();
  EXPECT_THAT(known, testing::Contains(transport_->GetCongestionControl()));
}

TEST_P(TransportTest, FaultyAtTheSecondOperation_FailsFromThereOn) {
  Break({.kind = TransportFault::Kind::kError, .number = 2, .error = ECONNRESET});
  EXPECT_EQ(transport_->Send(Bytes("a")), 1);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(transport_->Send(Bytes("b")), -1);
    EXPECT_EQ(errno, ECONNRESET);
  }
  EXPECT_EQ(transport_->Receive(buffer_), -1);
  EXPECT_EQ(errno, ECONNRESET);
  EXPECT_EQ(log_.operations, 4u);
}

TEST_P(TransportTest, FaultyByShortWrites_TakesOneByte) {
  Break({.kind = TransportFault::Kind::kOneByte, .number = 1});
  EXPECT_EQ(transport_->Send(Bytes("ab")), 1);
  const std::string_view text = "bc";
  std::array<iovec, 2> parts = {Part({}), Part(Bytes(text))};
  EXPECT_EQ(transport_->SendParts(parts), 1);
  EXPECT_EQ(PeerReads(2), "ab");
}

TEST_P(TransportTest, FaultyByBeingStuck_WaitsUntilItIsClosed) {
  Break({.kind = TransportFault::Kind::kStuck, .number = 1});
  EXPECT_EQ(transport_->Send(Bytes("a")), -1);
  EXPECT_EQ(errno, EAGAIN);
  transport_->AwaitWritable(calls_);
  io_.restart();
  EXPECT_EQ(io_.poll(), 0u);
  transport_->Close();
  Run(io_);
  EXPECT_EQ(calls_->writable, 1);
}

}  // namespace
}  // namespace pistream
