#include "src/http/origin.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pistream {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(HostOfTest, WithAndWithoutPort_IsTheHostInLowerCase) {
  EXPECT_EQ(HostOf("pi"), "pi");
  EXPECT_EQ(HostOf("Pi.Local:8082"), "pi.local");
  EXPECT_EQ(HostOf("192.168.1.7:80"), "192.168.1.7");
  EXPECT_EQ(HostOf("[FE80::1]"), "[fe80::1]");
  EXPECT_EQ(HostOf("[::1]:8082"), "[::1]");
  EXPECT_EQ(HostOf("[0:0::1]"), "[::1]");
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

TEST(OriginOfTest, Address_IsWrittenAsBrowsersSendIt) {
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
      {"http://[0:0::1]/", "http://[::1]"},
      {"capacitor://localhost", "capacitor://localhost"},
      {"null", "null"},
      {"NULL", "null"},
      {"file://", "file://"},
      {"file:///home/me/page.html", "file://"},
  };
  for (const auto& [address, expected] : kExamples) {
    const auto origin = OriginOf(address);
    ASSERT_TRUE(origin) << address;
    EXPECT_EQ(*origin, expected);
    EXPECT_EQ(*OriginOf(*origin), expected) << "twice";
  }
}

TEST(OriginOfTest, NoOrigin_IsNothing) {
  for (const char* const text :
       {"", "http://", "http:///x", "://pi", "http://a b", "http://u@pi", "http://pi:0",
        "http://pi:65536", "1http://pi", "http://*", "dash.local:80"}) {
    EXPECT_EQ(OriginOf(text), std::nullopt) << text;
  }
}

class AllowedOriginTest : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(AllowedOriginTest, Parse_ReturnsWhatBrowsersSend) {
  const auto origin = ParseAllowedOrigin(GetParam().first);
  ASSERT_TRUE(origin) << origin.error().message;
  EXPECT_EQ(*origin, GetParam().second);
  EXPECT_EQ(ParseAllowedOrigin(*origin).value(), *origin);
}

INSTANTIATE_TEST_SUITE_P(
    All, AllowedOriginTest,
    testing::Values(std::pair{"http://dash.local", "http://dash.local"},
                    std::pair{"http://dash.local:80", "http://dash.local"},
                    std::pair{"https://dash.local:443/", "https://dash.local"},
                    std::pair{"https://dash.local:80", "https://dash.local:80"},
                    std::pair{"HTTP://Dash.LOCAL:8080", "http://dash.local:8080"},
                    std::pair{"http://dash.local:08080", "http://dash.local:8080"},
                    std::pair{"http://dash.local:", "http://dash.local"},
                    std::pair{"http://[0:0::1]:81", "http://[::1]:81"},
                    std::pair{"http://[::1]:80", "http://[::1]"},
                    std::pair{"http://192.168.1.2/", "http://192.168.1.2"},
                    std::pair{"capacitor://localhost", "capacitor://localhost"},
                    std::pair{"moz-extension://0a-1b", "moz-extension://0a-1b"},
                    std::pair{"null", "null"}, std::pair{"file://", "file://"}));

class RejectedOriginTest : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(RejectedOriginTest, Parse_FailsAndSuggestsAnOrigin) {
  const auto origin = ParseAllowedOrigin(GetParam().first);
  ASSERT_FALSE(origin) << *origin;
  EXPECT_THAT(origin.error().message, AllOf(HasSubstr(GetParam().second), Not(HasSubstr("\n"))));
}

INSTANTIATE_TEST_SUITE_P(
    All, RejectedOriginTest,
    testing::Values(std::pair{"dash.local", "such as http://pi:8080"},
                    std::pair{"dash.local:80", "such as http://pi:8080"},
                    std::pair{"", "such as http://pi:8080"}, std::pair{"*", "is not an origin"},
                    std::pair{"://dash.local", "is not an origin"},
                    std::pair{"1http://dash.local", "is not an origin"},
                    std::pair{"http://", "'' is not a host"},
                    std::pair{"http:///page", "'' is not a host"},
                    std::pair{"http://*.local", "'*.local' is not a host"},
                    std::pair{"http://u@dash.local", "'u@dash.local' is not a host"},
                    std::pair{"http://u:p@dash.local", "'p@dash.local' is not a port"},
                    std::pair{"http://dash.local:0", "'0' is not a port"},
                    std::pair{"http://k\xc3\xbc"
                              "che",
                              "xn--"},
                    std::pair{"http://[::g]", "is not a host"},
                    std::pair{"http://[::1", "is not a host"},
                    std::pair{"http://dash.local:65536", "'65536' is not a port"},
                    std::pair{"http://Dash.local:80/page", "browsers send only http://dash.local"},
                    std::pair{"http://dash.local?x", "browsers send only http://dash.local"},
                    std::pair{"ws://dash.local", "http://dash.local"},
                    std::pair{"wss://dash.local", "https://dash.local"}));

}  // namespace
}  // namespace pistream
