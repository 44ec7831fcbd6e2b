#include "e2e/links/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

namespace pistream::links {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr char kLeast[] = "rate_mbit = 2\nbuffer_ms = 300\n";

LinkProfile Parsed(const std::string& text) {
  const auto profile = ParseProfile(text, "link.toml");
  EXPECT_TRUE(profile) << profile.error().message;
  return profile.value_or(LinkProfile());
}

std::string ErrorOf(const std::string& text) {
  const auto profile = ParseProfile(text, "link.toml");
  return profile ? "none" : profile.error().message;
}

TEST(ProfileTest, OnlyRateAndBuffer_NothingElseHappens) {
  const LinkProfile profile = Parsed(kLeast);
  EXPECT_EQ(profile.name, "link");
  ASSERT_EQ(profile.rate.size(), 1U);
  EXPECT_EQ(profile.rate[0].bits_per_second, 2e6);
  EXPECT_EQ(profile.buffer, milliseconds(300));
  EXPECT_EQ(profile.delay, Duration::zero());
  EXPECT_EQ(profile.jitter, Duration::zero());
  EXPECT_EQ(profile.loss.share, 0);
  EXPECT_TRUE(profile.outages.empty());
  EXPECT_EQ(profile.seed, 1U);
  EXPECT_EQ(profile.video.size, "640x480");
}

TEST(ProfileTest, Everything_IsRead) {
  const LinkProfile profile = Parsed(R"(
buffer_ms = 300
delay_ms = 0.5
jitter_ms = 60
overtaking = true
seed = 7
[[step]]
at_seconds = 0
rate_mbit = 5
[[step]]
at_seconds = 10
rate_mbit = 0.5
[loss]
percent = 2
mean_burst = 8
[[outage]]
at_seconds = 8
for_seconds = 2
traffic = "lost"
[video]
size = "1280x720"
framerate = 30
bitrate_kbit = 4000
)");
  EXPECT_EQ(profile.delay, std::chrono::microseconds(500));
  EXPECT_EQ(profile.jitter, milliseconds(60));
  EXPECT_TRUE(profile.overtaking);
  EXPECT_EQ(profile.seed, 7U);
  ASSERT_EQ(profile.rate.size(), 2U);
  EXPECT_EQ(profile.rate[1].at, seconds(10));
  EXPECT_EQ(profile.rate[1].bits_per_second, 5e5);
  EXPECT_EQ(profile.loss.share, 0.02);
  EXPECT_EQ(profile.loss.mean_burst, 8);
  ASSERT_EQ(profile.outages.size(), 1U);
  EXPECT_EQ(profile.outages[0].at, seconds(8));
  EXPECT_EQ(profile.outages[0].duration, seconds(2));
  EXPECT_FALSE(profile.outages[0].keeps_traffic);
  EXPECT_EQ(profile.video.size, "1280x720");
  EXPECT_EQ(profile.video.framerate, 30);
  EXPECT_EQ(profile.video.bitrate_kbit, 4000);
}

TEST(ProfileTest, Upstream_HasDelayLossAndOutages_ButNeitherRateNorJitter) {
  const LinkProfile profile = Parsed(R"(
rate_mbit = 0.4
buffer_ms = 300
delay_ms = 10
jitter_ms = 60
[loss]
percent = 2
[[outage]]
at_seconds = 8
for_seconds = 2
traffic = "kept"
)");
  const LinkProfile upstream = Upstream(profile);
  EXPECT_GT(upstream.rate[0].bits_per_second, 1e7);
  EXPECT_EQ(upstream.delay, profile.delay);
  EXPECT_EQ(upstream.jitter, Duration::zero());
  EXPECT_EQ(upstream.loss.share, profile.loss.share);
  EXPECT_EQ(upstream.outages.size(), 1U);
  EXPECT_NE(upstream.seed, profile.seed);
}

struct Fault {
  std::string text;
  std::string message;
};

class ProfileFaultTest : public testing::TestWithParam<Fault> {};

TEST_P(ProfileFaultTest, NamesFileAndLine) {
  EXPECT_THAT(ErrorOf(GetParam().text), HasSubstr(GetParam().message));
}

const std::string kOutage = std::string(kLeast) + "[[outage]]\n";

INSTANTIATE_TEST_SUITE_P(
    All, ProfileFaultTest,
    testing::Values(
        Fault{"rate_mbit = \n", "link.toml:1: "},
        Fault{"buffer_ms = 300\n", "rate_mbit is missing"},
        Fault{"rate_mbit = 1\n", "buffer_ms is missing"},
        Fault{"rate_mbit = 0\nbuffer_ms = 300\n", "link.toml:1: rate_mbit must be a number from"},
        Fault{"rate_mbit = \"2\"\nbuffer_ms = 300\n", "link.toml:1: rate_mbit must be a number"},
        Fault{std::string(kLeast) + "delay = 3\n", "link.toml:3: unknown name 'delay'"},
        Fault{std::string(kLeast) + "overtaking = 1\n", "link.toml:3: overtaking must be true or"},
        Fault{std::string(kLeast) + "seed = 1.5\n", "link.toml:3: seed must be a whole number"},
        Fault{std::string(kLeast) + "loss = 5\n", "link.toml:3: loss must be a table"},
        Fault{std::string(kLeast) + "[loss]\npercent = 100\n", "link.toml:4: percent must be"},
        Fault{std::string(kLeast) + "[outage]\nat_seconds = 1\n", "each outage must begin with [["},
        Fault{kOutage + "at_seconds = 1\n", "for_seconds is missing"},
        Fault{kOutage + "at_seconds = 1\nfor_seconds = 2\ntraffic = \"dropped\"\n",
              "needs traffic = \"kept\" or \"lost\""},
        Fault{kOutage + "at_seconds = 3\nfor_seconds = 2\ntraffic = \"kept\"\n[[outage]]\n"
                        "at_seconds = 4\nfor_seconds = 2\ntraffic = \"kept\"\n",
              "link.toml:7: outages must be in order"},
        Fault{std::string(kLeast) + "[[step]]\nat_seconds = 0\nrate_mbit = 1\n",
              "either rate_mbit or [[step]]"},
        Fault{"buffer_ms = 1\n[[step]]\nat_seconds = 1\nrate_mbit = 1\n",
              "link.toml:2: the first step must be at_seconds = 0"},
        Fault{"buffer_ms = 1\n[[step]]\nat_seconds = 0\nrate_mbit = 1\n"
              "[[step]]\nat_seconds = 0\nrate_mbit = 2\n",
              "link.toml:5: steps must be in order of time"}));

TEST(ProfileTest, FileThatIsNotThere_IsNamed) {
  const auto profiles = ReadProfiles("nowhere/link.toml");
  ASSERT_FALSE(profiles);
  EXPECT_THAT(profiles.error().message, HasSubstr("nowhere/link.toml"));
}

TEST(ProfileTest, EachOfTheProjectsOwnFiles_IsAProfile) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator("e2e/links")) {
    if (entry.path().extension() == ".toml") {
      const auto profiles = ReadProfiles(entry.path());
      EXPECT_TRUE(profiles) << profiles.error().message;
      ++files;
    }
  }
  EXPECT_GT(files, 0);
}

TEST(ProfileTest, NamesOfOtherProfiles_AreALinkEach) {
  const auto profiles = ReadProfiles("e2e/links/two.toml");
  ASSERT_TRUE(profiles) << profiles.error().message;
  ASSERT_EQ(profiles->size(), 2U);
  EXPECT_EQ((*profiles)[0].name, "rate-0.4");
  EXPECT_EQ((*profiles)[1].name, "clean");
}

TEST(ProfileTest, NamesBesideOtherThings_Fail) {
  const auto file = std::filesystem::path(testing::TempDir()) / "both.toml";
  std::ofstream(file) << "links = [\"clean\"]\nseed = 1\n";
  const auto profiles = ReadProfiles(file);
  ASSERT_FALSE(profiles);
  EXPECT_THAT(profiles.error().message, HasSubstr("stands alone"));
}

}  // namespace
}  // namespace pistream::links
