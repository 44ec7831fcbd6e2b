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
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "src/net/faulty_transport.h"
#include "src/net/plain_transport.h"
#include "src/net/socket_options.h"

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

class TransportTest : public testing::Test {
 protected:
  TransportTest() {
    asio::ip::tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
    peer_.connect(acceptor.local_endpoint());
    Socket socket(io_);
    acceptor.accept(socket);
    transport_ = std::make_unique<PlainTransport>(std::move(socket));
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
  asio::io_context io_;
  asio::ip::tcp::socket peer_{io_};
  std::unique_ptr<Transport> transport_;
  const std::shared_ptr<Calls> calls_ = std::make_shared<Calls>();
  std::array<uint8_t, 64> buffer_{};
};

TEST_F(TransportTest, NothingToReceive_IsEagain) {
  EXPECT_EQ(transport_->Receive(buffer_), -1);
  EXPECT_EQ(errno, EAGAIN);
}

TEST_F(TransportTest, Bytes_GoBothWays) {
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

TEST_F(TransportTest, ShutdownSend_EndsOneDirection) {
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

TEST_F(TransportTest, CancelAndClose_EndWaitsWithOneCall) {
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

TEST_F(TransportTest, Moved_WaitsOnTheOtherIo) {
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

TEST_F(TransportTest, AbortOnClose_IsAReset) {
  transport_->AbortOnClose();
  transport_->Close();
  boost::system::error_code error;
  std::array<char, 1> byte{};
  peer_.read_some(asio::buffer(byte), error);
  EXPECT_EQ(error, asio::error::connection_reset);
}

TEST_F(TransportTest, LocalHost_IsThisSidesAddress) {
  EXPECT_EQ(transport_->LocalHost(), "127.0.0.1");
}

TEST_F(TransportTest, LocalHostOfIpv6_IsWrittenAsInAUrl) {
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
  EXPECT_EQ(PlainTransport(std::move(socket)).LocalHost(), "[::1]");
}

TEST_F(TransportTest, FaultyAtTheSecondOperation_FailsFromThereOn) {
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

TEST_F(TransportTest, FaultyByShortWrites_TakesOneByte) {
  Break({.kind = TransportFault::Kind::kOneByte, .number = 1});
  EXPECT_EQ(transport_->Send(Bytes("ab")), 1);
  const std::string_view text = "bc";
  std::array<iovec, 2> parts = {Part({}), Part(Bytes(text))};
  EXPECT_EQ(transport_->SendParts(parts), 1);
  EXPECT_EQ(PeerReads(2), "ab");
}

TEST_F(TransportTest, FaultyByBeingStuck_WaitsUntilItIsClosed) {
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
