#include "tests/support/test_certificate.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>

#include "openssl/evp.h"
#include "openssl/pem.h"
#include "openssl/rsa.h"
#include "openssl/x509v3.h"
#include "src/net/openssl_support.h"

namespace pistream {
namespace {

void Require(bool condition) {
  if (!condition) {
    throw std::runtime_error(TakeOpensslError());
  }
}

std::string TextOf(const BioPtr& bio) {
  char* text = nullptr;
  const auto size = static_cast<size_t>(BIO_get_mem_data(bio.get(), &text));
  return {text, size};
}

KeyPtr MakeKey(int rsa_bits) {
  KeyPtr key(rsa_bits == 0
                 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")
                 : EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<size_t>(rsa_bits)));
  Require(key != nullptr);
  return key;
}

void AddExtension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, OpensslDeleter<&X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  Require(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

void SetName(X509_NAME* name, const std::string& common_name) {
  Require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const uint8_t*>(common_name.data()),
                                     static_cast<int>(common_name.size()), -1, 0) == 1);
}

}  // namespace

TestCertificate TestCertificate::Make(const Options& options) {
  const KeyPtr key = MakeKey(options.rsa_bits);
  const X509Ptr certificate(X509_new());
  X509* const it = certificate.get();
  const auto seconds = [](std::chrono::hours hours) {
    return static_cast<long>(std::chrono::seconds(hours).count());  // NOLINT(google-runtime-int)
  };
  X509_set_version(it, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(it), 4711);
  X509_gmtime_adj(X509_getm_notBefore(it), seconds(options.begins));
  X509_gmtime_adj(X509_getm_notAfter(it), seconds(options.ends));
  SetName(X509_get_subject_name(it), options.common_name);
  Require(X509_set_pubkey(it, key.get()) == 1);
  std::string names;
  for (const std::string& name : options.names) {
    names += (names.empty() ? "" : ",") + name;
  }
  if (!names.empty()) {
    AddExtension(it, NID_subject_alt_name, names);
  }
  if (options.issuer != nullptr) {
    const X509Ptr issuer(
        PEM_read_bio_X509(ReadFrom(options.issuer->certificate).get(), nullptr, nullptr, nullptr));
    const KeyPtr issuer_key(
        PEM_read_bio_PrivateKey(ReadFrom(options.issuer->key).get(), nullptr, nullptr, nullptr));
    X509_set_issuer_name(it, X509_get_subject_name(issuer.get()));
    Require(X509_sign(it, issuer_key.get(), EVP_sha256()) > 0);
  } else {
    X509_set_issuer_name(it, X509_get_subject_name(it));
    Require(X509_sign(it, key.get(), EVP_sha256()) > 0);
  }
  TestCertificate made;
  const auto write = [](auto writer) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    Require(writer(bio.get()) == 1);
    return TextOf(bio);
  };
  made.certificate = write([&](BIO* bio) { return PEM_write_bio_X509(bio, it); });
  made.der = write([&](BIO* bio) { return i2d_X509_bio(bio, it); });
  made.key = write([&](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  made.encrypted_key = write([&](BIO* bio) {
    const auto* const password = reinterpret_cast<const uint8_t*>("secret");
    return PEM_write_bio_PrivateKey(bio, key.get(), EVP_aes_128_cbc(), password, 6, nullptr,
                                    nullptr);
  });
  return made;
}

}  // namespace pistream
