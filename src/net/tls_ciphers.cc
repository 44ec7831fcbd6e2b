#include "src/net/tls_ciphers.h"

#if defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#elif defined(__x86_64__)
#include <cpuid.h>
#endif

namespace pistream {

TlsCiphers OrderCiphers(bool has_aes_instructions) {
  const std::string aes12 =
      "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
      "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
  const std::string chacha12 = "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
  const std::string aes13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384";
  const std::string chacha13 = "TLS_CHACHA20_POLY1305_SHA256";
  if (has_aes_instructions) {
    return {.tls12 = aes12 + ":" + chacha12, .tls13 = aes13 + ":" + chacha13};
  }
  return {.tls12 = chacha12 + ":" + aes12, .tls13 = chacha13 + ":" + aes13};
}

// GCM needs the multiplication of polynomials as much as AES itself.
bool HasAesInstructions() {
#if defined(__aarch64__)
  constexpr auto kNeeded = HWCAP_AES | HWCAP_PMULL;
  return (getauxval(AT_HWCAP) & kNeeded) == kNeeded;
#elif defined(__x86_64__)
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  constexpr unsigned kNeeded = bit_AES | bit_PCLMUL;
  return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & kNeeded) == kNeeded;
#else
  return false;
#endif
}

}  // namespace pistream
