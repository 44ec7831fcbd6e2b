#include "src/auth/digest.h"

#include <array>
#include <cstdint>
#include <string>

#include "fmt/format.h"
#include "gtest/gtest.h"

namespace pistream {
namespace {

std::string Hex(const Digest& digest) {
  std::string text;
  for (const uint8_t byte : digest) {
    text += fmt::format("{:02x}", byte);
  }
  return text;
}

TEST(DigestTest, Sha256_IsThatOfTheStandard) {
  EXPECT_EQ(Hex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// RFC 4231, test case 2.
TEST(DigestTest, Hmac_IsThatOfTheRfc) {
  const std::array<uint8_t, 4> key = {'J', 'e', 'f', 'e'};
  EXPECT_EQ(Hex(HmacSha256(key, "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(DigestTest, AreEqual_IsFalseForEachByteThatDiffers) {
  const Digest digest = Sha256("abc");
  EXPECT_TRUE(AreEqual(digest, Sha256("abc")));
  for (size_t i = 0; i < digest.size(); ++i) {
    Digest other = digest;
    other[i] ^= 1;
    EXPECT_FALSE(AreEqual(digest, other)) << i;
  }
}

TEST(DigestTest, RandomBytes_DifferEachTime) {
  std::array<uint8_t, 16> one{};
  std::array<uint8_t, 16> other{};
  FillRandomly(one);
  FillRandomly(other);
  EXPECT_NE(one, other);
}

}  // namespace
}  // namespace pistream
