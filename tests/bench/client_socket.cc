#include "tests/bench/client_socket.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <stdexcept>

#include "openssl/err.h"

namespace pistream::bench {

ClientTls::ClientTls(const std::string& suite)
    : context_(SSL_CTX_new(TLS_client_method())),
      method_(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "received")) {
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_3_VERSION);
  if (SSL_CTX_set_ciphersuites(context_.get(), suite.c_str()) != 1) {
    throw std::invalid_argument("OpenSSL knows no suite of TLS 1.3 called " + suite);
  }
  SSL_CTX_set_mode(context_.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context_.get(),
                                 SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_app_data(context_.get(), this);
  SSL_CTX_sess_set_new_cb(context_.get(), &KeepSession);
  BIO_meth_set_read(method_.get(), &Read);
  BIO_meth_set_ctrl(method_.get(), &Control);
  received_bio_.reset(BIO_new(method_.get()));
  BIO_set_data(received_bio_.get(), this);
  BIO_set_init(received_bio_.get(), 1);
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL's BIO for sockets calls write()
}

// Copies: a connection that ends without close_notify makes its session unfit for use.
int ClientTls::KeepSession(SSL* ssl, SSL_SESSION* session) {
  auto& self = *static_cast<ClientTls*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  if (!self.session_) {
    self.session_.reset(SSL_SESSION_dup(session));
  }
  return 0;
}

int ClientTls::Read(BIO* bio, char* into, int size) {
  auto& received = static_cast<ClientTls*>(BIO_get_data(bio))->received_;
  BIO_clear_retry_flags(bio);
  if (received.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const auto taken = received.first(std::min(received.size(), static_cast<size_t>(size)));
  std::ranges::copy(taken, into);
  received = received.subspan(taken.size());
  return static_cast<int>(taken.size());
}

// NOLINTNEXTLINE(google-runtime-int): the library's type
long ClientTls::Control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

ClientSocket::ClientSocket(int fd, ClientTls* tls, bool resumes)
    : fd_(fd), tls_(tls), is_handshake_over_(tls == nullptr) {
  if (tls == nullptr) {
    return;
  }
  ssl_.reset(SSL_new(tls->context_.get()));
  SSL_set_fd(ssl_.get(), fd);
  SSL_set_connect_state(ssl_.get());
  if (resumes && tls->session_) {
    const ClientTls::Session copy(SSL_SESSION_dup(tls->session_.get()));
    SSL_set_session(ssl_.get(), copy.get());
  }
}

ClientSocket::Handshake ClientSocket::ContinueHandshake() {
  if (is_handshake_over_) {
    return Handshake::kDone;
  }
  ERR_clear_error();
  if (const int result = SSL_do_handshake(ssl_.get()); result != 1) {
    const int error = SSL_get_error(ssl_.get(), result);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? Handshake::kGoesOn
                                                                         : Handshake::kFailed;
  }
  // Until here OpenSSL read the socket itself, record by record: nothing is left over.
  is_handshake_over_ = true;
  BIO_up_ref(tls_->received_bio_.get());
  SSL_set0_rbio(ssl_.get(), tls_->received_bio_.get());
  return Handshake::kDone;
}

ssize_t ClientSocket::Send(std::string_view bytes) {
  if (!ssl_) {
    return send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  ERR_clear_error();
  size_t written = 0;
  const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
  if (result == 1) {
    return static_cast<ssize_t>(written);
  }
  errno = SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
  return -1;
}

ssize_t ClientSocket::Receive(std::span<uint8_t, kReceiveSize> buffer) {
  if (ssl_) {
    return ReceiveTls(buffer);
  }
  const ssize_t count = recv(fd_, buffer.data(), buffer.size(), 0);
  may_have_more_ = count == static_cast<ssize_t>(buffer.size());
  return count;
}

// One recv() for all records that are there.
ssize_t ClientSocket::ReceiveTls(std::span<uint8_t, kReceiveSize> buffer) {
  ssize_t decrypted = 0;
  do {
    const ssize_t count = recv(fd_, tls_->buffer_.data(), tls_->buffer_.size(), 0);
    may_have_more_ = count == static_cast<ssize_t>(tls_->buffer_.size());
    if (count <= 0) {
      return count;
    }
    tls_->received_ = std::span(tls_->buffer_).first(static_cast<size_t>(count));
    decrypted = Decrypt(buffer);
  } while (decrypted < 0 && errno == EAGAIN && may_have_more_);
  return decrypted;
}

// As recv() of what the received bytes, all of which it takes, decrypt to.
ssize_t ClientSocket::Decrypt(std::span<uint8_t> into) {
  ERR_clear_error();
  size_t total = 0;
  for (;;) {
    size_t size = 0;
    const int result = SSL_read_ex(ssl_.get(), into.data() + total, into.size() - total, &size);
    total += size;
    if (result == 1) {
      continue;
    }
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        errno = EAGAIN;
        return total > 0 ? static_cast<ssize_t>(total) : -1;
      case SSL_ERROR_ZERO_RETURN:
        return static_cast<ssize_t>(total);
      default:
        errno = EPROTO;
        return -1;
    }
  }
}

void ClientSocket::Close() {
  if (fd_ >= 0) {
    ssl_.reset();
    close(fd_);
    fd_ = -1;
  }
}

}  // namespace pistream::bench
