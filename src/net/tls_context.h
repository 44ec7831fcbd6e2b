// What TLS connections of a server share: certificate, key, suites, the key of session tickets.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "src/base/result.h"
#include "src/net/certificate_info.h"
#include "src/net/tls_ciphers.h"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace pistream {

// Paths. Both may be the same file.
struct TlsFiles {
  std::string certificate;  // the server's first, then those between it and the root
  std::string key;
};

// Their contents.
struct TlsPem {
  std::string certificate;
  std::string key;
};

// The error says what cannot be read, and what to do.
Result<TlsPem> ReadTlsFiles(const TlsFiles& files);

// TLS 1.2 and 1.3, HTTP/1.1 by ALPN (a client that offers only other protocols is refused, a client
// that offers none is not). Sessions are resumed by tickets, whose key is the context's own: a new
// context resumes none of an older one. A connection keeps what it needs of the context that it was
// made with.
//
// Immutable, and thread-safe. The process ignores SIGPIPE from the first one on, unless it handles
// that signal: connections would raise it.
class TlsContext {
 public:
  // Checks the pair. `files` are its names in errors, which say what is wrong and what to do. A
  // certificate that has expired is no error: clients say so themselves (FindExpiry).
  static Result<std::shared_ptr<const TlsContext>> Make(
      const TlsFiles& files, const TlsPem& pem,
      const TlsCiphers& ciphers = OrderCiphers(HasAesInstructions()));

  // Of the files' contents.
  static Result<std::shared_ptr<const TlsContext>> Load(
      const TlsFiles& files, const TlsCiphers& ciphers = OrderCiphers(HasAesInstructions()));

  // Of the server's certificate.
  const CertificateInfo& certificate() const { return certificate_; }

  // For SSL_new, which takes a reference of its own.
  ssl_ctx_st* native() const { return native_.get(); }

 private:
  struct Deleter {
    void operator()(ssl_ctx_st* context) const;
  };
  using Native = std::unique_ptr<ssl_ctx_st, Deleter>;

  TlsContext(Native native, CertificateInfo certificate)
      : native_(std::move(native)), certificate_(std::move(certificate)) {}

  static Native NewNative(const TlsCiphers& ciphers);

  const Native native_;
  const CertificateInfo certificate_;
};

}  // namespace pistream
