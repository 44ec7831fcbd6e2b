#include "src/net/tls_transport.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "openssl/ssl.h"
#include "src/metrics/metrics.h"
#include "src/net/socket_options.h"
#include "tests/support/test_certificate.h"
#include "tests/support/tls_client.h"

namespace pistream {
namespace {

namespace asio = boost::asio;

std::span<const uint8_t> Bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// With data. tcpi_data_segs_out of <linux/tcp.h>, which cannot be included beside the
// <netinet/tcp.h> of Asio.
uint32_t SegmentsSent(int fd) {
  constexpr size_t kOffset = 156;
  std::array<uint8_t, kOffset + sizeof(uint32_t)> info{};
  socklen_t size = info.size();
  EXPECT_EQ(::getsockopt(fd, IPPROTO_TCP, TCP_INFO, info.data(), &size), 0);
  uint32_t segments = 0;
  std::memcpy(&segments, info.data() + kOffset, sizeof segments);
  return segments;
}

// No two parts of it are alike. (Marsaglia's xorshift: much of it is made, without optimisation.)
std::string Pattern(size_t size, uint32_t seed) {
  uint64_t state = (uint64_t{seed} << 1) + 1;
  std::string text(size + sizeof state, '\0');
  for (size_t at = 0; at < size; at += sizeof state) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    std::memcpy(text.data() + at, &state, sizeof state);
  }
  text.resize(size);
  return text;
}

// A user of the transport that receives all there is.
class Receiver final : public TransportHandler, public std::enable_shared_from_this<Receiver> {
 public:
  Receiver(Transport& transport, size_t piece) : transport_(transport), piece_(piece) {}

  void Start() { transport_.AwaitReadable(shared_from_this()); }
  // Uses the transport no more.
  void Stop() { is_stopped_ = true; }

  void OnReadable() override {
    ++calls;
    if (is_stopped_) {
      return;
    }
    std::vector<uint8_t> buffer(piece_);
    const ssize_t size = transport_.Receive(buffer);
    if (size > 0) {
      received.append(buffer.begin(), buffer.begin() + size);
    } else if (size == 0) {
      is_ended = true;
    } else if (errno != EAGAIN) {
      error = errno;
    }
    if (!is_over()) {
      transport_.AwaitReadable(shared_from_this());
    }
  }
  void OnWritable() override { ++writable; }

  bool is_over() const { return is_ended || error != 0; }

  std::string received;
  bool is_ended = false;
  int error = 0;
  int calls = 0;
  int writable = 0;

 private:
  Transport& transport_;
  const size_t piece_;  // that it receives at once, once for each call
  bool is_stopped_ = false;
};

class TlsTransportTest : public testing::Test {
 protected:
  static constexpr size_t kRecord = 16 << 10;

  static const TestCertificate& Certificate() {
    static const TestCertificate certificate = TestCertificate::Make();
    return certificate;
  }

  static std::shared_ptr<const TlsContext> MakeContext(
      const TlsCiphers& ciphers = OrderCiphers(true)) {
    const auto context = TlsContext::Make(
        {}, {.certificate = Certificate().certificate, .key = Certificate().key}, ciphers);
    EXPECT_TRUE(context) << context.error().message;
    return *context;
  }

  TlsTransportTest() { Connect(); }
  ~TlsTransportTest() override { Disconnect(); }

  // A new connection.
  void Connect(size_t piece = 64 << 10) {
    Disconnect();
    acceptor_ = asio::ip::tcp::acceptor(io_, {asio::ip::address_v4::loopback(), 0});
    peer_ = asio::ip::tcp::socket(io_, asio::ip::tcp::v4());
    peer_.set_option(asio::socket_base::receive_buffer_size(32 << 10));
    peer_.connect(acceptor_.local_endpoint());
    Socket socket(io_);
    acceptor_.accept(socket);
    fd_ = socket.native_handle();
    transport_ = std::make_unique<TlsTransport>(std::move(socket), context_, metrics_);
    receiver_ = std::make_shared<Receiver>(*transport_, piece);
    receiver_->Start();
  }

  void Disconnect() {
    if (transport_) {
      transport_->Close();
      io_.restart();
      io_.poll();
    }
  }

  template <typename Condition>
  void RunUntil(Condition is_met) {
    io_.restart();
    while (!is_met()) {
      io_.run_one();
    }
  }

  // A client whose handshake is over on both sides.
  TlsClient& ConnectTls(const TlsClient::Options& options = {}) {
    client_ = std::make_unique<TlsClient>(io_, peer_, options);
    EXPECT_EQ(client_->Handshake(), SSL_ERROR_NONE);
    EXPECT_EQ(client_->Write("hello"), SSL_ERROR_NONE);
    RunUntil([this] { return receiver_->received.size() >= 5 || receiver_->is_over(); });
    EXPECT_EQ(receiver_->received, "hello");
    receiver_->received.clear();
    return *client_;
  }

  // Sends `message` until no more is taken; the bytes that were.
  std::string SendSome(std::string_view message) {
    const ssize_t taken = transport_->Send(Bytes(message));
    if (taken < 0) {
      EXPECT_EQ(errno, EAGAIN);
      return {};
    }
    return std::string(message.substr(0, static_cast<size_t>(taken)));
  }

  // Messages of `size` bytes until the socket is full; the bytes that were taken.
  std::string Fill(size_t size) {
    std::string taken;
    for (uint32_t i = 0;; ++i) {
      const std::string some = SendSome(Pattern(size, i));
      taken += some;
      if (some.size() < size) {
        return taken;
      }
    }
  }

  // The same, until a part of a record waits in OpenSSL.
  std::string FillBeyondTheSocket() {
    transport_->PrepareForViewer();
    std::string taken = Fill(1 << 20);
    if (!transport_->is_sealed_by_kernel()) {
      EXPECT_GT(transport_->GetUnacknowledgedBytes(), GetUnacknowledgedBytes(fd_));
    }
    return taken;
  }

  // Its own, without asking for ours.
  static void ChangeKeys(TlsClient& client, int times) {
    for (int i = 0; i < times; ++i) {
      ASSERT_EQ(SSL_key_update(client.ssl(), SSL_KEY_UPDATE_NOT_REQUESTED), 1);
      ASSERT_EQ(SSL_do_handshake(client.ssl()), 1);
    }
  }

  double Handshakes(TlsMetrics::Version version, bool is_resumed) {
    return metrics_.Handshakes(version, is_resumed).Value();
  }

  Metrics registry_;
  TlsMetrics metrics_{registry_};
  std::shared_ptr<const TlsContext> context_ = MakeContext();
  asio::io_context io_;
  asio::ip::tcp::acceptor acceptor_{io_};
  asio::ip::tcp::socket peer_{io_};
  int fd_ = -1;  // of transport_
  std::unique_ptr<TlsTransport> transport_;
  std::shared_ptr<Receiver> receiver_;
  std::unique_ptr<TlsClient> client_;
};

// Of each version of TLS.
class TlsVersionTest : public TlsTransportTest, public testing::WithParamInterface<int> {
 protected:
  TlsMetrics::Version version() const {
    return GetParam() == TLS1_2_VERSION ? TlsMetrics::Version::kTls12 : TlsMetrics::Version::kTls13;
  }
  TlsClient& ConnectVersion() { return ConnectTls({.version = GetParam()}); }
};

INSTANTIATE_TEST_SUITE_P(Tls, TlsVersionTest, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) {
                           return version.param == TLS1_2_VERSION ? "Version12" : "Version13";
                         });

TEST_P(TlsVersionTest, Bytes_GoBothWays) {
  TlsClient& client = ConnectVersion();
  EXPECT_TRUE(transport_->is_secure());
  EXPECT_EQ(SSL_version(client.ssl()), GetParam());
  EXPECT_EQ(transport_->Send(Bytes("abc")), 3);
  const std::string_view text = "defgh";
  std::array<iovec, 3> parts = {Part(Bytes(text.substr(0, 2))), Part({}),
                                Part(Bytes(text.substr(2)))};
  EXPECT_EQ(transport_->SendParts(parts), 5);
  EXPECT_EQ(client.MustRead(8), "abcdefgh");
  EXPECT_EQ(Handshakes(version(), false), 1);
  EXPECT_EQ(Handshakes(version(), true), 0);
  EXPECT_EQ(metrics_.sealed_by_kernel.Value(), transport_->is_sealed_by_kernel() ? 1 : 0);
}

TEST_P(TlsVersionTest, Session_IsResumed) {
  TlsClient& first = ConnectVersion();
  transport_->Send(Bytes("x"));
  first.MustRead(1);
  const SessionPtr session = first.GetSession();
  Connect();
  TlsClient& second = ConnectTls({.version = GetParam(), .session = session.get()});
  EXPECT_EQ(SSL_session_reused(second.ssl()), 1);
  EXPECT_EQ(Handshakes(version(), false), 1);
  EXPECT_EQ(Handshakes(version(), true), 1);
}

TEST_P(TlsVersionTest, SessionOfAnotherContext_IsNotResumed) {
  TlsClient& first = ConnectVersion();
  transport_->Send(Bytes("x"));
  first.MustRead(1);
  const SessionPtr session = first.GetSession();
  context_ = MakeContext();
  Connect();
  TlsClient& second = ConnectTls({.version = GetParam(), .session = session.get()});
  EXPECT_EQ(SSL_session_reused(second.ssl()), 0);
}

TEST_P(TlsVersionTest, HelloByteByByte_IsAHandshake) {
  client_ = std::make_unique<TlsClient>(io_, peer_, TlsClient::Options{.version = GetParam()});
  const std::string hello = client_->TakeHello();
  ASSERT_GT(hello.size(), 100U);
  int calls = 0;
  for (const char c : hello) {
    asio::write(peer_, asio::buffer(&c, 1));
    ++calls;
    RunUntil([&] { return receiver_->calls >= calls; });
  }
  EXPECT_EQ(client_->Handshake(), SSL_ERROR_NONE);
  EXPECT_EQ(client_->Write("hello"), SSL_ERROR_NONE);
  RunUntil([&] { return !receiver_->received.empty(); });
  EXPECT_EQ(receiver_->received, "hello");
}

TEST_P(TlsVersionTest, RequestInManyRecords_IsWhole) {
  TlsClient& client = ConnectVersion();
  const std::string request = Pattern(500, 0);
  for (const char& c : request) {
    ASSERT_EQ(client.Write({&c, 1}), SSL_ERROR_NONE);
  }
  RunUntil([&] { return receiver_->received.size() >= request.size(); });
  EXPECT_TRUE(receiver_->received == request);
}

// What is left of a record is in OpenSSL, and the socket does not become readable for it.
TEST_P(TlsVersionTest, RecordLargerThanTheBuffer_IsReceivedInPieces) {
  Connect(7);
  TlsClient& client = ConnectVersion();
  const std::string request = Pattern(1000, 0);
  ASSERT_EQ(client.Write(request), SSL_ERROR_NONE);
  RunUntil([&] { return receiver_->received.size() >= request.size(); });
  EXPECT_TRUE(receiver_->received == request);
}

TEST_P(TlsVersionTest, PictureOfOneRecord_IsSealedAtOnce) {
  TlsClient& client = ConnectVersion();
  if (transport_->is_sealed_by_kernel()) {
    GTEST_SKIP() << "the kernel seals";
  }
  transport_->Send(Bytes("x"));
  client.MustRead(1);
  const int before = client.records_received();
  const std::string head = Pattern(36, 1);
  const std::string picture = Pattern(4200, 2);
  std::array<iovec, 3> parts = {Part(Bytes(head)), Part(Bytes(picture)), Part(Bytes("end"))};
  EXPECT_EQ(transport_->SendParts(parts), 4239);
  EXPECT_TRUE(client.MustRead(4239) == head + picture + "end");
  EXPECT_EQ(client.records_received() - before, 1);
  // 36 + 40000 + 0 + 3 bytes are two whole records and a part of one.
  const std::string large = Pattern(40000, 3);
  std::array<iovec, 4> more = {Part(Bytes(head)), Part(Bytes(large)), Part({}), Part(Bytes("end"))};
  EXPECT_EQ(transport_->SendParts(more), 40039);
  EXPECT_TRUE(client.MustRead(40039) == head + large + "end");
  EXPECT_EQ(client.records_received() - before, 4);
}

TEST_P(TlsVersionTest, MessageOfManyRecords_GoesOutAsOne) {
  TlsClient& client =
      ConnectTls({.version = GetParam(), .fragment_code = TLSEXT_max_fragment_length_512});
  const uint32_t before = SegmentsSent(fd_);
  if (before == 0) {
    GTEST_SKIP() << "qemu's user emulation knows an older TCP_INFO";
  }
  const std::string message = Pattern(5000, 0);
  EXPECT_EQ(SendSome(message).size(), message.size());
  EXPECT_EQ(SegmentsSent(fd_) - before, 1);
  EXPECT_TRUE(client.MustRead(message.size()) == message) << "it is not held back";
}

TEST_P(TlsVersionTest, NothingToSend_SendsNothing) {
  ConnectVersion();
  EXPECT_EQ(transport_->Send({}), 0);
  EXPECT_EQ(transport_->SendParts({}), 0);
}

// All that Send said was taken arrives, in order, though the caller does nothing more.
TEST_P(TlsVersionTest, ReaderStalls_AllThatWasTakenArrivesByItself) {
  for (const size_t size : {100U, 4200U, 16384U, 40000U, 1U << 20, 4U << 20}) {
    Connect();
    TlsClient& client = ConnectVersion();
    transport_->PrepareForViewer();
    const std::string taken = Fill(size);
    EXPECT_TRUE(client.MustRead(taken.size()) == taken) << size;
    EXPECT_FALSE(receiver_->is_over());
  }
}

// The same with the smallest send buffer, which no record fits into.
TEST_P(TlsVersionTest, ReaderStallsAndBufferIsSmall_AllThatWasTakenArrivesByItself) {
  for (const size_t size : {100U, 4200U, 16384U, 1U << 20}) {
    Connect();
    TlsClient& client = ConnectVersion();
    const int smallest = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDBUF, &smallest, sizeof smallest);
    const std::string taken = Fill(size);
    EXPECT_TRUE(client.MustRead(taken.size()) == taken) << size;
  }
}

// As a plain socket. Example failure is a system call for each record, that asks for room.
TEST_P(TlsVersionTest, SocketIsPastItsMark_TakesAMessageAllTheSame) {
  TlsClient& client = ConnectVersion();
  transport_->PrepareForViewer();
  transport_->SetUnsentMark(1024);
  std::string taken;
  for (uint32_t i = 0; transport_->IsWritable(); ++i) {
    taken += SendSome(Pattern(500, i));
  }
  const std::string next = Pattern(500, 77);
  EXPECT_EQ(SendSome(next).size(), next.size());
  EXPECT_TRUE(client.MustRead(taken.size() + next.size()) == taken + next);
}

TEST_P(TlsVersionTest, ReaderStalls_MessageThatWasNotBegunIsDropped) {
  TlsClient& client = ConnectVersion();
  std::string taken = FillBeyondTheSocket();
  std::string some;
  do {  // what the socket has sent meanwhile makes room
    some = SendSome(Pattern(4200, 77));
    taken += some;
  } while (!some.empty());
  EXPECT_TRUE(client.MustRead(taken.size()) == taken);
  transport_->AwaitWritable(receiver_);
  RunUntil([&] { return receiver_->writable == 1; });
  EXPECT_TRUE(transport_->IsWritable());
  const std::string next = Pattern(4200, 78);
  EXPECT_EQ(SendSome(next).size(), next.size());
  EXPECT_TRUE(client.MustRead(next.size()) == next);
}

// Messages of all sizes, of which those that are not taken are dropped, to a client that reads a
// little now and then.
TEST_P(TlsVersionTest, ReaderIsSlow_NothingIsTornOrLost) {
  TlsClient& client = ConnectVersion();
  transport_->PrepareForViewer();
  std::minstd_rand random(static_cast<unsigned>(GetParam()));
  std::string taken;
  std::string received;
  for (uint32_t i = 0; i < 3000; ++i) {
    const std::string message = Pattern(1 + random() % (random() % 8 == 0 ? 60000 : 5000), i);
    std::string_view rest = message;
    while (!rest.empty()) {
      const std::string some = SendSome(rest);
      taken += some;
      rest.remove_prefix(some.size());
      if (some.empty() && rest.size() == message.size()) {
        break;  // dropped
      }
      const size_t waiting = taken.size() - received.size();
      ASSERT_EQ(client.Read(rest.empty() ? std::min<size_t>(random() % 4000, waiting) : waiting,
                            received),
                SSL_ERROR_NONE);
    }
  }
  ASSERT_EQ(client.Read(taken.size() - received.size(), received), SSL_ERROR_NONE);
  EXPECT_TRUE(received == taken);
}

TEST_P(TlsVersionTest, RecordWaits_CountsAsNotAcknowledged) {
  TlsClient& client = ConnectVersion();
  while (transport_->GetUnacknowledgedBytes() > 0) {
    // Tickets.
  }
  const std::string taken = FillBeyondTheSocket();
  const auto account = transport_->GetLineAccount();
  ASSERT_TRUE(account);
  EXPECT_GT(account->unacknowledged_bytes, 0U);
  EXPECT_LE(transport_->GetUnacknowledgedBytes(), taken.size() + 29 * (taken.size() / kRecord + 1));
  client.MustRead(taken.size());
  while (transport_->GetUnacknowledgedBytes() > 0) {
    // The kernel acknowledges what was read by itself, soon.
  }
}

TEST_P(TlsVersionTest, CancelWhileARecordWaits_ItGoesOutAllTheSame) {
  TlsClient& client = ConnectVersion();
  const std::string taken = FillBeyondTheSocket();
  const int calls = receiver_->calls;
  transport_->Cancel();
  RunUntil([&] { return receiver_->calls > calls; });
  EXPECT_TRUE(client.MustRead(taken.size()) == taken);
}

TEST_P(TlsVersionTest, MovedWhileARecordWaits_ItGoesOutFromThere) {
  TlsClient& client = ConnectVersion();
  const std::string taken = FillBeyondTheSocket();
  asio::io_context other;
  receiver_->Stop();
  transport_->Cancel();
  io_.restart();
  io_.poll();
  ASSERT_TRUE(transport_->MoveTo(other));
  const auto moved = std::make_shared<Receiver>(*transport_, 1000);
  moved->Start();
  std::string received;
  while (received.size() < taken.size()) {
    std::string some(4096, '\0');
    const int size = SSL_read(client.ssl(), some.data(), static_cast<int>(some.size()));
    received.append(some, 0, static_cast<size_t>(std::max(size, 0)));
    other.restart();
    other.poll();
  }
  EXPECT_TRUE(received == taken);
  ASSERT_EQ(client.Write("on"), SSL_ERROR_NONE);
  other.restart();
  while (moved->received.size() < 2) {
    other.run_one();
  }
  EXPECT_EQ(moved->received, "on");
  transport_->Close();
  other.restart();
  other.poll();
  transport_.reset();  // before `other`
}

TEST_P(TlsVersionTest, ClosedWhileARecordWaits_IsClosed) {
  ConnectVersion();
  FillBeyondTheSocket();
  transport_->AbortOnClose();
  transport_->Close();
  EXPECT_EQ(transport_->Send(Bytes("x")), -1);
  EXPECT_EQ(errno, EBADF);
  std::array<uint8_t, 1> buffer{};
  EXPECT_EQ(transport_->Receive(buffer), -1);
  EXPECT_EQ(errno, EBADF);
  transport_->Close();
}

TEST_P(TlsVersionTest, DestroyedWhileARecordWaits_NothingIsCalled) {
  ConnectVersion();
  FillBeyondTheSocket();
  receiver_->Stop();
  transport_.reset();
  io_.restart();
  io_.poll();
  EXPECT_EQ(receiver_.use_count(), 1) << "nothing waits";
}

TEST_P(TlsVersionTest, ClientSaysItCloses_IsTheEnd) {
  TlsClient& client = ConnectVersion();
  SSL_shutdown(client.ssl());
  RunUntil([&] { return receiver_->is_over(); });
  EXPECT_TRUE(receiver_->is_ended);
  EXPECT_EQ(SendSome("still"), "still") << "it only sends no more";
  EXPECT_EQ(client.MustRead(5), "still");
}

TEST_P(TlsVersionTest, ClientClosesWithoutAWord_IsTheEnd) {
  ConnectVersion();
  peer_.shutdown(asio::socket_base::shutdown_send);
  RunUntil([&] { return receiver_->is_over(); });
  EXPECT_TRUE(receiver_->is_ended);
}

TEST_P(TlsVersionTest, ClientResets_IsEconnreset) {
  ConnectVersion();
  peer_.set_option(asio::socket_base::linger(true, 0));
  peer_.close();
  RunUntil([&] { return receiver_->is_over(); });
  EXPECT_EQ(receiver_->error, ECONNRESET);
  EXPECT_EQ(transport_->Send(Bytes("x")), -1);
  EXPECT_EQ(errno, ECONNRESET) << "and no SIGPIPE";
}

// A write to a connection that was closed and then reset is what raises SIGPIPE.
TEST_P(TlsVersionTest, ClientIsGone_SendFailsWithoutASignal) {
  ConnectVersion();
  peer_.shutdown(asio::socket_base::shutdown_send);
  RunUntil([&] { return receiver_->is_over(); });
  EXPECT_TRUE(receiver_->is_ended);
  peer_.set_option(asio::socket_base::linger(true, 0));
  peer_.close();
  while (transport_->Send(Bytes("x")) >= 0) {
    // The reset is on its way.
  }
  EXPECT_THAT(errno, testing::AnyOf(EPIPE, ECONNRESET));
  EXPECT_TRUE(transport_->IsWritable()) << "the next send says what is wrong";
}

TEST_P(TlsVersionTest, ClientSendsGarbage_IsEproto) {
  ConnectVersion();
  asio::write(peer_, asio::buffer(std::string(100, 'x')));
  RunUntil([&] { return receiver_->is_over(); });
  EXPECT_EQ(receiver_->error, EPROTO);
}

TEST_P(TlsVersionTest, ShutdownSend_IsTheEndForTheClient) {
  TlsClient& client = ConnectVersion();
  transport_->Send(Bytes("last"));
  transport_->ShutdownSend();
  std::string text;
  EXPECT_EQ(client.Read(5, text), SSL_ERROR_ZERO_RETURN) << "by close_notify";
  EXPECT_EQ(text, "last");
  EXPECT_EQ(transport_->Send(Bytes("x")), -1);
  EXPECT_EQ(errno, EPIPE);
  EXPECT_EQ(client.Write("still"), SSL_ERROR_NONE);
  RunUntil([&] { return !receiver_->received.empty() || receiver_->is_over(); });
  EXPECT_EQ(receiver_->received, "still");
}

TEST_P(TlsVersionTest, ShutdownSendWhileARecordWaits_ComesBehindIt) {
  TlsClient& client = ConnectVersion();
  const std::string taken = FillBeyondTheSocket();
  transport_->ShutdownSend();
  EXPECT_TRUE(client.MustRead(taken.size()) == taken);
  std::string text;
  EXPECT_EQ(client.Read(1, text), SSL_ERROR_ZERO_RETURN);
}

TEST_P(TlsVersionTest, Close_SaysSo) {
  TlsClient& client = ConnectVersion();
  transport_->Close();
  std::string text;
  EXPECT_EQ(client.Read(1, text), SSL_ERROR_ZERO_RETURN);
}

TEST_P(TlsVersionTest, AbortOnClose_IsAReset) {
  TlsClient& client = ConnectVersion();
  transport_->AbortOnClose();
  transport_->Close();
  std::string text;
  EXPECT_EQ(client.Read(1, text), SSL_ERROR_SYSCALL);
}

TEST_P(TlsVersionTest, BrokenOffInTheHandshake_IsTheClientsFailure) {
  client_ = std::make_unique<TlsClient>(io_, peer_, TlsClient::Options{.version = GetParam()});
  const std::string hello = client_->TakeHello();
  asio::write(peer_, asio::buffer(hello));
  peer_.shutdown(asio::socket_base::shutdown_send);
  RunUntil([&] { return receiver_->is_over(); });
  EXPECT_EQ(metrics_.handshakes_failed_by_client.Value(), 1);
  EXPECT_EQ(metrics_.handshakes_failed_by_server.Value(), 0);
  transport_->Close();
  EXPECT_EQ(metrics_.handshakes_failed_by_client.Value(), 1) << "counted once";
}

TEST_P(TlsVersionTest, CertificateIsUnknownToTheClient_IsTheClientsFailure) {
  client_ = std::make_unique<TlsClient>(
      io_, peer_,
      TlsClient::Options{.version = GetParam(), .trusted = TestCertificate::Make().certificate});
  EXPECT_EQ(client_->Handshake(), SSL_ERROR_SSL);
  RunUntil([&] { return receiver_->is_over(); });
  EXPECT_EQ(receiver_->error, ECONNRESET);
  EXPECT_EQ(metrics_.handshakes_failed_by_client.Value(), 1);
  EXPECT_EQ(metrics_.handshakes_failed_by_server.Value(), 0);
}

TEST_P(TlsVersionTest, StalledInTheHandshake_CountsWhenItIsClosed) {
  client_ = std::make_unique<TlsClient>(io_, peer_, TlsClient::Options{.version = GetParam()});
  asio::write(peer_, asio::buffer(client_->TakeHello().substr(0, 20)));
  RunUntil([&] { return receiver_->calls > 0; });
  EXPECT_TRUE(transport_->is_secure());
  EXPECT_EQ(transport_->Send(Bytes("x")), -1);
  EXPECT_EQ(errno, ENOTCONN);
  transport_->Close();
  EXPECT_EQ(metrics_.handshakes_failed_by_client.Value(), 1);
}

TEST_P(TlsVersionTest, SmallRecordsAreAskedFor_NothingIsTorn) {
  TlsClient& client =
      ConnectTls({.version = GetParam(), .fragment_code = TLSEXT_max_fragment_length_512});
  transport_->PrepareForViewer();
  const int before = client.records_received();
  const std::string message = Pattern(5000, 0);
  EXPECT_EQ(SendSome(message).size(), message.size());
  EXPECT_TRUE(client.MustRead(message.size()) == message);
  EXPECT_GE(client.records_received() - before, 10);
  const std::string taken = Fill(1 << 20);
  EXPECT_TRUE(client.MustRead(taken.size()) == taken);
}

TEST_P(TlsVersionTest, ProtocolHttp11_IsChosen) {
  TlsClient& client = ConnectTls({.version = GetParam(), .protocols = "\x02h2\x08http/1.1"});
  const uint8_t* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.ssl(), &chosen, &size);
  EXPECT_EQ(std::string(chosen, chosen + size), "http/1.1");
}

TEST_P(TlsVersionTest, ProtocolHttp2Alone_IsRefused) {
  client_ = std::make_unique<TlsClient>(
      io_, peer_, TlsClient::Options{.version = GetParam(), .protocols = "\x02h2"});
  EXPECT_EQ(client_->Handshake(), SSL_ERROR_SSL);
  RunUntil([&] { return receiver_->is_over(); });
  EXPECT_EQ(receiver_->error, EPROTO);
  EXPECT_EQ(metrics_.handshakes_failed_by_server.Value(), 1);
}

TEST_F(TlsTransportTest, Plain_IsPlain) {
  asio::write(peer_, asio::buffer("GET /", 5));
  RunUntil([&] { return receiver_->received.size() == 5; });
  EXPECT_EQ(receiver_->received, "GET /") << "the first byte too";
  EXPECT_FALSE(transport_->is_secure());
  EXPECT_EQ(SendSome("abc"), "abc");
  std::string text(3, '\0');
  asio::read(peer_, asio::buffer(text));
  EXPECT_EQ(text, "abc");
  EXPECT_EQ(transport_->LocalHost(), "127.0.0.1");
  transport_->ShutdownSend();
  boost::system::error_code error;
  peer_.read_some(asio::buffer(text), error);
  EXPECT_EQ(error, asio::error::eof);
}

TEST_F(TlsTransportTest, NothingWasReceived_SendIsPlain) {
  EXPECT_EQ(SendSome("abc"), "abc");
  EXPECT_FALSE(transport_->is_secure());
  std::string text(3, '\0');
  asio::read(peer_, asio::buffer(text));
  EXPECT_EQ(text, "abc");
}

TEST_F(TlsTransportTest, ClosedBeforeTheFirstByte_IsTheEnd) {
  peer_.shutdown(asio::socket_base::shutdown_send);
  RunUntil([&] { return receiver_->is_over(); });
  EXPECT_TRUE(receiver_->is_ended);
  EXPECT_EQ(metrics_.handshakes_failed_by_client.Value(), 0) << "it is neither";
  transport_->Close();
  EXPECT_EQ(transport_->Send(Bytes("x")), -1);
  EXPECT_EQ(errno, EBADF);
  std::array<uint8_t, 1> buffer{};
  EXPECT_EQ(transport_->Receive(buffer), -1);
  EXPECT_EQ(errno, EBADF);
}

TEST_F(TlsTransportTest, NotTlsAfterTheFirstByte_IsEproto) {
  asio::write(peer_, asio::buffer("\x16" + std::string(100, 'x')));
  RunUntil([&] { return receiver_->is_over(); });
  EXPECT_EQ(receiver_->error, EPROTO);
  EXPECT_EQ(metrics_.handshakes_failed_by_server.Value(), 1);
  EXPECT_EQ(metrics_.handshakes_failed_by_client.Value(), 0);
}

TEST_F(TlsTransportTest, Tls11_IsRefused) {
  client_ = std::make_unique<TlsClient>(
      io_, peer_,
      TlsClient::Options{.version = TLS1_1_VERSION, .ciphers12 = "DEFAULT:@SECLEVEL=0"});
  EXPECT_EQ(client_->Handshake(), SSL_ERROR_SSL);
  RunUntil([&] { return receiver_->is_over(); });
  EXPECT_EQ(receiver_->error, EPROTO);
  EXPECT_EQ(metrics_.handshakes_failed_by_server.Value(), 1);
}

TEST_F(TlsTransportTest, SuiteWithoutForwardSecrecy_IsRefused) {
  client_ = std::make_unique<TlsClient>(
      io_, peer_,
      TlsClient::Options{.version = TLS1_2_VERSION,
                         .ciphers12 = "AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA256"});
  EXPECT_EQ(client_->Handshake(), SSL_ERROR_SSL);
  RunUntil([&] { return receiver_->is_over(); });
  EXPECT_EQ(receiver_->error, EPROTO);
}

TEST_F(TlsTransportTest, RenegotiationOfTls12_IsRefused) {
  TlsClient& client = ConnectTls({.version = TLS1_2_VERSION});
  SSL_renegotiate(client.ssl());
  EXPECT_NE(client.Handshake(), SSL_ERROR_NONE);
  RunUntil([&] { return receiver_->is_over(); });
}

TEST_F(TlsTransportTest, ClientAsksForNewKeys_GoesOn) {
  TlsClient& client = ConnectTls({.version = TLS1_3_VERSION});
  if (transport_->is_sealed_by_kernel()) {
    GTEST_SKIP() << "the kernel cannot";
  }
  for (const int kind : {SSL_KEY_UPDATE_REQUESTED, SSL_KEY_UPDATE_NOT_REQUESTED}) {
    receiver_->received.clear();
    ASSERT_EQ(SSL_key_update(client.ssl(), kind), 1);
    ASSERT_EQ(client.Write("more"), SSL_ERROR_NONE);
    RunUntil([&] { return receiver_->received.size() >= 4 || receiver_->is_over(); });
    EXPECT_EQ(receiver_->received, "more");
    const std::string message = Pattern(40000, 0);
    EXPECT_EQ(SendSome(message).size(), message.size());
    EXPECT_TRUE(client.MustRead(message.size()) == message);
  }
}

// The new keys come behind the record that waits.
TEST_F(TlsTransportTest, ClientAsksForNewKeysWhileARecordWaits_GoesOn) {
  TlsClient& client = ConnectTls({.version = TLS1_3_VERSION});
  if (transport_->is_sealed_by_kernel()) {
    GTEST_SKIP() << "the kernel cannot";
  }
  std::string taken = FillBeyondTheSocket();
  ASSERT_EQ(SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
  ASSERT_EQ(client.Write("more"), SSL_ERROR_NONE);
  RunUntil([&] { return receiver_->received.size() >= 4 || receiver_->is_over(); });
  EXPECT_EQ(receiver_->received, "more");
  EXPECT_TRUE(client.MustRead(taken.size()) == taken);
  const std::string message = Pattern(40000, 0);
  taken = SendSome(message);
  EXPECT_TRUE(client.MustRead(taken.size()) == taken);
}

// Example failure is a thread that does nothing else while a client sends KeyUpdates.
TEST_F(TlsTransportTest, ClientChangesKeysRepeatedly_IsReadOneRecordACall) {
  TlsClient& client = ConnectTls({.version = TLS1_3_VERSION});
  if (transport_->is_sealed_by_kernel()) {
    GTEST_SKIP() << "the kernel cannot";
  }
  for (int i = 0; i < 4; ++i) {
    receiver_->received.clear();
    const int before = receiver_->calls;
    ChangeKeys(client, 20);
    ASSERT_EQ(client.Write("more"), SSL_ERROR_NONE);
    RunUntil([&] { return receiver_->received.size() >= 4 || receiver_->is_over(); });
    ASSERT_EQ(receiver_->received, "more");
    EXPECT_GT(receiver_->calls - before, 20);
  }
}

TEST_F(TlsTransportTest, ClientChangesKeysWithoutEnd_IsEproto) {
  TlsClient& client = ConnectTls({.version = TLS1_3_VERSION});
  const int before = receiver_->calls;
  ChangeKeys(client, 1000);
  ASSERT_EQ(client.Write("more"), SSL_ERROR_NONE);
  RunUntil([&] { return receiver_->is_over() || !receiver_->received.empty(); });
  EXPECT_EQ(receiver_->error, EPROTO);
  EXPECT_EQ(receiver_->received, "");
  EXPECT_LT(receiver_->calls - before, 50);
  EXPECT_EQ(transport_->Send(Bytes("x")), -1);
}

// Only where the kernel has TLS.
TEST_F(TlsTransportTest, ClientAsksForNewKeysOfTheKernel_ConnectionEnds) {
  TlsClient& client = ConnectTls({.version = TLS1_3_VERSION});
  if (!transport_->is_sealed_by_kernel()) {
    GTEST_SKIP() << "no TLS in this kernel";
  }
  ASSERT_EQ(SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
  ASSERT_EQ(client.Write("more"), SSL_ERROR_NONE);
  RunUntil([&] { return receiver_->is_over(); });
  EXPECT_EQ(receiver_->error, EPROTO);
  std::string text;
  EXPECT_NE(client.Read(1, text), SSL_ERROR_NONE);
  EXPECT_EQ(transport_->Send(Bytes("x")), -1);
}

std::string ChosenSuite(TlsClient& client) { return SSL_get_cipher_name(client.ssl()); }

class TlsSuiteTest : public TlsTransportTest {
 protected:
  // Of a client that likes AES best, with a server that has AES instructions or not.
  std::string Chosen(bool has_aes, int version) {
    context_ = MakeContext(OrderCiphers(has_aes));
    Connect();
    return ChosenSuite(ConnectTls(
        {.version = version,
         .ciphers12 = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:"
                      "ECDHE-ECDSA-CHACHA20-POLY1305",
         .ciphers13 =
             "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256"}));
  }
};

TEST_F(TlsSuiteTest, WithAesInstructions_IsAes128) {
  EXPECT_EQ(Chosen(true, TLS1_3_VERSION), "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(Chosen(true, TLS1_2_VERSION), "ECDHE-ECDSA-AES128-GCM-SHA256");
}

TEST_F(TlsSuiteTest, WithoutAesInstructions_IsChaCha20) {
  EXPECT_EQ(Chosen(false, TLS1_3_VERSION), "TLS_CHACHA20_POLY1305_SHA256");
  EXPECT_EQ(Chosen(false, TLS1_2_VERSION), "ECDHE-ECDSA-CHACHA20-POLY1305");
}

// A client says so that has no AES instructions itself.
TEST_F(TlsSuiteTest, ClientLikesChaCha20Best_IsChaCha20) {
  EXPECT_EQ(
      ChosenSuite(ConnectTls({.version = TLS1_3_VERSION,
                              .ciphers13 = "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"})),
      "TLS_CHACHA20_POLY1305_SHA256");
}

}  // namespace
}  // namespace pistream
