#include "src/app/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace pistream {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct FaultCase {
  const char* name;
  void (*change)(Config& config);
  std::optional<size_t> stream;
  const char* setting;
  const char* message;  // a part of it
};

void PrintTo(const FaultCase& one, std::ostream* out) { *out << one.name; }

class FaultTest : public testing::TestWithParam<FaultCase> {};

// A Config that was not created by the settings' parsers is checked in the same way.
TEST_P(FaultTest, Alone_IsFound) {
  Config config;
  GetParam().change(config);
  const auto fault = FindFault(config);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->stream, GetParam().stream);
  EXPECT_EQ(fault->setting, GetParam().setting);
  EXPECT_THAT(fault->message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, FaultTest,
    testing::Values(
        FaultCase{"address", [](Config& c) { c.listener.address = "x"; }, std::nullopt, "address",
                  "'x' is not an IP address"},
        FaultCase{"ws_port", [](Config& c) { c.listener.ws_port = 8082; }, std::nullopt, "ws-port",
                  "the same as port"},
        FaultCase{"threads", [](Config& c) { c.listener.threads = 0; }, std::nullopt, "threads",
                  "from 1 to 64"},
        FaultCase{"web_root", [](Config& c) { c.listener.web_root = "/nonexistent"; }, std::nullopt,
                  "web-root", "not a directory"},
        FaultCase{"no_tokens", [](Config& c) { c.listener.address = "::"; }, std::nullopt,
                  "address", "there are no tokens"},
        FaultCase{"no_stream", [](Config& c) { c.streams.clear(); }, std::nullopt, "streams",
                  "add a table [streams.NAME]"},
        FaultCase{"too_many", [](Config& c) { c.streams.resize(65); }, std::nullopt, "streams",
                  "at most 64"},
        FaultCase{"name", [](Config& c) { c.streams[0].name = "A"; }, 0, "", "a-z, 0-9"},
        FaultCase{"same_name", [](Config& c) { c.streams.resize(2); }, 1, "",
                  "two streams have this name"},
        FaultCase{"odd_size", [](Config& c) { c.streams[0].camera.format.size.width = 641; }, 0,
                  "size", "even"},
        FaultCase{"framerate", [](Config& c) { c.streams[0].camera.format.framerate = {-1, 1}; }, 0,
                  "framerate", "from 1/60 to 120"},
        FaultCase{"slow_framerate",
                  [](Config& c) { c.streams[0].camera.format.framerate = {1, 61}; }, 0, "framerate",
                  "from 1/60 to 120"},
        FaultCase{"bitrate", [](Config& c) { c.streams[0].bitrate_bps = 49'999; }, 0, "bitrate",
                  "from 50k to 100M"},
        FaultCase{"gop", [](Config& c) { c.streams[0].gop_pictures = -1; }, 0, "gop",
                  "from 1 to 100000"},
        FaultCase{"simulated_control",
                  [](Config& c) {
                    c.streams[0].source.kind = SourceChoice::Kind::kSimulated;
                    c.streams[0].camera.controls = {{"Brightness", 0.2}};
                  },
                  0, "control", "the simulated camera has no controls"},
        FaultCase{"missing_scenario",
                  [](Config& c) {
                    c.streams[0].source = {SourceChoice::Kind::kSimulated, "/nonexistent.toml"};
                  },
                  0, "source", "there is no file '/nonexistent.toml'"},
        FaultCase{"same_camera",
                  [](Config& c) {
                    c.streams.resize(2);
                    c.streams[1].name = "door";
                  },
                  1, "source", "already shown by the stream 'camera'"}),
    [](const auto& one) { return one.param.name; });

TEST(ConfigTest, Defaults_AreValidWithoutWarnings) {
  EXPECT_EQ(FindFault({}), std::nullopt);
  EXPECT_THAT(Warnings({}), IsEmpty());
}

TEST(ConfigTest, LowBitrate_IsAWarningThatNamesTheStream) {
  Config config;
  config.streams[0].camera.format.size = {1920, 1080};
  config.streams[0].bitrate_bps = 800'000;
  EXPECT_EQ(FindFault(config), std::nullopt);
  EXPECT_THAT(Warnings(config),
              ElementsAre(AllOf(HasSubstr("stream camera: "), HasSubstr("800k is too low"))));
}

}  // namespace
}  // namespace pistream
