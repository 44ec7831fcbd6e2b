#include "src/http/origin.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

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
  const std::array<std::string, 1> allowed = {"https://cams.example"};
  EXPECT_TRUE(IsAllowedOrigin("https://cams.example", "pi", allowed));
  EXPECT_FALSE(IsAllowedOrigin("http://cams.example", "pi", allowed));
  EXPECT_FALSE(IsAllowedOrigin("https://cams.example:444", "pi", allowed));
  EXPECT_TRUE(IsAllowedOrigin("http://pi", "pi", allowed));
}

TEST(IsAllowedOriginTest, OriginOfPagesWithoutOne_OnlyIfNamed) {
  const std::array<std::string, 2> allowed = {"null", "file://"};
  EXPECT_TRUE(IsAllowedOrigin("null", "pi", allowed));
  EXPECT_TRUE(IsAllowedOrigin("file://", "pi", allowed));
  EXPECT_FALSE(IsAllowedOrigin("http://other", "pi", allowed));
}

TEST(NormalizeOriginTest, Address_IsWrittenAsBrowsersSendIt) {
  const std::pair<const char*, const char*> kExamples[] = {
      {"http://dash.local", "http://dash.local"},
      {"http://dash.local:80", "http://dash.local"},
      {"https://dash.local:443/", "https://dash.local"},
      {"http://dash.local:443", "http://dash.local:443"},
      {"https://dash.local:80", "https://dash.local:80"},
      {"HTTP://Dash.LOCAL:8082/panel?x#y", "http://dash.local:8082"},
      {"http://dash.local:", "http://dash.local"},
      {"http://dash.local:08082", "http://dash.local:8082"},
      {"http://[FE80::1]:80", "http://[fe80::1]"},
      {"capacitor://localhost", "capacitor://localhost"},
      {"null", "null"},
      {"NULL", "null"},
      {"file://", "file://"},
      {"file:///home/me/page.html", "file://"},
  };
  for (const auto& [address, expected] : kExamples) {
    const auto origin = NormalizeOrigin(address);
    ASSERT_TRUE(origin) << address;
    EXPECT_EQ(*origin, expected);
    EXPECT_EQ(*NormalizeOrigin(*origin), expected) << "twice";
  }
}

TEST(NormalizeOriginTest, NoOrigin_IsAnError) {
  for (const char* const text : {"", "http://", "http:///x", "://pi", "http://a b", "http://u@pi",
                                 "http://pi:0", "http://pi:65536", "1http://pi", "http://*"}) {
    const auto origin = NormalizeOrigin(text);
    ASSERT_FALSE(origin) << text;
    EXPECT_TRUE(origin.error().is_bad_usage);
    EXPECT_EQ(origin.error().message,
              "'" + std::string(text) + "' is not an origin, such as http://example.org:8080");
  }
}

TEST(NormalizeOriginTest, HostAlone_IsToldHowToWriteIt) {
  EXPECT_EQ(NormalizeOrigin("Dash.local:80").error().message,
            "'Dash.local:80' is not an origin: write http://dash.local");
}

}  // namespace
}  // namespace pistream
