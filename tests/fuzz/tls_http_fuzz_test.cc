// HTTP over TLS: however a client's bytes are cut into records, and the records into what the
// server receives at once, it reads the same requests. The first byte chooses the size of what is
// received at once, the next ones those of the records.

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "openssl/ssl.h"
#include "src/http/request_reader.h"
#include "src/metrics/metrics.h"
#include "src/net/tls_transport.h"
#include "tests/support/test_certificate.h"

namespace {

using namespace pistream;

// More could fill the sockets' buffers, and nobody would empty them.
constexpr size_t kLargestInput = 4096;
constexpr size_t kRecordSizes = 4;
constexpr size_t kMostWaiting = 64;

void Require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

// One for all inputs: its handshake takes longer than they do.
class Connection {
 public:
  Connection() {
    std::array<int, 2> ends{};
    Require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
    const auto certificate = TestCertificate::Make();
    const auto context =
        TlsContext::Make({}, {.certificate = certificate.certificate, .key = certificate.key});
    Socket socket(io_);
    socket.assign(boost::asio::ip::tcp::v4(), ends[0]);
    transport_ = std::make_unique<TlsTransport>(std::move(socket), *context, metrics_);
    client_ = SSL_new(SSL_CTX_new(TLS_client_method()));
    SSL_set_fd(client_, ends[1]);
    SSL_set_connect_state(client_);
    while (SSL_do_handshake(client_) != 1) {
      Require(Receive(1).empty());
    }
  }

  void Write(std::string_view record) {
    Require(SSL_write(client_, record.data(), static_cast<int>(record.size())) ==
            static_cast<int>(record.size()));
  }

  // At most `size` bytes; empty if there are none.
  std::string Receive(size_t size) {
    std::array<uint8_t, 256> buffer{};
    const ssize_t received = transport_->Receive(std::span(buffer).first(size));
    Require(received > 0 || (received < 0 && errno == EAGAIN));
    return {buffer.begin(), buffer.begin() + std::max<ssize_t>(received, 0)};
  }

 private:
  boost::asio::io_context io_;
  Metrics registry_;
  TlsMetrics metrics_{registry_};
  std::unique_ptr<TlsTransport> transport_;
  SSL* client_ = nullptr;
};

// What a server makes of a client's bytes.
class Reading {
 public:
  void Append(std::string_view bytes) {
    reader_.Append(bytes);
    while (!is_broken_) {
      switch (reader_.Next()) {
        case RequestReader::Status::kRequest:
          text_ += std::string(reader_.request().method_string()) + " " +
                   std::string(reader_.request().target()) + "|" + reader_.request().body() + "|";
          continue;
        case RequestReader::Status::kError:
          text_ += "error " + std::to_string(static_cast<int>(reader_.error()));
          is_broken_ = true;
          return;
        case RequestReader::Status::kNeedMore:
          return;
      }
    }
  }

  const std::string& text() const { return text_; }

 private:
  RequestReader reader_;
  std::string text_;
  bool is_broken_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Connection connection;
  if (size <= 1 + kRecordSizes || size > kLargestInput) {
    return 0;
  }
  const size_t piece = size_t{1} + data[0];
  const std::span<const uint8_t> record_sizes(data + 1, kRecordSizes);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1 + kRecordSizes,
                               size - 1 - kRecordSizes);
  Reading whole;
  whole.Append(bytes);
  Reading cut;
  std::string received;
  std::string_view rest = bytes;
  for (size_t i = 0; !rest.empty(); ++i) {
    const size_t record = std::min<size_t>(rest.size(), size_t{1} + record_sizes[i % kRecordSizes]);
    connection.Write(rest.substr(0, record));
    rest.remove_prefix(record);
    // Some records wait together, as many as the socket takes in any case.
    const bool is_late =
        (record_sizes[i % kRecordSizes] & 1) != 0 && i % kMostWaiting != 0 && !rest.empty();
    while (!is_late) {
      const std::string some = connection.Receive(piece);
      if (some.empty()) {
        break;
      }
      received += some;
      cut.Append(some);
    }
  }
  Require(received == bytes);
  Require(cut.text() == whole.text());
  return 0;
}
