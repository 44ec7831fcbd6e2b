#include "src/app/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace pistream {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(SettingsTest, Names_AreUnique) {
  for (const Setting& setting : AllSettings()) {
    EXPECT_EQ(FindSetting(setting.name), &setting);
  }
  EXPECT_EQ(FindSetting("zoom"), nullptr);
}

class GoodOriginTest : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(GoodOriginTest, Normalize_GivesWhatBrowsersSend) {
  const auto origin = ParseAllowedOrigin(GetParam().first);
  ASSERT_TRUE(origin) << origin.error().message;
  EXPECT_EQ(*origin, GetParam().second);
  EXPECT_EQ(ParseAllowedOrigin(*origin).value(), *origin);
}

INSTANTIATE_TEST_SUITE_P(
    All, GoodOriginTest,
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

class BadOriginTest : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(BadOriginTest, Normalize_FailsAndSaysWhatToWrite) {
  const auto origin = ParseAllowedOrigin(GetParam().first);
  ASSERT_FALSE(origin) << *origin;
  EXPECT_THAT(origin.error().message, AllOf(HasSubstr(GetParam().second), Not(HasSubstr("\n"))));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadOriginTest,
    testing::Values(std::pair{"dash.local", "such as http://pi:8080"},
                    std::pair{"dash.local:80", "such as http://pi:8080"},
                    std::pair{"", "such as http://pi:8080"}, std::pair{"*", "is not an origin"},
                    std::pair{"://dash.local", "is not an origin"},
                    std::pair{"1http://dash.local", "is not an origin"},
                    std::pair{"http://", "'' is not a host"},
                    std::pair{"http:///page", "'' is not a host"},
                    std::pair{"http://*.local", "'*.local' is not a host"},
                    std::pair{"http://u:p@dash.local", "is not a host"},
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

TEST(SettingsTest, OneOriginInTwoSpellings_IsOne) {
  Config config;
  StreamConfig stream;
  const Assignment assignment{.setting = FindSetting("allow-origin"),
                              .texts = {"http://a", "http://A:80", "http://b"},
                              .place = "--allow-origin"};
  ASSERT_TRUE(Apply(assignment, config, stream));
  EXPECT_THAT(config.listener.allowed_origins, testing::ElementsAre("http://a", "http://b"));
}

TEST(SettingsTest, Bitrates_HaveUnits) {
  EXPECT_EQ(ParseBitrate("800k").value(), 800'000);
  EXPECT_EQ(ParseBitrate("800K").value(), 800'000);
  EXPECT_EQ(ParseBitrate("1.5M").value(), 1'500'000);
  EXPECT_EQ(ParseBitrate("800000").value(), 800'000);
  EXPECT_FALSE(ParseBitrate("1m"));
  EXPECT_FALSE(ParseBitrate("inf"));
}

}  // namespace
}  // namespace pistream
