#include "src/app/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace pistream {
namespace {

TEST(SettingsTest, Names_AreUnique) {
  for (const Setting& setting : AllSettings()) {
    EXPECT_EQ(FindSetting(setting.name), &setting);
  }
  EXPECT_EQ(FindSetting("zoom"), nullptr);
}

TEST(SettingsTest, NamesOfTables_AreThoseOfTheOptionsWithoutTheTables) {
  EXPECT_EQ(NameInFile(*FindSetting("auth-mode")), "mode");
  EXPECT_EQ(NameInFile(*FindSetting("port")), "port");
  for (const Setting& setting : AllSettings()) {
    const std::string table(TableOf(setting.scope));
    EXPECT_EQ(setting.name, (table.empty() ? "" : table + "-") + std::string(NameInFile(setting)));
  }
}

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
