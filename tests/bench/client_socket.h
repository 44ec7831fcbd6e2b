// The load generator's end of a connection, plain or TLS. It takes next to no work and memory: the
// generator runs on the same two cores as the server it measures.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "openssl/ssl.h"
#include "src/net/openssl_support.h"

namespace pistream::bench {

// What the TLS connections of one thread share. Certificates are not checked.
class ClientTls {
 public:
  // `suite`: OpenSSL's name of the one suite of TLS 1.3 that is offered. Throws
  // std::invalid_argument if there is none.
  explicit ClientTls(const std::string& suite);
  ~ClientTls() = default;
  ClientTls(const ClientTls&) = delete;
  ClientTls& operator=(const ClientTls&) = delete;

 private:
  friend class ClientSocket;

  using Session = std::unique_ptr<SSL_SESSION, OpensslDeleter<&SSL_SESSION_free>>;

  static int KeepSession(SSL* ssl, SSL_SESSION* session);
  static int Read(BIO* bio, char* into, int size);
  static long Control(BIO* bio, int command, long, void*);  // NOLINT(google-runtime-int)

  std::unique_ptr<SSL_CTX, OpensslDeleter<&SSL_CTX_free>> context_;
  Session session_;  // the first that a server gave
  // All connections read from this one: what was just received from the socket of one of them.
  std::unique_ptr<BIO_METHOD, OpensslDeleter<&BIO_meth_free>> method_;
  BioPtr received_bio_;
  std::array<uint8_t, 48 << 10> buffer_{};
  std::span<const uint8_t> received_;
};

class ClientSocket {
 public:
  enum class Handshake { kDone, kGoesOn, kFailed };

  // What decrypting what was received at once can give, with a record whose beginning came before.
  static constexpr size_t kReceiveSize = 64 << 10;

  // Takes `fd`, which does not block. `tls`, null for a plain connection, outlives it. `resumes`:
  // by the session that an earlier connection got, if there is one.
  ClientSocket(int fd, ClientTls* tls, bool resumes);
  ~ClientSocket() { Close(); }
  ClientSocket(const ClientSocket&) = delete;
  ClientSocket& operator=(const ClientSocket&) = delete;

  // To be called for each event of the socket until it is over. A plain connection has none.
  Handshake ContinueHandshake();
  bool is_resumed() const { return ssl_ && SSL_session_reused(ssl_.get()) == 1; }

  // As send(). Partial sends of TLS are EAGAIN: the same bytes must come again.
  ssize_t Send(std::string_view bytes);
  // As recv() of at most kReceiveSize bytes.
  ssize_t Receive(std::span<uint8_t, kReceiveSize> buffer);
  // Whether the last Receive may have left something in the socket.
  bool may_have_more() const { return may_have_more_; }

  void Close();

  int fd() const { return fd_; }  // -1 once it is closed

 private:
  ssize_t ReceiveTls(std::span<uint8_t, kReceiveSize> buffer);
  ssize_t Decrypt(std::span<uint8_t> into);

  int fd_;
  ClientTls* tls_;
  std::unique_ptr<SSL, OpensslDeleter<&SSL_free>> ssl_;
  bool is_handshake_over_;
  bool may_have_more_ = false;
};

}  // namespace pistream::bench
