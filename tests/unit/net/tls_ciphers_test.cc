#include "src/net/tls_ciphers.h"

#include <fstream>
#include <iterator>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pistream {
namespace {

using testing::StartsWith;

TEST(TlsCiphersTest, WithAesInstructions_AesIsFirst) {
  const TlsCiphers ciphers = OrderCiphers(true);
  EXPECT_THAT(ciphers.tls13, StartsWith("TLS_AES_128_GCM"));
  EXPECT_THAT(ciphers.tls12, StartsWith("ECDHE-ECDSA-AES128-GCM"));
}

TEST(TlsCiphersTest, WithoutAesInstructions_ChaCha20IsFirst) {
  const TlsCiphers ciphers = OrderCiphers(false);
  EXPECT_THAT(ciphers.tls13, StartsWith("TLS_CHACHA20"));
  EXPECT_THAT(ciphers.tls12, StartsWith("ECDHE-ECDSA-CHACHA20"));
  EXPECT_EQ(ciphers.tls13.size(), OrderCiphers(true).tls13.size()) << "the same suites";
  EXPECT_EQ(ciphers.tls12.size(), OrderCiphers(true).tls12.size());
}

// The kernel's list says the same: "aes" of an x86 has no other meaning than "aes" of an ARM.
TEST(TlsCiphersTest, AesInstructions_AreThoseOfTheProcessor) {
  std::ifstream file("/proc/cpuinfo");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
#if defined(__x86_64__)
  const bool has_aes =
      text.find(" aes ") != std::string::npos && text.find(" pclmulqdq ") != std::string::npos;
#else
  if (text.find("Features") == std::string::npos) {
    GTEST_SKIP() << "the list is another processor's";  // qemu
  }
  const bool has_aes =
      text.find(" aes ") != std::string::npos && text.find(" pmull ") != std::string::npos;
#endif
  EXPECT_EQ(HasAesInstructions(), has_aes);
}

}  // namespace
}  // namespace pistream
