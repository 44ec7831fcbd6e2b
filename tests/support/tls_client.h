// A TLS client on one end of a connection whose other end is served by the same io_context: what it
// waits for may need handlers of that to run.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "openssl/ssl.h"

namespace pistream {

struct SslFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using SessionPtr = std::unique_ptr<SSL_SESSION, SslFree>;

// Not thread-safe. Fails the test if a connection ends that should not.
class TlsClient {
 public:
  struct Options {
    int version = 0;                 // TLS1_2_VERSION, TLS1_3_VERSION; 0: whatever is newest
    std::string ciphers12 = {};      // empty: the usual ones
    std::string ciphers13 = {};      // likewise
    std::string protocols = {};      // for ALPN, each behind its length; empty: none
    std::string trusted = {};        // a certificate (PEM); empty: any certificate will do
    std::string host = {};           // that the certificate must be for; empty: any
    SSL_SESSION* session = nullptr;  // to resume
    uint8_t fragment_code = 0;       // TLSEXT_max_fragment_length_512 and so on
  };

  TlsClient(boost::asio::io_context& io, boost::asio::ip::tcp::socket& socket,
            const Options& options);
  TlsClient(boost::asio::io_context& io, boost::asio::ip::tcp::socket& socket)
      : TlsClient(io, socket, Options()) {}

  // These wait, and run handlers meanwhile. Each returns SSL_ERROR_NONE, or how the connection
  // ended.
  int Handshake();
  int Write(std::string_view text);
  // Exactly `size` bytes more, at the end of `text`.
  int Read(size_t size, std::string& text);

  // The same, and must succeed.
  std::string MustRead(size_t size);

  // The ClientHello, for a test that sends it. Then Handshake goes on.
  std::string TakeHello();

  // A session for the next connection. After something was read, for tickets come before that. A
  // copy: a connection that breaks makes its own unfit for use.
  SessionPtr GetSession() { return SessionPtr(SSL_SESSION_dup(SSL_get0_session(ssl_.get()))); }

  SSL* ssl() { return ssl_.get(); }
  int records_received() const { return records_received_; }

 private:
  template <typename Call>
  int Complete(Call call);
  void Await(boost::asio::ip::tcp::socket::wait_type type);
  static void OnMessage(int is_sent, int version, int type, const void* bytes, size_t size,
                        SSL* ssl, void* self);

  boost::asio::io_context& io_;
  boost::asio::ip::tcp::socket& socket_;
  std::unique_ptr<SSL_CTX, SslFree> context_;
  std::unique_ptr<SSL, SslFree> ssl_;
  int records_received_ = 0;
};

}  // namespace pistream
