#include "src/net/pem.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

#include "openssl/err.h"
#include "openssl/pem.h"

namespace pistream {
namespace {

// A chain of certificates has some 10 KB.
constexpr size_t kLargestFile = 1 << 20;

tl::unexpected<Error> CannotRead(const std::string& path, std::string_view what, int error) {
  const std::string reason = std::generic_category().message(error);
  if (error == EACCES) {
    return Fail("cannot read the TLS {} {}: {}: let the user that pistream runs as read it", what,
                path, reason);
  }
  return Fail("cannot read the TLS {} {}: {}", what, path, reason);
}

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Called by OpenSSL for a password. Notes that it was, and has none.
int RefusePassword(char* /*buffer*/, int /*size*/, int /*is_writing*/, void* was_asked) {
  *static_cast<bool*>(was_asked) = true;
  return -1;
}

// Why there is nothing of use in `text`. `command` is OpenSSL's for its kind.
tl::unexpected<Error> NotPem(std::string_view text, const std::string& path, std::string_view what,
                             std::string_view command) {
  if (text.empty()) {
    return Fail("the TLS {} {} is empty", what, path);
  }
  if (text.front() == '\x30') {  // a SEQUENCE
    return Fail("the TLS {} {} is not PEM but DER: convert it with: openssl {} -in {} -out NEW",
                what, path, command, path);
  }
  return Fail("the TLS {} {} is not PEM: it has no line -----BEGIN", what, path);
}

}  // namespace

Result<std::string> ReadPemFile(const std::string& path, std::string_view what) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a FIFO would block
  if (fd < 0) {
    return CannotRead(path, what, errno);
  }
  std::string text;
  std::array<char, 16 << 10> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  ssize_t size = 0;
  do {
    size = ::read(fd, buffer.data(), buffer.size());
    if (size > 0) {
      text.append(buffer.data(), static_cast<size_t>(size));
    }
  } while ((size > 0 && text.size() <= kLargestFile) || (size < 0 && errno == EINTR));
  const int error = size < 0 ? errno : 0;
  ::close(fd);
  if (error != 0) {
    return CannotRead(path, what, error);
  }
  if (text.size() > kLargestFile) {
    return Fail("the TLS {} {} is larger than 1 MiB: is it another file?", what, path);
  }
  return text;
}

Result<std::vector<X509Ptr>> ParseCertificates(std::string_view text, const std::string& path) {
  const BioPtr bio = ReadFrom(text);
  std::vector<X509Ptr> certificates;
  bool was_asked = false;
  ERR_clear_error();
  while (X509Ptr next{PEM_read_bio_X509(bio.get(), nullptr, &RefusePassword, &was_asked)}) {
    certificates.push_back(std::move(next));
  }
  const bool is_at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string reason = TakeOpensslError();
  if (!is_at_end) {
    return Fail("the TLS certificate {} is damaged: certificate {} in it: {}", path,
                certificates.size() + 1, reason);
  }
  if (!certificates.empty()) {
    return certificates;
  }
  if (!Has(text, "-----BEGIN")) {
    return NotPem(text, path, "certificate", "x509 -inform DER");
  }
  return Fail("the TLS certificate {} has no certificate in it{}", path,
              Has(text, "PRIVATE KEY") ? ", but a key: are the two files exchanged?" : "");
}

Result<KeyPtr> ParseKey(std::string_view text, const std::string& path) {
  const BioPtr bio = ReadFrom(text);
  bool was_asked = false;
  ERR_clear_error();
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &RefusePassword, &was_asked));
  const std::string reason = TakeOpensslError();
  if (key) {
    return key;
  }
  if (was_asked || Has(text, "ENCRYPTED")) {
    return Fail(
        "the TLS key {} is encrypted, and nobody can be asked for its password: write it without "
        "one: openssl pkey -in {} -out NEW",
        path, path);
  }
  if (!Has(text, "-----BEGIN")) {
    return NotPem(text, path, "key", "pkey -inform DER");
  }
  if (!Has(text, "PRIVATE KEY-----")) {
    return Fail("the TLS key {} has no private key in it{}", path,
                Has(text, "-----BEGIN CERTIFICATE-----")
                    ? ", but a certificate: are the two files exchanged?"
                    : "");
  }
  return Fail("the TLS key {} is damaged: {}", path, reason);
}

}  // namespace pistream
