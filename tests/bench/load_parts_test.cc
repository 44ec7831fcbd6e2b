#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "openssl/bio.h"
#include "openssl/ssl.h"
#include "src/net/openssl_support.h"
#include "src/net/pem.h"
#include "tests/bench/client_socket.h"
#include "tests/bench/picture_log.h"
#include "tests/bench/stream_reader.h"
#include "tests/support/test_certificate.h"

namespace pistream::bench {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

std::vector<uint8_t> Bytes(const std::string& text) { return {text.begin(), text.end()}; }

const std::string kUpgrade = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

std::string LongFrame(size_t payload) {
  return std::string("\x82\x7E") + static_cast<char>(payload >> 8) +
         static_cast<char>(payload & 0xFF) + std::string(payload, 'p');
}

std::vector<uint64_t> LengthsFed(const std::string& stream, size_t piece) {
  StreamReader reader;
  std::vector<uint64_t> lengths;
  const std::vector<uint8_t> bytes = Bytes(stream);
  for (size_t i = 0; i < bytes.size(); i += piece) {
    reader.Feed(std::span(bytes).subspan(i, std::min(piece, bytes.size() - i)),
                [&](const ServerMessage& message) { lengths.push_back(message.bytes); });
  }
  return lengths;
}

class PieceTest : public testing::TestWithParam<size_t> {};

TEST_P(PieceTest, StreamInPieces_GivesTheSameMessages) {
  const std::string stream =
      kUpgrade + "\x82\x08jsmp1234" + LongFrame(300) + "\x88" + std::string(1, '\0') + "\x82\x01x";
  EXPECT_THAT(LengthsFed(stream, GetParam()), ElementsAre(8, 300, 0, 1));
}

INSTANTIATE_TEST_SUITE_P(Sizes, PieceTest, testing::Values(1, 2, 3, 7, 97, 100000));

TEST(StreamReaderTest, NotAnUpgrade_IsRefused) {
  StreamReader reader;
  EXPECT_EQ(reader.Feed(Bytes("HTTP/1.1 403 Forbidden\r\n\r\n"), [](const ServerMessage&) {}),
            StreamReader::Status::kRefused);
}

TEST(StreamReaderTest, MaskedFrame_IsBroken) {
  StreamReader reader;
  EXPECT_EQ(reader.Feed(Bytes(kUpgrade + "\x82\x81" + "maskx"), [](const ServerMessage&) {}),
            StreamReader::Status::kBroken);
}

// Example failure is a spread of seconds where the server repeats pictures: 73 bytes, the same
// ones.
TEST(StreamReaderTest, SameBytesInAnotherGroup_AreAnotherPicture) {
  const std::string intra("\x82\x05\0\0\1\xB3", 6);
  const std::string repeat = "\x82\x01r";
  const std::string stream =
      kUpgrade + intra + "a" + repeat + intra + "b" + repeat + intra + "a" + repeat;
  StreamReader reader;
  std::vector<uint64_t> seen;
  reader.Feed(Bytes(stream),
              [&](const ServerMessage& message) { seen.push_back(message.fingerprint); });
  ASSERT_EQ(seen.size(), 6);
  EXPECT_EQ((std::set<uint64_t>(seen.begin(), seen.end()).size()), 4);
  EXPECT_EQ(seen[5], seen[1]);
}

TEST(PictureLogTest, SamePictureAtTwoViewers_IsOneEntry) {
  PictureLog log;
  const Time now{};
  EXPECT_EQ(log.Received(1, now), 0U);
  EXPECT_EQ(log.Received(1, now + seconds(1)), 0U);
  EXPECT_EQ(log.Received(2, now + seconds(1)), 1U);
  EXPECT_EQ(log.entries()[0].viewers, 2);
  EXPECT_EQ(log.entries()[0].last - log.entries()[0].first, seconds(1));
}

TEST(PictureLogTest, SameBytesMuchLater_AreAnotherPicture) {
  PictureLog log;
  const Time now{};
  EXPECT_EQ(log.Received(1, now), 0U);
  EXPECT_EQ(log.Received(1, now + seconds(10)), 1U);
}

TEST(PercentilesTest, RanksOfAHundred_AreTheNumbers) {
  std::vector<double> samples;
  for (int i = 100; i >= 0; --i) {
    samples.push_back(i);
  }
  const Percentiles result = PercentilesOf(samples);
  EXPECT_EQ(result.p50, 50);
  EXPECT_EQ(result.p95, 95);
  EXPECT_EQ(result.p99, 99);
  EXPECT_EQ(result.max, 100);
}

const std::string kAes = "TLS_AES_128_GCM_SHA256";
const std::string kChaCha20 = "TLS_CHACHA20_POLY1305_SHA256";

// Both ends of connections in this process, none of which blocks.
class ClientSocketTest : public testing::Test {
 protected:
  ~ClientSocketTest() override { close(fds_[1]); }

  void SetUp() override {
    const auto pair = TestCertificate::Make();
    const auto certificates = ParseCertificates(pair.certificate, "certificate");
    const auto key = ParseKey(pair.key, "key");
    ASSERT_TRUE(certificates && key);
    SSL_CTX_use_certificate(context_.get(), certificates->front().get());
    SSL_CTX_use_PrivateKey(context_.get(), key->get());
    SSL_CTX_set_session_id_context(context_.get(), reinterpret_cast<const uint8_t*>("test"), 4);
  }

  void Connect(ClientTls* tls, bool resumes = false) {
    client_.reset();
    server_.reset();
    close(fds_[1]);
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds_.data()), 0);
    client_ = std::make_unique<ClientSocket>(fds_[0], tls, resumes);
    if (tls == nullptr) {
      return;
    }
    server_.reset(SSL_new(context_.get()));
    SSL_set_fd(server_.get(), fds_[1]);
    auto handshake = client_->ContinueHandshake();
    for (int turns = 0; turns < 10 && handshake == ClientSocket::Handshake::kGoesOn; ++turns) {
      SSL_accept(server_.get());
      handshake = client_->ContinueHandshake();
    }
    ASSERT_EQ(handshake, ClientSocket::Handshake::kDone);
    ASSERT_EQ(SSL_accept(server_.get()), 1);
  }

  // Into the socket, as many records as it takes.
  void ServerSends(const std::string& text) {
    ASSERT_EQ(SSL_write(server_.get(), text.data(), static_cast<int>(text.size())),
              static_cast<int>(text.size()));
  }

  // The result of the last Receive that was made because there may have been more, or 1; what came
  // is added to `text`.
  ssize_t ReceiveAll(std::string& text) {
    do {
      const ssize_t count = client_->Receive(buffer_);
      if (count <= 0) {
        return count;
      }
      text.append(buffer_.begin(), buffer_.begin() + count);
    } while (client_->may_have_more());
    return 1;
  }

  std::unique_ptr<SSL_CTX, OpensslDeleter<&SSL_CTX_free>> context_{
      SSL_CTX_new(TLS_server_method())};
  std::unique_ptr<SSL, OpensslDeleter<&SSL_free>> server_;
  std::array<int, 2> fds_{-1, -1};
  std::unique_ptr<ClientSocket> client_;
  std::array<uint8_t, ClientSocket::kReceiveSize> buffer_{};
};

TEST_F(ClientSocketTest, Plain_SendsAndReceives) {
  Connect(nullptr);
  EXPECT_EQ(client_->ContinueHandshake(), ClientSocket::Handshake::kDone);
  EXPECT_EQ(client_->Receive(buffer_), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(client_->Send("request"), 7);
  std::array<char, 20> request{};
  EXPECT_EQ(recv(fds_[1], request.data(), request.size(), 0), 7);
  EXPECT_EQ(send(fds_[1], "response", 8, 0), 8);
  std::string text;
  EXPECT_EQ(ReceiveAll(text), 1);
  EXPECT_EQ(text, "response");
}

TEST_F(ClientSocketTest, Tls_SendsAndReceives) {
  ClientTls tls(kAes);
  Connect(&tls);
  EXPECT_EQ(client_->Send("request"), 7);
  std::array<char, 20> request{};
  EXPECT_EQ(SSL_read(server_.get(), request.data(), request.size()), 7);
  ServerSends("response");
  std::string text;
  EXPECT_EQ(ReceiveAll(text), 1);  // the tickets before it are no end of it
  EXPECT_EQ(text, "response");
  EXPECT_EQ(client_->Receive(buffer_), -1);
  EXPECT_EQ(errno, EAGAIN);
}

TEST_F(ClientSocketTest, SuiteThatIsOffered_IsTheOneInUse) {
  for (const std::string& suite : {kAes, kChaCha20}) {
    ClientTls tls(suite);
    Connect(&tls);
    EXPECT_EQ(SSL_get_cipher_name(server_.get()), suite);
  }
}

TEST_F(ClientSocketTest, SuiteThereIsNot_Throws) {
  EXPECT_THROW(ClientTls("TLS_ROT_13"), std::invalid_argument);
}

// Example failure is a picture of 40 KB that misses what the first of its receptions cut.
TEST_F(ClientSocketTest, RecordsInPieces_GiveTheSameBytes) {
  ClientTls tls(kAes);
  Connect(&tls);
  BIO* const sealed = BIO_new(BIO_s_mem());
  BIO_up_ref(sealed);
  SSL_set0_wbio(server_.get(), sealed);
  std::string message;
  for (size_t i = 0; i < 100'000; ++i) {
    message += static_cast<char>('a' + i * i % 26);
  }
  ServerSends(message);
  std::string wire(BIO_ctrl_pending(sealed), 0);
  ASSERT_EQ(BIO_read(sealed, wire.data(), static_cast<int>(wire.size())),
            static_cast<int>(wire.size()));
  BIO_free(sealed);
  std::string text;
  for (size_t i = 0; i < wire.size();) {
    const size_t piece = std::min(wire.size() - i, i % 3 == 0 ? size_t{40'000} : size_t{4'099});
    ASSERT_EQ(send(fds_[1], wire.data() + i, piece, 0), static_cast<ssize_t>(piece));
    i += piece;
    ReceiveAll(text);
  }
  EXPECT_EQ(text.size(), message.size());
  EXPECT_TRUE(text == message);
}

TEST_F(ClientSocketTest, MoreThanOneReception_MayHaveMore) {
  ClientTls tls(kAes);
  Connect(&tls);
  const std::string message(90'000, 'x');
  ServerSends(message);
  const ssize_t first = client_->Receive(buffer_);
  ASSERT_GT(first, 0);
  EXPECT_TRUE(client_->may_have_more());
  std::string text(buffer_.begin(), buffer_.begin() + first);
  ReceiveAll(text);
  EXPECT_EQ(text, message);
  EXPECT_FALSE(client_->may_have_more());
}

TEST_F(ClientSocketTest, SessionOfAnEarlierConnection_IsResumedIfWanted) {
  ClientTls tls(kAes);
  Connect(&tls);
  EXPECT_FALSE(client_->is_resumed());
  ServerSends("a ticket is in front of this");
  std::string text;
  ReceiveAll(text);
  Connect(&tls, true);
  EXPECT_TRUE(client_->is_resumed());
  EXPECT_EQ(SSL_session_reused(server_.get()), 1);
  Connect(&tls, true);
  EXPECT_TRUE(client_->is_resumed()) << "each time";
  Connect(&tls, false);
  EXPECT_FALSE(client_->is_resumed());
}

TEST_F(ClientSocketTest, EndOfTheServer_IsTheEnd) {
  ClientTls tls(kAes);
  Connect(&tls);
  ServerSends("last");
  SSL_shutdown(server_.get());
  std::string text;
  ReceiveAll(text);
  EXPECT_EQ(text, "last");
  shutdown(fds_[1], SHUT_WR);
  EXPECT_EQ(client_->Receive(buffer_), 0);
}

TEST_F(ClientSocketTest, BytesThatAreNoRecord_AreAFault) {
  ClientTls tls(kAes);
  Connect(&tls);
  ASSERT_EQ(send(fds_[1], "HTTP/1.1 400 Bad Request", 24, 0), 24);
  EXPECT_EQ(client_->Receive(buffer_), -1);
  EXPECT_EQ(errno, EPROTO);
}

TEST_F(ClientSocketTest, ServerWithoutTls_FailsTheHandshake) {
  ClientTls tls(kAes);
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds_.data()), 0);
  client_ = std::make_unique<ClientSocket>(fds_[0], &tls, false);
  EXPECT_EQ(client_->ContinueHandshake(), ClientSocket::Handshake::kGoesOn);
  ASSERT_EQ(send(fds_[1], "HTTP/1.1 400 Bad Request", 24, 0), 24);
  EXPECT_EQ(client_->ContinueHandshake(), ClientSocket::Handshake::kFailed);
}

}  // namespace
}  // namespace pistream::bench
