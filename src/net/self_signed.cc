#include "src/net/self_signed.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "fmt/format.h"
#include "openssl/bn.h"
#include "openssl/ec.h"
#include "openssl/err.h"
#include "openssl/pem.h"
#include "openssl/x509v3.h"
#include "src/net/openssl_support.h"
#include "src/net/pem.h"

namespace pistream {

namespace fs = std::filesystem;

namespace {

using std::chrono::days;

constexpr std::string_view kFile = "self-signed.pem";
constexpr days kValidity(397);
constexpr days kRenewBefore(30);
// For clocks that are behind ours.
constexpr days kBeginsBefore(1);
constexpr size_t kLongestCommonName = 64;
constexpr int kSerialBits = 127;

bool IsAddress(const std::string& name) {
  in6_addr buffer{};
  return ::inet_pton(AF_INET, name.c_str(), &buffer) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), &buffer) == 1;
}

// OpenSSL reads a list of names, where commas and more have a meaning.
bool IsDnsName(std::string_view name) {
  return !name.empty() && name.size() <= 253 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

bool IsFor(X509* certificate, const std::string& name) {
  return IsAddress(name) ? X509_check_ip_asc(certificate, name.c_str(), 0) == 1
                         : X509_check_host(certificate, name.data(), name.size(),
                                           X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr) == 1;
}

// Why a new one is needed.
std::optional<std::string> FindFault(X509* certificate, const CertificateInfo& info, EVP_PKEY* key,
                                     const std::vector<std::string>& names, WallTime now) {
  const bool is_pair = X509_check_private_key(certificate, key) == 1;
  ERR_clear_error();
  if (!is_pair) {
    return "its key belongs to another certificate";
  }
  if (info.ends - now < kRenewBefore) {
    return "it ends on " + ToText(info.ends);
  }
  const auto missing =
      std::ranges::find_if(names, [&](const auto& name) { return !IsFor(certificate, name); });
  return missing != names.end() ? std::optional("it is not for " + *missing) : std::nullopt;
}

// The one from before; the error says why a new one is needed.
Result<SelfSigned> Reuse(const std::string& path, const std::vector<std::string>& names,
                         WallTime now) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 && errno == ENOENT) {
    return Fail("there is none yet");
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Fail("other users could read the key of the one before");
  }
  const Result<std::string> text = ReadPemFile(path, "certificate");
  if (!text) {
    return tl::unexpected(text.error());
  }
  const auto certificates = ParseCertificates(*text, path);
  if (!certificates) {
    return tl::unexpected(certificates.error());
  }
  const auto key = ParseKey(*text, path);
  if (!key) {
    return tl::unexpected(key.error());
  }
  X509* const certificate = certificates->front().get();
  SelfSigned reused{.path = path, .certificate = Describe(*certificate), .why_new = std::nullopt};
  if (auto fault = FindFault(certificate, reused.certificate, key->get(), names, now)) {
    return Fail("{}", *fault);
  }
  return reused;
}

bool SetSerial(X509* certificate) {
  const std::unique_ptr<BIGNUM, OpensslDeleter<&BN_free>> number(BN_new());
  return BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool AddToSubject(X509_NAME* subject, const char* field, std::string_view value) {
  return X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8,
                                    reinterpret_cast<const uint8_t*>(value.data()),
                                    static_cast<int>(value.size()), -1, 0) == 1;
}

bool AddExtension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, OpensslDeleter<&X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool Fill(X509* certificate, EVP_PKEY* key, const std::vector<std::string>& names, WallTime now) {
  const auto seconds = [](WallTime time) { return std::chrono::system_clock::to_time_t(time); };
  const WallTime begins = now - kBeginsBefore;
  X509_NAME* const subject = X509_get_subject_name(certificate);
  std::vector<std::string> alternatives;
  for (const std::string& name : names) {
    alternatives.push_back((IsAddress(name) ? "IP:" : "DNS:") + name);
  }
  return X509_set_version(certificate, X509_VERSION_3) == 1 && SetSerial(certificate) &&
         ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(begins)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(begins + kValidity)) != nullptr &&
         AddToSubject(subject, "O", "pistream") &&
         AddToSubject(subject, "CN",
                      std::string_view(names.front()).substr(0, kLongestCommonName)) &&
         X509_set_issuer_name(certificate, subject) == 1 &&
         X509_set_pubkey(certificate, key) == 1 &&
         AddExtension(certificate, NID_subject_alt_name,
                      fmt::format("{}", fmt::join(alternatives, ","))) &&
         AddExtension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
         AddExtension(certificate, NID_key_usage, "critical,digitalSignature") &&
         AddExtension(certificate, NID_ext_key_usage, "serverAuth") &&
         AddExtension(certificate, NID_subject_key_identifier, "hash");
}

std::string ToPem(EVP_PKEY* key, X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio ||
      PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      PEM_write_bio_X509(bio.get(), certificate) != 1) {
    return {};
  }
  char* text = nullptr;
  const auto size = static_cast<size_t>(BIO_get_mem_data(bio.get(), &text));
  return {text, size};
}

tl::unexpected<Error> CannotWrite(const std::string& path, int error) {
  return Fail("cannot write the self-signed TLS certificate {}: {}", path,
              std::generic_category().message(error));
}

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return false;
    }
    text.remove_prefix(static_cast<size_t>(std::max<ssize_t>(written, 0)));
  }
  return true;
}

// So that the file is whole after a crash, whatever its time.
Result<void> WriteAtomically(const fs::path& path, std::string_view text) {
  std::string temporary = path.string() + ".XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);  // with mode 0600
  if (fd < 0) {
    return CannotWrite(path, errno);
  }
  const bool is_written = WriteAll(fd, text) && ::fsync(fd) == 0;
  const int write_error = errno;
  ::close(fd);
  if (!is_written || ::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = is_written ? errno : write_error;
    ::unlink(temporary.c_str());
    return CannotWrite(path, error);
  }
  const int directory = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory >= 0) {
    ::fsync(directory);
    ::close(directory);
  }
  return {};
}

Result<void> MakeDirectory(const fs::path& directory) {
  std::error_code error;
  if (fs::create_directories(directory, error)) {
    fs::permissions(directory, fs::perms::owner_all, error);
  }
  if (error) {
    return CannotWrite(directory, error.value());
  }
  return {};
}

Result<SelfSigned> MakeNew(const fs::path& path, const std::vector<std::string>& names,
                           WallTime now) {
  ERR_clear_error();
  const KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  const X509Ptr certificate(X509_new());
  if (!key || !certificate || !Fill(certificate.get(), key.get(), names, now) ||
      X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0) {
    return Fail("cannot make a self-signed TLS certificate: {}", TakeOpensslError());
  }
  const std::string text = ToPem(key.get(), certificate.get());
  if (text.empty()) {
    return Fail("cannot make a self-signed TLS certificate: {}", TakeOpensslError());
  }
  if (auto made = MakeDirectory(path.parent_path()); !made) {
    return tl::unexpected(made.error());
  }
  if (auto written = WriteAtomically(path, text); !written) {
    return tl::unexpected(written.error());
  }
  return SelfSigned{.path = path, .certificate = Describe(*certificate), .why_new = std::nullopt};
}

}  // namespace

Result<SelfSigned> EnsureSelfSigned(const std::string& directory,
                                    const std::vector<std::string>& names, WallTime now) {
  if (names.empty()) {
    return Fail("a self-signed TLS certificate needs a name or an address");
  }
  for (const std::string& name : names) {
    if (!IsAddress(name) && !IsDnsName(name)) {
      return FailUsage(
          "a TLS certificate cannot be for \"{}\": it is neither a DNS name nor an IP "
          "address",
          name);
    }
  }
  const fs::path path = fs::path(directory) / kFile;
  Result<SelfSigned> reused = Reuse(path, names, now);
  if (reused) {
    return reused;
  }
  Result<SelfSigned> made = MakeNew(path, names, now);
  if (made) {
    made->why_new = reused.error().message;
  }
  return made;
}

}  // namespace pistream
