#include "tests/support/tls_client.h"

#include <boost/system/error_code.hpp>

#include "gtest/gtest.h"
#include "openssl/bio.h"
#include "openssl/err.h"
#include "openssl/pem.h"
#include "openssl/x509.h"
#include "src/net/openssl_support.h"

namespace pistream {

TlsClient::TlsClient(boost::asio::io_context& io, boost::asio::ip::tcp::socket& socket,
                     const Options& options)
    : io_(io), socket_(socket), context_(SSL_CTX_new(TLS_client_method())) {
  if (options.version != 0) {
    SSL_CTX_set_min_proto_version(context_.get(), options.version);
    SSL_CTX_set_max_proto_version(context_.get(), options.version);
  }
  if (!options.ciphers12.empty()) {
    SSL_CTX_set_cipher_list(context_.get(), options.ciphers12.c_str());
  }
  if (!options.ciphers13.empty()) {
    SSL_CTX_set_ciphersuites(context_.get(), options.ciphers13.c_str());
  }
  if (!options.trusted.empty()) {
    const X509Ptr trusted(
        PEM_read_bio_X509(ReadFrom(options.trusted).get(), nullptr, nullptr, nullptr));
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), trusted.get());
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  }
  socket_.native_non_blocking(true);
  ssl_.reset(SSL_new(context_.get()));
  SSL_set_fd(ssl_.get(), socket_.native_handle());
  SSL_set_connect_state(ssl_.get());
  SSL_set_msg_callback(ssl_.get(), &OnMessage);
  SSL_set_msg_callback_arg(ssl_.get(), this);
  SSL_set_tlsext_max_fragment_length(ssl_.get(), options.fragment_code);
  if (!options.protocols.empty()) {
    SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const uint8_t*>(options.protocols.data()),
                        static_cast<unsigned>(options.protocols.size()));
  }
  if (!options.host.empty()) {
    SSL_set1_host(ssl_.get(), options.host.c_str());
  }
  if (options.session != nullptr) {
    SSL_set_session(ssl_.get(), options.session);
  }
}

void TlsClient::OnMessage(int is_sent, int /*version*/, int type, const void* /*bytes*/,
                          size_t /*size*/, SSL* /*ssl*/, void* self) {
  if (is_sent == 0 && type == SSL3_RT_HEADER) {
    ++static_cast<TlsClient*>(self)->records_received_;
  }
}

void TlsClient::Await(boost::asio::ip::tcp::socket::wait_type type) {
  bool is_over = false;
  socket_.async_wait(type, [&](const boost::system::error_code&) { is_over = true; });
  io_.restart();
  while (!is_over) {
    io_.run_one();
  }
}

template <typename Call>
int TlsClient::Complete(Call call) {
  for (;;) {
    ERR_clear_error();
    const int result = call(ssl_.get());
    if (result > 0) {
      return SSL_ERROR_NONE;
    }
    const int error = SSL_get_error(ssl_.get(), result);
    if (error == SSL_ERROR_WANT_READ) {
      Await(boost::asio::ip::tcp::socket::wait_read);
    } else if (error == SSL_ERROR_WANT_WRITE) {
      Await(boost::asio::ip::tcp::socket::wait_write);
    } else {
      return error;
    }
  }
}

int TlsClient::Handshake() { return Complete(SSL_do_handshake); }

int TlsClient::Write(std::string_view text) {
  size_t written = 0;
  return Complete([&](SSL* ssl) { return SSL_write_ex(ssl, text.data(), text.size(), &written); });
}

int TlsClient::Read(size_t size, std::string& text) {
  std::string buffer(size, '\0');
  int error = SSL_ERROR_NONE;
  while (size > 0 && error == SSL_ERROR_NONE) {
    size_t received = 0;
    error = Complete([&](SSL* ssl) { return SSL_read_ex(ssl, buffer.data(), size, &received); });
    text.append(buffer, 0, received);
    size -= received;
  }
  return error;
}

std::string TlsClient::MustRead(size_t size) {
  std::string text;
  EXPECT_EQ(Read(size, text), SSL_ERROR_NONE) << "after " << text.size() << " of " << size;
  return text;
}

std::string TlsClient::TakeHello() {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  BIO_up_ref(bio.get());
  SSL_set0_wbio(ssl_.get(), bio.get());
  EXPECT_EQ(SSL_get_error(ssl_.get(), SSL_do_handshake(ssl_.get())), SSL_ERROR_WANT_READ);
  char* text = nullptr;
  const auto size = static_cast<size_t>(BIO_get_mem_data(bio.get(), &text));
  std::string hello(text, size);
  SSL_set_fd(ssl_.get(), socket_.native_handle());
  return hello;
}

}  // namespace pistream
