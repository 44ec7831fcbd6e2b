#include "src/app/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace pistream {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

using Action = CommandLine::Action;

Result<CommandLine> Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "pistream");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}

Result<Config> Load(const std::vector<const char*>& arguments) {
  return Parse(arguments).and_then(
      [](const CommandLine& command_line) { return LoadConfig(command_line); });
}

Config Good(const std::vector<const char*>& arguments) {
  auto loaded = Load(arguments);
  if (!loaded) {
    ADD_FAILURE() << loaded.error().message;
    return {};
  }
  return *loaded;
}

std::string ErrorOf(const std::vector<const char*>& arguments) {
  const auto loaded = Load(arguments);
  if (loaded) {
    return "accepted";
  }
  EXPECT_TRUE(loaded.error().is_bad_usage) << loaded.error().message;
  return loaded.error().message;
}

std::string WriteFile(const std::string& text) {
  std::string path = testing::TempDir() + "/command_line_test.toml";
  std::ofstream(path) << text;
  return path;
}

Config GoodFile(const std::string& text) { return Good({"--config", WriteFile(text).c_str()}); }

// Without the file's path.
std::string ErrorOfFile(const std::string& text, std::vector<const char*> arguments = {}) {
  const std::string path = WriteFile(text);
  arguments.insert(arguments.end(), {"--config", path.c_str()});
  std::string error = ErrorOf(arguments);
  for (size_t at = error.find(path); at != std::string::npos; at = error.find(path)) {
    error.replace(at, path.size(), "FILE");
  }
  return error;
}

TEST(CommandLineTest, NoArguments_GiveTheDefaultsOfPistreaming) {
  const Config config = Good({});
  EXPECT_EQ(config, Config{});
  EXPECT_EQ(config.listener.address, "127.0.0.1");
  EXPECT_EQ(config.listener.port, 8082);
  EXPECT_EQ(config.listener.ws_port, 8084);
  EXPECT_EQ(config.listener.threads, 1);
  ASSERT_EQ(config.streams.size(), 1U);
  const StreamConfig& stream = config.streams.front();
  EXPECT_EQ(stream.name, "camera");
  EXPECT_EQ(stream.source, SourceChoice{});
  EXPECT_EQ(stream.camera.format, (VideoFormat{{640, 480}, {24, 1}}));
  EXPECT_EQ(stream.EffectiveBitrate(), 800'000);
  EXPECT_EQ(stream.EffectiveGop(), 24);
}

TEST(CommandLineTest, EveryOption_IsTaken) {
  const std::string directory = testing::TempDir();
  const Config config = Good({"--source",        "libcamera:one",
                              "--address",       "0.0.0.0",
                              "--port",          "0",
                              "--ws-port",       "off",
                              "--size",          "1280x720",
                              "--framerate",     "29.97",
                              "--bitrate",       "1.5M",
                              "--gop",           "12",
                              "--hflip",         "--vflip",
                              "--log-level",     "error",
                              "--allow-origin",  "http://a",
                              "--threads",       "2",
                              "--control",       "Brightness=0.2",
                              "--control",       "AeEnable=0",
                              "--web-root",      directory.c_str(),
                              "--allow-origin",  "http://b",
                              "--host-name",     "Cam.example.org",
                              "--host-name",     "cam",
                              "--host-name",     "CAM.",
                              "--trusted-proxy", "127.0.0.1",
                              "--trusted-proxy", "10.0.0.0/8",
                              "--auth-mode",     "tokens",
                              "--auth-tokens",   "tokens"});
  EXPECT_EQ(config.listener.address, "0.0.0.0");
  EXPECT_EQ(config.listener.port, 0);
  EXPECT_EQ(config.listener.ws_port, std::nullopt);
  EXPECT_EQ(config.listener.threads, 2);
  EXPECT_EQ(config.listener.web_root, directory);
  EXPECT_THAT(config.listener.allowed_origins, ElementsAre("http://a", "http://b"));
  EXPECT_THAT(config.listener.host_names, ElementsAre("cam.example.org", "cam"));
  EXPECT_THAT(config.listener.trusted_proxies,
              ElementsAre(*ParseAddressRange("127.0.0.1"), *ParseAddressRange("10.0.0.0/8")));
  EXPECT_EQ(config.auth, (AuthConfig{AuthConfig::Mode::kTokens, "tokens"}));
  EXPECT_EQ(config.log_level, log::Level::kError);
  const StreamConfig& stream = config.streams.front();
  EXPECT_EQ(stream.source, (SourceChoice{SourceChoice::Kind::kLibcamera, "one"}));
  EXPECT_EQ(stream.camera.format, (VideoFormat{{1280, 720}, {30000, 1001}}));
  EXPECT_TRUE(stream.camera.hflip);
  EXPECT_TRUE(stream.camera.vflip);
  EXPECT_THAT(stream.camera.controls, ElementsAre(Pair("AeEnable", 0), Pair("Brightness", 0.2)));
  EXPECT_EQ(stream.bitrate_bps, 1'500'000);
  EXPECT_EQ(stream.gop_pictures, 12);
}

TEST(CommandLineTest, Help_NamesEveryOptionAndItsDefault) {
  const auto parsed = Parse({"--help"});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->action, Action::kHelp);
  for (const Setting& setting : AllSettings()) {
    EXPECT_THAT(parsed->help, AllOf(HasSubstr("--" + std::string(setting.name)),
                                    HasSubstr(std::string(setting.default_text))));
  }
  for (const char* const option :
       {"--config", "--check-config", "--list-cameras", "--version", "--open", "--make-tokens"}) {
    EXPECT_THAT(parsed->help, HasSubstr(option));
  }
}

TEST(CommandLineTest, Actions_NeedNoValidConfiguration) {
  EXPECT_EQ(Parse({"--version"}).value().action, Action::kVersion);
  EXPECT_EQ(Parse({"--list-cameras"}).value().action, Action::kListCameras);
  EXPECT_EQ(Parse({"--check-config", "--config", "a.toml"}).value().action, Action::kCheckConfig);
  EXPECT_EQ(Parse({"--config", "a.toml"}).value().config_file, "a.toml");
  EXPECT_EQ(Parse({"--make-tokens", "a"}).value().action, Action::kMakeTokens);
  EXPECT_EQ(Parse({"--make-tokens", "a", "--address", "::"}).value().token_file, "a");
}

struct BadCase {
  std::vector<const char*> arguments;
  std::string expected;  // in the error
};

class BadArgumentTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadArgumentTest, IsRefusedInOneLineThatSaysWhatAndHow) {
  EXPECT_THAT(ErrorOf(GetParam().arguments),
              AllOf(HasSubstr(GetParam().expected), Not(HasSubstr("\n")), Not("accepted")));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadArgumentTest,
    testing::Values(
        BadCase{{"--bitrat", "1"}, "--bitrat: unknown option; did you mean --bitrate?"},
        BadCase{{"--prot=1"}, "--prot: unknown option; did you mean --port?"},
        BadCase{{"-port", "1"}, "-port: unknown option; did you mean --port?"},
        BadCase{{"--conf", "a"}, "--conf: unknown option; did you mean --config?"},
        BadCase{{"--zoom", "1"}, "--zoom: unknown option; see pistream --help"},
        BadCase{{"extra"}, "'extra': unexpected argument"},
        BadCase{{"--port"}, "--port needs a value"},
        BadCase{{"--control"}, "--control needs a value"},
        BadCase{{"--config"}, "--config needs a value"},
        BadCase{{"--config", ""}, "--config needs a file"},
        BadCase{{"--port", "65536"}, "--port: '65536' is not a whole number from 0 to 65535"},
        BadCase{{"--port", "-1"}, "--port"}, BadCase{{"--port", "80a"}, "from 0 to 65535"},
        BadCase{{"--ws-port", "on"}, "nor 'off'"},
        BadCase{{"--port", "81", "--ws-port", "81"}, "--ws-port: 81 is the same as port"},
        BadCase{{"--port", "8084"},
                "--port: 8084 is also ws-port's default: choose another, or ws-port = \"off\""},
        BadCase{{"--ws-port", "8082"}, "--ws-port: 8082 is the same as port"},
        BadCase{{"--address", "here"}, "--address: 'here' is not an IP address"},
        BadCase{{"--address", "1.2.3"}, "is not an IP address"},
        BadCase{{"--address", ""}, "is not an IP address"},
        BadCase{{"--size", "0x0"}, "--size: '0x0' is not WIDTHxHEIGHT"},
        BadCase{{"--size", "641x480"}, "even sides, from 16x16 to 4094x2800, such as"},
        BadCase{{"--size", "640"}, "WIDTHxHEIGHT"}, BadCase{{"--size", "99999x480"}, "even sides"},
        BadCase{{"--framerate", "0"}, "frame rate '0'"},
        BadCase{{"--framerate", "nan"}, "frame rate"},
        BadCase{{"--framerate", "1/0"}, "frame rate"},
        BadCase{{"--framerate", "1/61"}, "from 1/60 to 120"},
        BadCase{{"--bitrate", "abc"}, "--bitrate: 'abc' is not a bitrate"},
        BadCase{{"--bitrate", ""}, "not a bitrate"}, BadCase{{"--bitrate", "k"}, "not a bitrate"},
        BadCase{{"--bitrate", "nan"}, "not a bitrate"},
        BadCase{{"--bitrate", "1e300"}, "not a bitrate"},
        BadCase{{"--bitrate", "1G"}, "not a bitrate"}, BadCase{{"--bitrate", "-800k"}, "--bitrate"},
        BadCase{{"--bitrate", "49k"}, "--bitrate: 49k is not a bitrate from 50k to 100M"},
        BadCase{{"--bitrate", "101M"}, "--bitrate: 101M is not a bitrate from 50k to 100M"},
        BadCase{{"--bitrate", "50k", "--size", "1920x1080"}, "--bitrate: bitrate 50k is too low"},
        BadCase{{"--gop", "0"}, "--gop: '0' is not a whole number from 1 to"},
        BadCase{{"--gop", "100001"}, "from 1 to 100000"},
        BadCase{{"--gop", "99999999999"}, "'99999999999' is out of range"},
        BadCase{{"--threads", "0"}, "--threads: '0' is not a whole number from 1 to 64"},
        BadCase{{"--threads", "65"}, "from 1 to 64"},
        BadCase{{"--source", "webcam"}, "--source: 'webcam' is not a source"},
        BadCase{{"--source", "simulated:"}, "is not a source"},
        BadCase{{"--log-level", "loud"}, "'loud' is not a log level"},
        BadCase{{"--control", "Brightness"}, "'Brightness' is not NAME=NUMBER"},
        BadCase{{"--control", "=1"}, "not NAME=NUMBER"},
        BadCase{{"--control", "Brightness=low"}, "not NAME=NUMBER"},
        BadCase{{"--control", "Brightness=nan"}, "not NAME=NUMBER"},
        BadCase{{"--web-root", "/nonexistent"}, "'/nonexistent' is not a directory"},
        BadCase{{"--allow-origin", "dash.local"}, "--allow-origin: 'dash.local' is not an origin"},
        BadCase{{"--host-name", "http://cam"}, "--host-name: 'http://cam' is not a host's name"},
        BadCase{{"--trusted-proxy", "nginx"}, "--trusted-proxy: 'nginx' is not an address"},
        BadCase{{"--auth-mode", "password"}, "--auth-mode: 'password' is neither tokens nor none"},
        BadCase{{"--auth-tokens"}, "--auth-tokens needs a value"},
        BadCase{{"--auth-tokens", ""}, "--auth-tokens: needs the name of a file"},
        BadCase{{"--auth-tokens="}, "--auth-tokens needs a value"},
        BadCase{{"--open", "--auth-tokens", ""}, "--auth-tokens: needs the name of a file"},
        BadCase{{"--make-tokens"}, "--make-tokens needs a value"},
        BadCase{{"--make-tokens", ""}, "--make-tokens needs a file"},
        BadCase{{"--opne"}, "--opne: unknown option; did you mean --open?"},
        BadCase{{"--check-config"}, "add --config FILE"},
        BadCase{{"--config", "/nonexistent.toml"}, "/nonexistent.toml: cannot read"},
        BadCase{{"--config", "/"}, "/: this is a directory"}));

std::vector<std::string> AllFlags() {
  std::vector<std::string> flags = {"--open", "--check-config", "--list-cameras", "--version"};
  for (const Setting& setting : AllSettings()) {
    if (setting.kind == Setting::Kind::kFlag) {
      flags.push_back("--" + std::string(setting.name));
    }
  }
  return flags;
}

class FlagTest : public testing::TestWithParam<std::string> {};

TEST_P(FlagTest, WithAValue_TakesTrueAndFalseOnly) {
  for (const std::string value : {"maybe", "", "1", "TRUE", "true false"}) {
    EXPECT_EQ(ErrorOf({(GetParam() + "=" + value).c_str()}),
              GetParam() + ": '" + value + "' is neither true nor false");
  }
  EXPECT_EQ(Good({(GetParam() + "=false").c_str()}), Config{});
  EXPECT_TRUE(Parse({(GetParam() + "=true").c_str(), "--config", "a"}));
}

INSTANTIATE_TEST_SUITE_P(All, FlagTest, testing::ValuesIn(AllFlags()));

TEST(CommandLineTest, GivenTwice_TheLastCounts) {
  const Config config = Good({"--port", "1", "--hflip", "--port", "2", "--hflip=false",
                              "--log-level", "error", "--log-level=info"});
  EXPECT_EQ(config.listener.port, 2);
  EXPECT_FALSE(config.streams[0].camera.hflip);
  EXPECT_EQ(config.log_level, log::Level::kInfo);
  EXPECT_EQ(Parse({"--config", "a", "--config", "b"}).value().config_file, "b");
  EXPECT_EQ(Parse({"--version", "--version"}).value().action, Action::kVersion);
}

TEST(CommandLineTest, SlowFrameRates_AreTaken) {
  EXPECT_EQ(Good({"--framerate", "0.5"}).streams[0].camera.format.framerate, (FrameRate{1, 2}));
  EXPECT_EQ(Good({"--framerate", "1/60"}).streams[0].camera.format.framerate, (FrameRate{1, 60}));
}

TEST(CommandLineTest, Addresses_OfBothFamilies) {
  for (const char* const address : {"0.0.0.0", "192.168.1.2", "::", "::1", "fe80::1%eth0"}) {
    EXPECT_EQ(Good({"--address", address, "--open"}).listener.address, address);
  }
}

TEST(AuthOptionsTest, OtherMachines_NeedTokensOrAWordThatEverybodyMay) {
  for (const char* const address : {"0.0.0.0", "192.168.1.2", "::", "fe80::1%eth0"}) {
    EXPECT_THAT(
        ErrorOf({"--address", address}),
        AllOf(StartsWith("--address: other machines can connect to " + std::string(address)),
              HasSubstr("pistream --make-tokens FILE"), HasSubstr("--auth-tokens FILE"),
              HasSubstr("--open"), Not(HasSubstr("\n"))));
    EXPECT_FALSE(Good({"--address", address, "--auth-tokens", "a"}).auth.IsForEverybody());
    EXPECT_TRUE(Good({"--address", address, "--open"}).auth.IsForEverybody());
    EXPECT_TRUE(Good({"--address", address, "--auth-mode", "none"}).auth.IsForEverybody());
    EXPECT_THAT(ErrorOf({"--address", address, "--auth-mode", "tokens"}),
                StartsWith("--auth-mode: the mode is tokens, and there are none"));
    EXPECT_NE(ErrorOf({"--address", address, "--open=false"}), "accepted");
  }
}

TEST(AuthOptionsTest, ThisMachineAlone_IsOpenUnlessThereAreTokens) {
  for (const char* const address : {"127.0.0.1", "127.1.2.3", "::1"}) {
    EXPECT_TRUE(Good({"--address", address}).auth.IsForEverybody());
    EXPECT_FALSE(Good({"--address", address, "--auth-tokens", "a"}).auth.IsForEverybody());
  }
}

// It is reached from elsewhere, through the proxy.
TEST(AuthOptionsTest, BehindAProxy_NeedsTokensOrAWordThatEverybodyMay) {
  const std::vector<std::vector<const char*>> cases = {{"--trusted-proxy", "127.0.0.1"},
                                                       {"--host-name", "cam.example.org"}};
  for (const std::vector<const char*>& proxy : cases) {
    const auto with = [&](std::vector<const char*> arguments) {
      arguments.insert(arguments.end(), proxy.begin(), proxy.end());
      return arguments;
    };
    EXPECT_THAT(ErrorOf(proxy),
                AllOf(StartsWith(proxy[0] + std::string(": other machines can connect to a proxy")),
                      HasSubstr("--auth-tokens FILE"), HasSubstr("--open")));
    EXPECT_NE(ErrorOf(with({"--open=false"})), "accepted");
    EXPECT_FALSE(Good(with({"--auth-tokens", "a"})).auth.IsForEverybody());
    EXPECT_TRUE(Good(with({"--open"})).auth.IsForEverybody());
  }
  EXPECT_THAT(ErrorOfFile("trusted-proxy = \"127.0.0.1\"\n"),
              StartsWith("FILE:1: trusted-proxy: "));
}

TEST(AuthOptionsTest, ModeTokensWithoutAny_IsRefusedOnLoopbackToo) {
  EXPECT_THAT(ErrorOf({"--auth-mode", "tokens"}), HasSubstr("there are none"));
  EXPECT_THAT(ErrorOfFile("[auth]\nmode = \"tokens\"\n"),
              AllOf(StartsWith("FILE:2: [auth] mode: "), HasSubstr("there are none")));
}

TEST(AuthOptionsTest, Open_WinsOverTheFile) {
  const std::string path = WriteFile("[auth]\nmode = \"tokens\"\ntokens = \"a\"\n");
  EXPECT_FALSE(Good({"--config", path.c_str()}).auth.IsForEverybody());
  EXPECT_TRUE(Good({"--config", path.c_str(), "--open"}).auth.IsForEverybody());
  EXPECT_EQ(Good({"--config", path.c_str(), "--auth-tokens", "b"}).auth.tokens, "b");
}

class CredentialTest : public testing::Test {
 protected:
  CredentialTest() {
    std::filesystem::create_directories(folder_);
    setenv("CREDENTIALS_DIRECTORY", folder_.c_str(), 1);
  }
  ~CredentialTest() override {
    unsetenv("CREDENTIALS_DIRECTORY");
    std::filesystem::remove_all(folder_);
  }

  const std::filesystem::path folder_ = testing::TempDir() + "/credential_test";
};

TEST_F(CredentialTest, OfSystemd_CountsAsTokens) {
  EXPECT_NE(ErrorOf({"--address", "::"}), "accepted");
  std::ofstream(folder_ / "pistream-tokens");
  EXPECT_EQ(Good({"--address", "::"}).auth.tokens, folder_ / "pistream-tokens");
  EXPECT_FALSE(Good({}).auth.IsForEverybody());
  EXPECT_EQ(Good({"--auth-tokens", "mine"}).auth.tokens, "mine");
  EXPECT_TRUE(Good({"--address", "::", "--open"}).auth.IsForEverybody());
}

TEST(FlatFileTest, NamesOfTheOptions_AreTaken) {
  const Config config = GoodFile(
      "# a comment\nsize = \"320x240\"\nframerate = 15\nhflip = true\nvflip = false\n"
      "ws-port = \"off\"\nport = 80\nallow-origin = [\"http://a\", \"http://b\"]\n"
      "control = \"Brightness=0.2\"\n");
  ASSERT_EQ(config.streams.size(), 1U);
  const StreamConfig& stream = config.streams.front();
  EXPECT_EQ(stream.name, "camera");
  EXPECT_EQ(stream.camera.format, (VideoFormat{{320, 240}, {15, 1}}));
  EXPECT_TRUE(stream.camera.hflip);
  EXPECT_FALSE(stream.camera.vflip);
  EXPECT_THAT(stream.camera.controls, ElementsAre(Pair("Brightness", 0.2)));
  EXPECT_EQ(config.listener.ws_port, std::nullopt);
  EXPECT_EQ(config.listener.port, 80);
  EXPECT_THAT(config.listener.allowed_origins, ElementsAre("http://a", "http://b"));
}

TEST(FlatFileTest, CommandLine_WinsOverTheFile) {
  const std::string path =
      WriteFile("framerate = 15\nbitrate = \"2M\"\nhflip = true\nallow-origin = [\"http://a\"]\n");
  const Config config = Good({"--framerate", "30", "--config", path.c_str(), "--hflip=false",
                              "--allow-origin", "http://b"});
  const StreamConfig& stream = config.streams.front();
  EXPECT_EQ(stream.camera.format.framerate, (FrameRate{30, 1}));
  EXPECT_EQ(stream.bitrate_bps, 2'000'000);
  EXPECT_FALSE(stream.camera.hflip);
  EXPECT_THAT(config.listener.allowed_origins, ElementsAre("http://b"));
}

TEST(FlatFileTest, NumbersOfOtherBases_AreTaken) {
  const Config config = GoodFile("port = 0x1F92\nws-port = 0o17_624\nthreads = 0b10\n");
  EXPECT_EQ(config.listener.port, 0x1F92);
  EXPECT_EQ(config.listener.ws_port, 017624);
  EXPECT_EQ(config.listener.threads, 2);
}

TEST(FlatFileTest, FractionWithoutQuotes_IsToldHowToWriteIt) {
  EXPECT_THAT(ErrorOfFile("port = 1\nframerate = 1/10  # slow\nport = 2\n"),
              EndsWith("; write a fraction in quotes"));
  EXPECT_THAT(ErrorOfFile("framerate = 1/10"), EndsWith("; write a fraction in quotes"));
  EXPECT_THAT(ErrorOfFile("port = \nframerate = 1/10\n"), Not(HasSubstr("fraction")));
}

TEST(FlatFileTest, EmptyFile_GivesTheDefaults) { EXPECT_EQ(GoodFile(""), Config{}); }

TEST(FlatFileTest, AuthTable_HasItsOwnNames) {
  const AuthConfig expected{AuthConfig::Mode::kTokens, "/etc/tokens"};
  EXPECT_EQ(GoodFile("port = 1\n[auth]\nmode = \"tokens\"\ntokens = \"/etc/tokens\"\n").auth,
            expected);
  EXPECT_EQ(GoodFile("auth.tokens = \"/etc/tokens\"\nauth.mode = \"tokens\"\nport = 1\n").auth,
            expected);
  const Config several =
      GoodFile("address = \"::\"\n[streams.a]\nsource = \"simulated\"\n[auth]\nmode = \"none\"\n");
  EXPECT_TRUE(several.auth.IsForEverybody());
  EXPECT_EQ(several.streams.size(), 1U);
  EXPECT_EQ(GoodFile("[auth]\n").auth, AuthConfig());
}

// The file is read each time, for a reload.
TEST(FlatFileTest, LoadAgain_ReadsAgain) {
  const std::string path = WriteFile("port = 1\n");
  const auto command_line = Parse({"--config", path.c_str()});
  ASSERT_TRUE(command_line);
  EXPECT_EQ(LoadConfig(*command_line).value().listener.port, 1);
  WriteFile("port = 2\n");
  EXPECT_EQ(LoadConfig(*command_line).value().listener.port, 2);
}

// As deployment installs it.
TEST(ShippedFileTest, IsValid) {
  const char* const path = std::getenv("PISTREAM_TOML");
  ASSERT_NE(path, nullptr);
  const Config config = Good({"--config", path, "--auth-tokens", "tokens"});  // as deploy passes on
  EXPECT_EQ(config.listener.address, "::");
  EXPECT_EQ(config.streams.size(), 1U);
}

// Each block of TOML in a document.
std::vector<std::string> ExamplesOf(const char* variable) {
  const char* const path = std::getenv(variable);
  if (path == nullptr) {
    return {};
  }
  std::ifstream document(path);
  std::vector<std::string> examples;
  bool is_example = false;
  for (std::string line; std::getline(document, line);) {
    if (line.starts_with("```")) {
      is_example = line == "```toml";
      if (is_example) {
        examples.emplace_back();
      }
    } else if (is_example) {
      examples.back() += line + "\n";
    }
  }
  return examples;
}

TEST(DocumentedFilesTest, AreValid) {
  for (const char* const document : {"OPERATIONS_MD", "README_MD"}) {
    const std::vector<std::string> examples = ExamplesOf(document);
    EXPECT_EQ(examples.size(), 1U) << document;
    for (const std::string& example : examples) {
      EXPECT_EQ(GoodFile(example).streams.size(), 2U) << example;
    }
  }
}

constexpr const char* kTwoStreams =
    "port = 80\n"
    "[streams.garden]\n"
    "source = \"libcamera:one\"\n"
    "size = \"1280x720\"\n"
    "control = [\"Brightness=0.2\"]\n"
    "\n"
    "[streams.door]\n"
    "source = \"simulated\"\n"
    "vflip = true\n";

TEST(StreamTablesTest, EachTable_IsAStreamInTheFilesOrder) {
  Config expected;
  expected.listener.port = 80;
  expected.streams.resize(2);
  StreamConfig& garden = expected.streams[0];
  garden.name = "garden";
  garden.source = {SourceChoice::Kind::kLibcamera, "one"};
  garden.camera.format.size = {1280, 720};
  garden.camera.controls = {{"Brightness", 0.2}};
  StreamConfig& door = expected.streams[1];
  door.name = "door";
  door.source = {SourceChoice::Kind::kSimulated, ""};
  door.camera.vflip = true;
  EXPECT_EQ(GoodFile(kTwoStreams), expected);
}

std::vector<std::string> Names(const Config& config) {
  std::vector<std::string> names;
  for (const StreamConfig& stream : config.streams) {
    names.push_back(stream.name);
  }
  return names;
}

TEST(StreamTablesTest, OtherSpellings_KeepTheOrder) {
  EXPECT_THAT(Names(GoodFile("[streams]\n"
                             "z.source = \"simulated\"\n"
                             "b = { source = \"simulated\", hflip = true }\n"
                             "a.source = \"simulated\"\n"
                             "z.hflip = true\n"
                             "[streams.\"0\"]\n"
                             "source = \"simulated\"\n")),
              ElementsAre("z", "b", "a", "0"));
  EXPECT_THAT(Names(GoodFile("streams = { z = { source = \"simulated\" }, a = {} }\n")),
              ElementsAre("z", "a"));
}

TEST(StreamTablesTest, EmptyTable_IsAStreamOfDefaults) {
  const Config config = GoodFile("[streams.garden]\n");
  EXPECT_THAT(Names(config), ElementsAre("garden"));
}

TEST(StreamTablesTest, MostStreams_AreTaken) {
  std::string text;
  for (int i = 0; i < 64; ++i) {
    text += fmt::format("[streams.s{}]\nsource = \"simulated\"\n", i);
  }
  const Config config = GoodFile(text);
  ASSERT_EQ(config.streams.size(), 64U);
  EXPECT_EQ(config.streams[63].name, "s63");
  EXPECT_THAT(ErrorOfFile(text + "[streams.last]\nsource = \"simulated\"\n"),
              HasSubstr("65 streams are too many: at most 64"));
}

TEST(StreamTablesTest, ListenerOptions_WinOverTheFile) {
  const std::string path = WriteFile(kTwoStreams);
  const Config config =
      Good({"--config", path.c_str(), "--port", "81", "--log-level", "error", "--threads", "2"});
  EXPECT_EQ(config.listener.port, 81);
  EXPECT_EQ(config.listener.threads, 2);
  EXPECT_EQ(config.log_level, log::Level::kError);
  EXPECT_EQ(config.streams, GoodFile(kTwoStreams).streams);
}

TEST(StreamTablesTest, StreamOptions_AreRefused) {
  for (const Setting& setting : AllSettings()) {
    if (setting.scope != Setting::Scope::kStream) {
      continue;
    }
    const std::string option = "--" + std::string(setting.name);
    std::vector<const char*> arguments = {option.c_str()};
    if (setting.kind != Setting::Kind::kFlag) {
      arguments.push_back("1");
    }
    EXPECT_THAT(ErrorOfFile(kTwoStreams, arguments),
                AllOf(StartsWith(option + ": FILE describes its streams in [streams] tables"),
                      EndsWith("or leave out the option")));
  }
}

struct BadFile {
  std::string text;
  std::string expected;  // the error's beginning
};

class BadFileTest : public testing::TestWithParam<BadFile> {};

TEST_P(BadFileTest, IsRefusedWithItsLine) {
  EXPECT_THAT(ErrorOfFile(GetParam().text),
              AllOf(StartsWith(GetParam().expected), Not(HasSubstr("\n"))));
}

INSTANTIATE_TEST_SUITE_P(
    Flat, BadFileTest,
    testing::Values(
        BadFile{"port = 1\nprot = 2\n", "FILE:2: 'prot' is not a setting; did you mean 'port'?"},
        BadFile{"zoom = 1\n", "FILE:1: 'zoom' is not a setting"},
        BadFile{"port = \n", "FILE:1: not TOML: "}, BadFile{"port = 1\nport = 2\n", "FILE:2: "},
        BadFile{"\xff = 1\n", "FILE:1: not TOML: "},
        BadFile{"[server]\nport = 1\n", "FILE:1: 'server' is not a setting"},
        BadFile{"[stream.a]\n", "FILE:1: 'stream' is not a setting; did you mean 'streams'?"},
        BadFile{"config = \"other.toml\"\n", "FILE:1: 'config' is not a setting"},
        BadFile{"version = true\n", "FILE:1: 'version' is not a setting"},
        BadFile{"port = [[1]]\n", "FILE:1: port: the value is not a text or number"},
        BadFile{"port = [1]\n", "FILE:1: port: the value is not a text or number"},
        BadFile{"port = true\n", "FILE:1: port: the value is true or false"},
        BadFile{"control = [[1]]\n", "FILE:1: control: the value is not a text, nor a list"},
        BadFile{"hflip = \"yes\"\n", "FILE:1: hflip: the value is neither true nor false"},
        BadFile{"hflip = []\n", "FILE:1: hflip: the value is neither true nor false"},
        BadFile{"port = \"many\"\n", "FILE:1: port: 'many' is not a whole number from 0 to 65535"},
        BadFile{"size = 1979-05-27\n", "FILE:1: size: the value is not a text or number"},
        BadFile{"size = \"640x480\"\nbitrate = \"1k\"\n",
                "FILE:2: bitrate: 1k is not a bitrate from 50k to 100M"},
        BadFile{"port = 1\nframerate = 1/10\n", "FILE:2: not TOML: "},
        BadFile{"port = 8084\n", "FILE:1: port: 8084 is also ws-port's default"},
        BadFile{"\nsource = \"simulated:none.toml\"\n",
                "FILE:2: source: there is no file 'none.toml'"},
        BadFile{"source = \"simulated\"\ncontrol = \"Brightness=0.2\"\n",
                "FILE:2: control: the simulated camera has no controls"},
        BadFile{"ws-port = 80\nport = 80\n", "FILE:1: ws-port: 80 is the same as port"},
        BadFile{"address = \"::\"\n", "FILE:1: address: other machines can connect to ::"},
        BadFile{"auth = \"none\"\n", "FILE:1: 'auth' is not a table: write [auth]"},
        BadFile{"[auht]\n", "FILE:1: 'auht' is not a setting; did you mean 'auth'?"},
        BadFile{"[auth]\nmod = \"none\"\n",
                "FILE:2: [auth] 'mod' is not a setting of this table; did you mean 'mode'?"},
        BadFile{"[auth]\nport = 1\n", "FILE:2: [auth] 'port' is not a setting of this table"},
        BadFile{"[auth]\nmode = \"open\"\n", "FILE:2: [auth] mode: 'open' is neither tokens nor"},
        BadFile{"[auth]\ntokens = \"\"\n", "FILE:2: [auth] tokens: needs the name of a file"},
        BadFile{"[auth]\ntokens = true\n", "FILE:2: [auth] tokens: the value is true or false"},
        BadFile{"auth-tokens = \"a\"\n",
                "FILE:1: 'auth-tokens' is not a setting here: write tokens below [auth]"},
        BadFile{"host-name = [\"a\", \"b:1\"]\n",
                "FILE:1: host-name: 'b:1' is not a host's name"}));

INSTANTIATE_TEST_SUITE_P(
    Streams, BadFileTest,
    testing::Values(
        BadFile{"[streams]\n", "FILE: there is no stream: add a table [streams.NAME]"},
        BadFile{"streams = 5\n", "FILE:1: 'streams' is not a table"},
        BadFile{"streams = [1]\n", "FILE:1: 'streams' is not a table"},
        BadFile{"[[streams]]\n", "FILE:1: 'streams' is not a table"},
        BadFile{"[streams]\ngarden = 5\n", "FILE:2: 'garden' is not a table: write [streams.NAME]"},
        BadFile{"[[streams.garden]]\n", "FILE:1: 'garden' is not a table"},
        BadFile{"[streams.a]\n[streams.a]\n", "FILE:2: not TOML: "},
        BadFile{"[streams.a]\n[streams.\"a\"]\n", "FILE:2: not TOML: "},
        BadFile{"[streams.Garden]\n", "FILE:1: [streams.Garden]: 'Garden' is not a stream's name"},
        BadFile{"[streams.\"\"]\n", "FILE:1: [streams.\"\"]: '' is not a stream's name"},
        BadFile{"[streams.-a]\n", "FILE:1: [streams.-a]: '-a' is not a stream's name"},
        BadFile{"[streams.\"a/b\"]\n", "FILE:1: [streams.\"a/b\"]: 'a/b' is not a stream's name"},
        BadFile{"[streams.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]\n",
                "FILE:1: [streams.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]: 'aaa"},
        BadFile{"[streams.a]\nsize = \"640x480\"\nbitrat = 1\n",
                "FILE:3: [streams.a] 'bitrat' is not a stream's setting; did you mean 'bitrate'?"},
        BadFile{"[streams.a]\nport = 1\n",
                "FILE:2: [streams.a] 'port' is not a stream's setting: move it above the first"},
        BadFile{"[streams.a]\nauth-mode = \"none\"\n",
                "FILE:2: [streams.a] 'auth-mode' is not a stream's setting"},
        BadFile{"[streams.a.b]\n", "FILE:1: [streams.a] 'b' is not a stream's setting"},
        BadFile{"hflip = true\n[streams.a]\n",
                "FILE:1: 'hflip' belongs to one stream: move it into each [streams.NAME]"},
        BadFile{"[streams.a]\n[streams.b]\nsize = \"5\"\n",
                "FILE:3: [streams.b] size: '5' is not WIDTHxHEIGHT"},
        BadFile{"[streams.b]\ngop = 0\n",
                "FILE:2: [streams.b] gop: '0' is not a whole number from 1"},
        BadFile{"[streams.b]\nsize = \"1920x1080\"\nbitrate = \"60k\"\n",
                "FILE:3: [streams.b] bitrate: bitrate 60k is too low"},
        BadFile{"[streams.a]\nsource = \"libcamera:x\"\n[streams.b]\nsource = \"libcamera:x\"\n",
                "FILE:4: [streams.b] source: the camera 'x' is already shown by the stream 'a'"},
        BadFile{"[streams.a]\n[streams.b]\nsource = \"libcamera\"\n",
                "FILE:3: [streams.b] source: libcamera's first camera is already shown by"},
        BadFile{"[streams.a]\n[streams.b]\n",
                "FILE:2: [streams.b]: libcamera's first camera is already shown by"}));

TEST(StreamTablesTest, SeveralSimulatedAndDifferentCameras_AreTaken) {
  EXPECT_THAT(
      Names(GoodFile("[streams.a]\nsource = \"simulated\"\n[streams.b]\nsource = \"simulated\"\n"
                     "[streams.c]\nsource = \"libcamera:x\"\n[streams.d]\n"
                     "source = \"libcamera:y\"\n[streams.e]\n")),
      ElementsAre("a", "b", "c", "d", "e"));
}

}  // namespace
}  // namespace pistream
