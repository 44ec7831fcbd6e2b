#include "src/http/origin.h"

#include <array>
#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace pistream {
namespace {

TEST(HostOfTest, WithAndWithoutPort_IsTheHostInLowerCase) {
  EXPECT_EQ(HostOf("pi"), "pi");
  EXPECT_EQ(HostOf("Pi.Local:8082"), "pi.local");
  EXPECT_EQ(HostOf("192.168.1.7:80"), "192.168.1.7");
  EXPECT_EQ(HostOf("[FE80::1]"), "[fe80::1]");
  EXPECT_EQ(HostOf("[::1]:8082"), "[::1]");
  EXPECT_EQ(HostOf("pi:"), "pi");
}

TEST(HostOfTest, NoHost_IsNothing) {
  for (const char* const text :
       {"", ":80", "pi:80:90", "pi:port", "pi:123456", "::1", "[::1", "[]", "[::1]x", "[pi]", "a b",
        "a/b", "user@pi", "<script>", "pi\"", "a,b"}) {
    EXPECT_EQ(HostOf(text), std::nullopt) << text;
  }
}

TEST(IsAllowedOriginTest, SameHost_WhateverThePortsAndTheScheme) {
  EXPECT_TRUE(IsAllowedOrigin("http://pi:8082", "pi:8082", {}));
  EXPECT_TRUE(IsAllowedOrigin("http://pi", "pi:8084", {}));
  EXPECT_TRUE(IsAllowedOrigin("https://PI.local:1", "pi.LOCAL", {}));
  EXPECT_TRUE(IsAllowedOrigin("http://[::1]:8082", "[::1]:8084", {}));
}

TEST(IsAllowedOriginTest, AnotherHostOrNone_IsRefused) {
  for (const char* const origin :
       {"http://evil.example", "http://pi.evil.example", "http://evil.example:8082", "null", "",
        "pi", "http://", "http://pi@evil.example", "http://evil.example/pi", "file://",
        "http://pi evil"}) {
    EXPECT_FALSE(IsAllowedOrigin(origin, "pi:8082", {})) << origin;
  }
  EXPECT_FALSE(IsAllowedOrigin("http://pi", "", {}));
  EXPECT_FALSE(IsAllowedOrigin("http://", ":80", {}));
}

TEST(IsAllowedOriginTest, NamedOrigin_IsAllowedExactly) {
  const std::array<std::string, 1> allowed = {"https://Cams.example/"};
  EXPECT_TRUE(IsAllowedOrigin("https://cams.example", "pi", allowed));
  EXPECT_FALSE(IsAllowedOrigin("http://cams.example", "pi", allowed));
  EXPECT_FALSE(IsAllowedOrigin("https://cams.example:444", "pi", allowed));
  EXPECT_TRUE(IsAllowedOrigin("http://pi", "pi", allowed));
}

}  // namespace
}  // namespace pistream
