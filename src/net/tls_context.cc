#include "src/net/tls_context.h"

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "openssl/err.h"
#include "openssl/ssl.h"
#include "src/net/openssl_support.h"
#include "src/net/pem.h"

namespace pistream {
namespace {

constexpr std::string_view kProtocol = "http/1.1";
// Sessions of another kind of server, with the same ticket key, would not be taken; there is none.
constexpr std::string_view kSessionContext = "pistream";

// `offered`: strings, each behind a byte with its length (RFC 7301). With HTTP/2 browsers would
// carry the WebSocket over it.
int SelectProtocol(SSL* /*ssl*/, const uint8_t** selected, uint8_t* selected_size,
                   const uint8_t* offered, unsigned offered_size, void* /*argument*/) {
  std::span<const uint8_t> rest(offered, offered_size);
  while (!rest.empty()) {
    const std::span<const uint8_t> one =
        rest.subspan(1, std::min<size_t>(rest[0], rest.size() - 1));
    rest = rest.subspan(1 + one.size());
    if (std::ranges::equal(one, kProtocol)) {
      *selected = one.data();
      *selected_size = static_cast<uint8_t>(one.size());
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void SetOptions(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // The end of a connection without close_notify is an end: HTTP and WebSocket say themselves
  // whether something is missing.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                   SSL_OP_IGNORE_UNEXPECTED_EOF);
#ifdef SSL_OP_ENABLE_KTLS
  // Where kernel or OpenSSL have none, this does nothing.
  SSL_CTX_set_options(context, SSL_OP_ENABLE_KTLS);
#endif
  // As src/net/tls_transport.cc sends. Without buffers an idle connection has 34 KB less. No search
  // at each handshake for certificates that the file does not have.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
  // One call reads one record. Otherwise it reads all KeyUpdates that a client has sent.
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  // Tickets carry the sessions: the server keeps none.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

// OpenSSL's BIO for sockets, which the kernel's TLS needs, calls write(): that has no flag against
// the signal, as send() has.
void IgnoreSigpipe() {
  struct sigaction action{};
  if (::sigaction(SIGPIPE, nullptr, &action) == 0 && action.sa_handler == SIG_DFL) {
    ::signal(SIGPIPE, SIG_IGN);
  }
}

// What is wrong with a certificate and a key that do not belong together.
tl::unexpected<Error> Mismatch(const TlsFiles& files, std::span<const X509Ptr> certificates,
                               EVP_PKEY* key) {
  for (const X509Ptr& other : certificates.subspan(1)) {
    if (X509_check_private_key(other.get(), key) == 1) {
      ERR_clear_error();
      return Fail(
          "the first certificate in {} is not the one of the key {}, but a later one is: "
          "put the server's certificate first",
          files.certificate, files.key);
    }
  }
  ERR_clear_error();
  return Fail(
      "the TLS key {} does not belong to the certificate {}: give the two that were made "
      "together",
      files.key, files.certificate);
}

tl::unexpected<Error> Refused(std::string_view what, const std::string& path) {
  return Fail("OpenSSL refuses the TLS {} {}: {}", what, path, TakeOpensslError());
}

}  // namespace

Result<TlsPem> ReadTlsFiles(const TlsFiles& files) {
  Result<std::string> certificate = ReadPemFile(files.certificate, "certificate");
  if (!certificate) {
    return tl::unexpected(certificate.error());
  }
  Result<std::string> key = ReadPemFile(files.key, "key");
  if (!key) {
    return tl::unexpected(key.error());
  }
  return TlsPem{.certificate = *std::move(certificate), .key = *std::move(key)};
}

void TlsContext::Deleter::operator()(SSL_CTX* context) const { SSL_CTX_free(context); }

// Null with an error of OpenSSL's.
TlsContext::Native TlsContext::NewNative(const TlsCiphers& ciphers) {
  Native context(SSL_CTX_new(TLS_server_method()));
  if (!context) {
    return nullptr;
  }
  SetOptions(context.get());
  SSL_CTX_set_alpn_select_cb(context.get(), &SelectProtocol, nullptr);
  const auto* const id = reinterpret_cast<const uint8_t*>(kSessionContext.data());
  if (SSL_CTX_set_session_id_context(context.get(), id, kSessionContext.size()) != 1 ||
      SSL_CTX_set_cipher_list(context.get(), ciphers.tls12.c_str()) != 1 ||
      SSL_CTX_set_ciphersuites(context.get(), ciphers.tls13.c_str()) != 1) {
    return nullptr;
  }
  return context;
}

Result<std::shared_ptr<const TlsContext>> TlsContext::Make(const TlsFiles& files, const TlsPem& pem,
                                                           const TlsCiphers& ciphers) {
  const auto certificates = ParseCertificates(pem.certificate, files.certificate);
  if (!certificates) {
    return tl::unexpected(certificates.error());
  }
  const auto key = ParseKey(pem.key, files.key);
  if (!key) {
    return tl::unexpected(key.error());
  }
  X509* const own = certificates->front().get();
  ERR_clear_error();
  if (X509_check_private_key(own, key->get()) != 1) {
    return Mismatch(files, *certificates, key->get());
  }
  IgnoreSigpipe();
  Native native = NewNative(ciphers);
  if (!native) {
    return Fail("TLS does not work with this OpenSSL: {}", TakeOpensslError());
  }
  if (SSL_CTX_use_certificate(native.get(), own) != 1) {
    return Refused("certificate", files.certificate);
  }
  for (const X509Ptr& other : std::span(*certificates).subspan(1)) {
    if (SSL_CTX_add1_chain_cert(native.get(), other.get()) != 1) {
      return Refused("certificate", files.certificate);
    }
  }
  if (SSL_CTX_use_PrivateKey(native.get(), key->get()) != 1) {
    return Refused("key", files.key);
  }
  return std::shared_ptr<const TlsContext>(new TlsContext(std::move(native), Describe(*own)));
}

Result<std::shared_ptr<const TlsContext>> TlsContext::Load(const TlsFiles& files,
                                                           const TlsCiphers& ciphers) {
  const Result<TlsPem> pem = ReadTlsFiles(files);
  if (!pem) {
    return tl::unexpected(pem.error());
  }
  return Make(files, *pem, ciphers);
}

}  // namespace pistream
