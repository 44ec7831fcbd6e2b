// What OpenSSL keeps for each connection of the server.

#include <malloc.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "openssl/crypto.h"
#include "openssl/ssl.h"
#include "src/metrics/metrics.h"
#include "src/net/tls_transport.h"
#include "tests/support/test_certificate.h"
#include "tests/support/tls_client.h"

namespace pistream {
namespace {

namespace asio = boost::asio;

// Of OpenSSL 3.0, and of later ones: a budget for each viewer.
const size_t kBudget = OpenSSL_version_num() < 0x30200000 ? 20 << 10 : 30 << 10;

// OpenSSL's memory, while it is asked for within the scope of a Server.
class Account {
 public:
  static Account& Get() {
    static Account account;
    return account;
  }

  void Add(void* pointer) {
    if (is_server_ && pointer != nullptr) {
      bytes_ += sizes_[pointer] = ::malloc_usable_size(pointer);
    }
  }
  void Remove(void* pointer) {
    if (const auto found = sizes_.find(pointer); found != sizes_.end()) {
      bytes_ -= found->second;
      sizes_.erase(found);
    }
  }

  size_t bytes() const { return bytes_; }

  class Server {
   public:
    Server() { Get().is_server_ = true; }
    ~Server() { Get().is_server_ = false; }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
  };

 private:
  std::unordered_map<void*, size_t> sizes_;
  size_t bytes_ = 0;
  bool is_server_ = false;
};

void* Allocate(size_t size, const char* /*file*/, int /*line*/) {
  void* const pointer = std::malloc(size);
  Account::Get().Add(pointer);
  return pointer;
}

void Release(void* pointer, const char* /*file*/, int /*line*/) {
  Account::Get().Remove(pointer);
  std::free(pointer);
}

void* Reallocate(void* pointer, size_t size, const char* /*file*/, int /*line*/) {
  Account::Get().Remove(pointer);
  void* const moved = std::realloc(pointer, size);
  Account::Get().Add(moved);
  return moved;
}

// Before OpenSSL allocates anything.
const bool kIsCounted = CRYPTO_set_mem_functions(&Allocate, &Reallocate, &Release) == 1;

class Connection final : public TransportHandler, public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::io_context& io, std::shared_ptr<const TlsContext> context,
             const TlsMetrics& metrics)
      : io_(io), peer_(io) {
    asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    peer_.connect(acceptor.local_endpoint());
    Socket socket(io);
    acceptor.accept(socket);
    transport_ = std::make_unique<TlsTransport>(std::move(socket), std::move(context), metrics);
  }

  void Greet() {
    transport_->AwaitReadable(shared_from_this());
    client_ = std::make_unique<TlsClient>(io_, peer_);
    ASSERT_EQ(client_->Handshake(), SSL_ERROR_NONE);
    ASSERT_EQ(client_->Write("hello"), SSL_ERROR_NONE);
    io_.restart();
    while (received_ < 5) {
      io_.run_one();
    }
  }

  size_t Send(size_t size) {
    const Account::Server scope;
    const std::vector<uint8_t> bytes(size);
    return static_cast<size_t>(std::max<ssize_t>(transport_->Send(bytes), 0));
  }

  void Read(size_t size) { client_->MustRead(size); }

  void Close() {
    transport_->Close();
    io_.restart();
    io_.poll();
  }

  void OnReadable() override {
    const Account::Server scope;
    std::vector<uint8_t> buffer(16 << 10);
    const ssize_t size = transport_->Receive(buffer);
    received_ += static_cast<size_t>(std::max<ssize_t>(size, 0));
    if (size > 0 || errno == EAGAIN) {
      transport_->AwaitReadable(shared_from_this());
    }
  }
  void OnWritable() override {}

 private:
  asio::io_context& io_;
  asio::ip::tcp::socket peer_;
  std::unique_ptr<TlsTransport> transport_;
  std::unique_ptr<TlsClient> client_;
  size_t received_ = 0;
};

TEST(TlsMemoryTest, Connection_StaysWithinItsBudget) {
  if (!kIsCounted) {
    GTEST_SKIP() << "OpenSSL allocated before";
  }
  const auto certificate = TestCertificate::Make();
  const auto context =
      TlsContext::Make({}, {.certificate = certificate.certificate, .key = certificate.key});
  Metrics registry;
  const TlsMetrics metrics(registry);
  asio::io_context io;
  const auto first = std::make_shared<Connection>(io, *context, metrics);
  first->Greet();  // what all share is there now
  const size_t before = Account::Get().bytes();
  const auto second = std::make_shared<Connection>(io, *context, metrics);
  second->Greet();
  const size_t idle = Account::Get().bytes() - before;
  RecordProperty("idle_bytes", static_cast<int>(idle));
  EXPECT_GT(idle, 1000U);
  EXPECT_LE(idle, kBudget);
  second->Read(second->Send(40000));
  EXPECT_LE(Account::Get().bytes() - before, idle) << "no buffer stays";
  // While a record waits there is one buffer for it; then none.
  const size_t sent = second->Send(8 << 20);
  EXPECT_LE(Account::Get().bytes() - before, idle + (18 << 10));
  second->Read(sent);
  EXPECT_LE(Account::Get().bytes() - before, idle);
  second->Close();
  EXPECT_LE(Account::Get().bytes(), before);
  first->Close();
}

// A plain connection on the same port costs little more than on one of its own.
TEST(TlsMemoryTest, Transport_HasNoBuffersOfItsOwn) {
  EXPECT_LE(sizeof(TlsTransport), sizeof(PlainTransport) + 128);
}

}  // namespace
}  // namespace pistream
