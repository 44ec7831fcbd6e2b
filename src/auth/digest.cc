#include "src/auth/digest.h"

#include <cstdlib>

#include "openssl/crypto.h"
#include "openssl/evp.h"
#include "openssl/hmac.h"
#include "openssl/rand.h"

namespace pistream {

// What fails here fails for lack of memory or of the system's random numbers only. To go on would
// leave an authentication that nobody may trust.

Digest Sha256(std::string_view text) {
  Digest digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    std::abort();
  }
  return digest;
}

Digest HmacSha256(std::span<const uint8_t> key, std::string_view text) {
  Digest digest{};
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const uint8_t*>(text.data()), text.size(), digest.data(),
           nullptr) == nullptr) {
    std::abort();
  }
  return digest;
}

bool AreEqual(const Digest& one, const Digest& other) {
  return CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

void FillRandomly(std::span<uint8_t> bytes) {
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    std::abort();
  }
}

}  // namespace pistream
