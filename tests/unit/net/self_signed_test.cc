#include "src/net/self_signed.h"

#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "openssl/ssl.h"
#include "src/metrics/metrics.h"
#include "src/net/tls_context.h"
#include "src/net/tls_transport.h"
#include "tests/support/test_certificate.h"
#include "tests/support/tls_client.h"

namespace pistream {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

using std::chrono::days;
using testing::HasSubstr;
using testing::Optional;

class SelfSignedTest : public testing::Test {
 protected:
  ~SelfSignedTest() override { fs::remove_all(folder_); }

  SelfSigned Ensure(const std::vector<std::string>& names) const {
    auto made = EnsureSelfSigned(folder_ / "state", names, now_);
    EXPECT_TRUE(made) << made.error().message;
    return *std::move(made);
  }

  const fs::path folder_ = fs::path(testing::TempDir()) / "self_signed_test";
  const std::vector<std::string> names_ = {"pi.local", "pi", "192.168.1.7", "fd00::7"};
  WallTime now_ = std::chrono::system_clock::now();
};

TEST_F(SelfSignedTest, None_IsMade) {
  const SelfSigned made = Ensure(names_);
  EXPECT_EQ(made.why_new, "there is none yet");
  EXPECT_EQ(made.certificate.names, names_);
  EXPECT_LT(made.certificate.begins, now_ - std::chrono::hours(23));
  EXPECT_EQ(made.certificate.ends - made.certificate.begins, days(397));
  struct stat status{};
  ASSERT_EQ(::stat(made.path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const auto files = std::distance(fs::directory_iterator(folder_ / "state"), {});
  EXPECT_EQ(files, 1) << "nothing temporary is left";
  const auto context = TlsContext::Load({.certificate = made.path, .key = made.path});
  ASSERT_TRUE(context) << context.error().message;
  EXPECT_EQ((*context)->certificate().fingerprint, made.certificate.fingerprint);
}

TEST_F(SelfSignedTest, GoodOne_IsKept) {
  const SelfSigned first = Ensure(names_);
  const SelfSigned second = Ensure({"PI.local", "fd00:0::7"});
  EXPECT_EQ(second.why_new, std::nullopt);
  EXPECT_EQ(second.certificate.fingerprint, first.certificate.fingerprint);
}

TEST_F(SelfSignedTest, OneThatOthersCouldRead_IsReplaced) {
  for (const fs::perms others : {fs::perms::group_read, fs::perms::others_read}) {
    const SelfSigned first = Ensure(names_);
    fs::permissions(first.path, others, fs::perm_options::add);
    const SelfSigned second = Ensure(names_);
    EXPECT_EQ(second.why_new, "other users could read the key of the one before");
    EXPECT_NE(second.certificate.fingerprint, first.certificate.fingerprint);
    EXPECT_EQ(fs::status(second.path).permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
  }
}

TEST_F(SelfSignedTest, OneThatEndsSoon_IsReplaced) {
  const SelfSigned first = Ensure(names_);
  now_ += days(365);
  EXPECT_EQ(Ensure(names_).why_new, std::nullopt);
  now_ += days(2);
  const SelfSigned second = Ensure(names_);
  EXPECT_THAT(second.why_new, Optional(HasSubstr("it ends on ")));
  EXPECT_NE(second.certificate.fingerprint, first.certificate.fingerprint);
  EXPECT_GT(second.certificate.ends, first.certificate.ends + days(300));
}

TEST_F(SelfSignedTest, OneThatLacksAName_IsReplaced) {
  Ensure({"pi.local", "192.168.1.7"});
  EXPECT_EQ(Ensure({"pi.local", "192.168.1.8"}).why_new, "it is not for 192.168.1.8");
  EXPECT_EQ(Ensure({"pi.lan", "192.168.1.8"}).why_new, "it is not for pi.lan");
  EXPECT_EQ(Ensure({"pi.lan"}).why_new, std::nullopt) << "more names do not matter";
}

TEST_F(SelfSignedTest, OneThatCannotBeUsed_IsReplaced) {
  const SelfSigned first = Ensure(names_);
  const auto other = TestCertificate::Make();
  std::ifstream file(first.path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const std::string& broken :
       {std::string(), text.substr(0, text.size() / 2), std::string("nonsense"), other.certificate,
        other.certificate + TestCertificate::Make().key}) {
    std::ofstream(first.path) << broken;
    const SelfSigned made = Ensure(names_);
    EXPECT_NE(made.why_new, std::nullopt);
    EXPECT_TRUE(TlsContext::Load({.certificate = made.path, .key = made.path}));
  }
}

TEST_F(SelfSignedTest, NoName_IsAnError) {
  EXPECT_FALSE(EnsureSelfSigned(folder_, {}, now_));
  for (const std::string& name :
       std::vector<std::string>{"", "a,DNS:b", "a b", "fe80::1%eth0", "\xc3\xa4.local"}) {
    const auto made = EnsureSelfSigned(folder_, {name}, now_);
    ASSERT_FALSE(made) << name;
    EXPECT_THAT(made.error().message, HasSubstr("neither a DNS name nor an IP address"));
    EXPECT_TRUE(made.error().is_bad_usage);
  }
}

TEST_F(SelfSignedTest, LongName_IsFor) {
  const std::string name = std::string(63, 'a') + "." + std::string(63, 'b') + ".local";
  EXPECT_EQ(Ensure({name}).certificate.names, std::vector{name});
  EXPECT_EQ(Ensure({name}).why_new, std::nullopt);
}

TEST_F(SelfSignedTest, NoPlaceToWrite_IsAnError) {
  fs::create_directories(folder_);
  std::ofstream(folder_ / "file") << "x";
  const auto made = EnsureSelfSigned(folder_ / "file" / "state", names_, now_);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("cannot write the self-signed TLS certificate"));
}

class Discard final : public TransportHandler, public std::enable_shared_from_this<Discard> {
 public:
  explicit Discard(Transport& transport) : transport_(transport) {}
  void OnReadable() override {
    std::vector<uint8_t> buffer(100);
    if (transport_.Receive(buffer) < 0 && errno == EAGAIN) {
      transport_.AwaitReadable(shared_from_this());
    }
  }
  void OnWritable() override {}

 private:
  Transport& transport_;
};

// A client that was given the certificate needs no exception.
TEST_F(SelfSignedTest, ClientThatTrustsIt_FindsItValid) {
  const SelfSigned made = Ensure(names_);
  const auto context = TlsContext::Load({.certificate = made.path, .key = made.path});
  std::ifstream file(made.path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  Metrics registry;
  const TlsMetrics metrics(registry);
  for (const auto& [host, result] :
       {std::pair<std::string, int>{"pi.local", SSL_ERROR_NONE}, {"evil.local", SSL_ERROR_SSL}}) {
    asio::io_context io;
    asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    asio::ip::tcp::socket peer(io);
    peer.connect(acceptor.local_endpoint());
    Socket socket(io);
    acceptor.accept(socket);
    TlsTransport transport(std::move(socket), *context, metrics);
    transport.AwaitReadable(std::make_shared<Discard>(transport));
    TlsClient client(io, peer, {.trusted = text, .host = host});
    EXPECT_EQ(client.Handshake(), result);
    EXPECT_EQ(SSL_get_verify_result(client.ssl()),
              result == SSL_ERROR_NONE ? X509_V_OK : X509_V_ERR_HOSTNAME_MISMATCH);
  }
}

}  // namespace
}  // namespace pistream
