// Ownership of OpenSSL's objects, and its errors as text. For the .cc files of this folder: headers
// name its types without including it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "openssl/bio.h"
#include "openssl/evp.h"
#include "openssl/x509.h"

namespace pistream {

template <auto free>
struct OpensslDeleter {
  template <typename T>
  void operator()(T* object) const {
    free(object);
  }
};

using BioPtr = std::unique_ptr<BIO, OpensslDeleter<&BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslDeleter<&EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, OpensslDeleter<&X509_free>>;

// Reads `text`, which outlives it. Null if there is no memory left.
BioPtr ReadFrom(std::string_view text);

// What went wrong in this thread's last call: "ee key too small". The first of its errors, for the
// others only say who called whom. Clears them.
std::string TakeOpensslError();

}  // namespace pistream
