#include "src/app/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace pistream {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

Result<std::variant<Options, HelpText>> Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "pistream");
  return ParseOptions(static_cast<int>(arguments.size()), arguments.data());
}

Options Good(const std::vector<const char*>& arguments) {
  auto parsed = Parse(arguments);
  if (!parsed) {
    ADD_FAILURE() << parsed.error().message;
    return {};
  }
  return std::get<Options>(*parsed);
}

std::string Complaint(const std::vector<const char*>& arguments) {
  const auto parsed = Parse(arguments);
  return parsed ? "accepted" : parsed.error().message;
}

std::string WriteFile(const std::string& text) {
  std::string path = testing::TempDir() + "/options_test.toml";
  std::ofstream(path) << text;
  return path;
}

TEST(OptionsTest, NoArguments_GiveTheDefaultsOfPistreaming) {
  const Options options = Good({});
  EXPECT_EQ(options.source, SourceChoice{});
  EXPECT_EQ(options.address, "127.0.0.1");
  EXPECT_EQ(options.port, 8082);
  EXPECT_EQ(options.ws_port, 8084);
  EXPECT_EQ(options.format, (VideoFormat{{640, 480}, {24, 1}}));
  EXPECT_EQ(options.bitrate_bps, 800'000);
  EXPECT_EQ(options.gop_pictures, 0);
  EXPECT_EQ(options.threads, 1);
}

TEST(OptionsTest, EveryOption_IsTaken) {
  const Options options = Good({"--source",       "simulated:a.toml",
                                "--address",      "0.0.0.0",
                                "--port",         "0",
                                "--ws-port",      "off",
                                "--size",         "1280x720",
                                "--framerate",    "29.97",
                                "--bitrate",      "1.5M",
                                "--gop",          "12",
                                "--hflip",        "--vflip",
                                "--log-level",    "error",
                                "--allow-origin", "http://a",
                                "--threads",      "2",
                                "--control",      "Brightness=0.2",
                                "--control",      "AeEnable=0",
                                "--allow-origin", "http://b"});
  EXPECT_EQ(options.source, (SourceChoice{SourceChoice::Kind::kSimulated, "a.toml"}));
  EXPECT_EQ(options.address, "0.0.0.0");
  EXPECT_EQ(options.port, 0);
  EXPECT_EQ(options.ws_port, std::nullopt);
  EXPECT_EQ(options.format, (VideoFormat{{1280, 720}, {30000, 1001}}));
  EXPECT_EQ(options.bitrate_bps, 1'500'000);
  EXPECT_EQ(options.gop_pictures, 12);
  EXPECT_TRUE(options.hflip);
  EXPECT_TRUE(options.vflip);
  EXPECT_EQ(options.log_level, log::Level::kError);
  EXPECT_EQ(options.threads, 2);
  EXPECT_THAT(options.controls, ElementsAre(Pair("AeEnable", 0), Pair("Brightness", 0.2)));
  EXPECT_THAT(options.allowed_origins, ElementsAre("http://a", "http://b"));
}

TEST(OptionsTest, Help_NamesEveryOption) {
  const auto parsed = Parse({"--help"});
  ASSERT_TRUE(parsed);
  EXPECT_THAT(std::get<HelpText>(*parsed).text,
              AllOf(HasSubstr("--source"), HasSubstr("--ws-port"), HasSubstr("--config"),
                    HasSubstr("--list-cameras"), HasSubstr("--allow-origin")));
}

struct BadCase {
  std::vector<const char*> arguments;
  std::string expected;  // in the complaint
};

class BadArgumentTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadArgumentTest, IsRefusedInOneLineThatSaysWhatAndHow) {
  EXPECT_THAT(Complaint(GetParam().arguments),
              AllOf(HasSubstr(GetParam().expected), Not(HasSubstr("\n")), Not("accepted")));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadArgumentTest,
    testing::Values(
        BadCase{{"--prot", "1"}, "unknown argument '--prot'"},
        BadCase{{"extra"}, "unknown argument 'extra'"}, BadCase{{"--port"}, "--port"},
        BadCase{{"--port", "65536"}, "from 0 to 65535"}, BadCase{{"--port", "-1"}, "--port"},
        BadCase{{"--port", "80a"}, "from 0 to 65535"}, BadCase{{"--ws-port", "on"}, "nor 'off'"},
        BadCase{{"--size", "0x0"}, "size '0x0'"}, BadCase{{"--size", "641x480"}, "even sides"},
        BadCase{{"--size", "640"}, "WIDTHxHEIGHT"}, BadCase{{"--size", "99999x480"}, "even sides"},
        BadCase{{"--framerate", "0"}, "frame rate '0'"},
        BadCase{{"--framerate", "nan"}, "frame rate"},
        BadCase{{"--framerate", "1/0"}, "frame rate"},
        BadCase{{"--bitrate", "abc"}, "'abc' is not a bitrate"},
        BadCase{{"--bitrate", ""}, "not a bitrate"}, BadCase{{"--bitrate", "k"}, "not a bitrate"},
        BadCase{{"--bitrate", "1G"}, "not a bitrate"}, BadCase{{"--bitrate", "-800k"}, "--bitrate"},
        BadCase{{"--gop", "0"}, "from 1 to"}, BadCase{{"--threads", "0"}, "from 1 to 64"},
        BadCase{{"--source", "webcam"}, "neither libcamera"},
        BadCase{{"--source", "simulated:"}, "neither libcamera"},
        BadCase{{"--log-level", "loud"}, "loud"},
        BadCase{{"--control", "Brightness"}, "'Brightness' is not NAME=NUMBER"},
        BadCase{{"--control", "=1"}, "not NAME=NUMBER"},
        BadCase{{"--control", "Brightness=low"}, "not NAME=NUMBER"},
        BadCase{{"--web-root", "/nonexistent"}, "/nonexistent"},
        BadCase{{"--config", "/nonexistent.toml"}, "/nonexistent.toml"}));

TEST(ConfigFileTest, NamesOfTheOptions_AreTaken) {
  const std::string path = WriteFile(
      "# a comment\nsize = \"320x240\"\nframerate = 15\nhflip = true\nws-port = \"off\"\n"
      "allow-origin = [\"http://a\", \"http://b\"]\n");
  const Options options = Good({"--config", path.c_str()});
  EXPECT_EQ(options.format, (VideoFormat{{320, 240}, {15, 1}}));
  EXPECT_TRUE(options.hflip);
  EXPECT_EQ(options.ws_port, std::nullopt);
  EXPECT_THAT(options.allowed_origins, ElementsAre("http://a", "http://b"));
}

TEST(ConfigFileTest, CommandLine_GoesBeforeTheFile) {
  const std::string path = WriteFile("framerate = 15\nbitrate = \"2M\"\n");
  const Options options = Good({"--framerate", "30", "--config", path.c_str()});
  EXPECT_EQ(options.format.framerate, (FrameRate{30, 1}));
  EXPECT_EQ(options.bitrate_bps, 2'000'000);
}

struct BadFile {
  std::string text;
  std::string expected;
};

class BadFileTest : public testing::TestWithParam<BadFile> {};

TEST_P(BadFileTest, IsRefusedWithItsLine) {
  const std::string path = WriteFile(GetParam().text);
  EXPECT_THAT(Complaint({"--config", path.c_str()}),
              AllOf(HasSubstr(GetParam().expected), Not(HasSubstr("\n"))));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadFileTest,
    testing::Values(
        BadFile{"port = 1\nprot = 2\n", "line 2: unknown name 'prot'"},
        BadFile{"port = \n", "line 1"}, BadFile{"[server]\nport = 1\n", "unknown name 'server'"},
        BadFile{"config = \"other.toml\"\n", "unknown name 'config'"},
        BadFile{"version = true\n", "unknown name 'version'"}, BadFile{"port = [[1]]\n", "'port'"},
        BadFile{"hflip = \"yes\"\n", "line 1: 'hflip' is neither true nor false"},
        BadFile{"hflip = []\n", "neither true nor false"},
        BadFile{"port = \"many\"\n", "from 0 to 65535"}, BadFile{"size = 1979-05-27\n", "'size'"}));

}  // namespace
}  // namespace pistream
