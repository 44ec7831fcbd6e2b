// The program as a user at a shell meets it: exit codes, the one line of a complaint, a clean stop.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/program.h"

namespace pistream {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::StartsWith;

std::vector<std::string> Simulated(std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"--source", "simulated", "--port", "0", "--log-level", "error"});
  return more;
}

uint16_t PortIn(const std::string& ready_line) {
  unsigned port = 0;
  if (std::sscanf(ready_line.c_str(), "pistream ready http://127.0.0.1:%u/", &port) != 1) {
    throw std::runtime_error("no port in: " + ready_line);
  }
  return static_cast<uint16_t>(port);
}

// A viewer that has been sent its first bytes of video and reads no more.
class Viewer {
 public:
  explicit Viewer(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot connect");
    }
    const std::string request =
        "GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
    ReadUntil("jsmp");
    ReadUntil(std::string("\0\0\1\xB3", 4));
  }
  ~Viewer() { close(socket_); }
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;

  // More pictures, of which at least one is an I picture.
  void ReadAGroup() {
    bytes_.clear();
    ReadUntil(std::string("\0\0\1\xB3", 4));
  }

  // Everything until the server closes.
  std::string ReadToEnd() {
    while (ReadSome()) {
    }
    return bytes_;
  }

 private:
  void ReadUntil(const std::string& wanted) {
    while (bytes_.find(wanted) == std::string::npos) {
      if (!ReadSome()) {
        throw std::runtime_error("the server closed; it had sent: " + bytes_);
      }
    }
  }

  bool ReadSome() {
    std::array<char, 65536> buffer{};
    const ssize_t count = recv(socket_, buffer.data(), buffer.size(), 0);
    if (count <= 0) {
      return false;
    }
    bytes_.append(buffer.data(), static_cast<size_t>(count));
    return true;
  }

  int socket_;
  std::string bytes_;
};

// The whole response for `path`.
std::string Get(uint16_t port, const std::string& path) {
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect");
  }
  const std::string request = "GET " + path + " HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n";
  send(client, request.data(), request.size(), MSG_NOSIGNAL);
  std::string response;
  std::array<char, 4096> buffer{};
  for (ssize_t count = 1; count > 0;) {
    count = recv(client, buffer.data(), buffer.size(), 0);
    response.append(buffer.data(), static_cast<size_t>(std::max<ssize_t>(count, 0)));
  }
  close(client);
  return response;
}

std::string StatusOf(uint16_t port, const std::string& path) {
  const std::string response = Get(port, path);
  return response.substr(0, response.find("\r\n"));
}

class ReloadTest : public testing::Test {
 protected:
  void Write(const std::string& streams) const {
    std::ofstream(file_) << "port = 0\nws-port = \"off\"\n" << streams;
  }

  // Blocks until the stream is shown.
  static void AwaitStream(uint16_t port, const std::string& name) {
    while (StatusOf(port, "/streams/" + name + "/index.html").find(" 200 ") == std::string::npos) {
    }
  }

  static void ExpectStillWatching(Program& program, Viewer& viewer) {
    viewer.ReadAGroup();
    program.Signal(SIGTERM);
    EXPECT_EQ(program.Wait().exit_code, 0);
    EXPECT_THAT(viewer.ReadToEnd(), EndsWith("\x88\x12\x03\xE9the server stops"));
  }

  const std::string file_ = testing::TempDir() + "/reload_test.toml";
  const std::string garden_ = "[streams.garden]\nsource = \"simulated\"\nsize = \"64x48\"\n";
  const std::string door_ = "[streams.door]\nsource = \"simulated\"\nsize = \"64x48\"\n";
};

TEST_F(ReloadTest, StreamAdded_IsShownAndViewersOfTheOtherStay) {
  Write(garden_);
  Program program({"--config", file_});
  const uint16_t port = PortIn(program.ReadLine());
  Viewer viewer(port);
  Write(garden_ + door_);
  program.Signal(SIGHUP);
  AwaitStream(port, "door");
  ExpectStillWatching(program, viewer);
}

// Example failure: the old threads have ended before it turns out that the port is in use.
TEST_F(ReloadTest, ThreadsAndAPortInUse_ChangesNothing) {
  Program other(Simulated({"--ws-port", "off"}));
  const uint16_t taken = PortIn(other.ReadLine());
  Write(garden_);
  Program program({"--config", file_, "--log-level", "error"});
  const uint16_t port = PortIn(program.ReadLine());
  Viewer viewer(port);
  std::ofstream(file_) << "threads = 2\nws-port = \"off\"\nport = " << taken << "\n" << garden_;
  program.Signal(SIGHUP);
  // It has been refused once the program says so; what is in the file next is another reload.
  EXPECT_THAT(program.ReadErrorLine(), HasSubstr("the configuration was not changed"));
  Write(garden_ + door_);
  program.Signal(SIGHUP);
  AwaitStream(port, "door");
  ExpectStillWatching(program, viewer);
}

class StopTest : public testing::TestWithParam<int> {};

TEST_P(StopTest, SignalWithViewersConnected_EndsWithZeroAndTellsThem) {
  Program program(Simulated({"--ws-port", "0"}));
  const uint16_t port = PortIn(program.ReadLine());
  Viewer reading(port);
  const Viewer not_reading(port);
  program.Signal(GetParam());
  const Program::Ending ending = program.Wait();
  EXPECT_EQ(ending.exit_code, 0) << ending.err;
  EXPECT_THAT(ending.err, IsEmpty());
  // After the pictures a close frame with code 1001, going away (RFC 6455, 5.5.1 and 7.4.1).
  EXPECT_THAT(reading.ReadToEnd(), EndsWith("\x88\x12\x03\xE9the server stops"));
}

INSTANTIATE_TEST_SUITE_P(Signals, StopTest, testing::Values(SIGINT, SIGTERM));

TEST(MetricsTest, BeforeTheFirstViewer_AreThere) {
  Program program(Simulated({"--ws-port", "off"}));
  const uint16_t port = PortIn(program.ReadLine());
  EXPECT_THAT(Get(port, "/metrics"),
              HasSubstr("pistream_viewers_joined_total{stream=\"camera\"} 0"));
}

TEST(ReadyLineTest, NamesWhatIsBound) {
  Program program(Simulated({"--ws-port", "0"}));
  EXPECT_THAT(program.ReadLine(), MatchesRegex("pistream ready http://127\\.0\\.0\\.1:[0-9]+/ "
                                               "ws://127\\.0\\.0\\.1:[0-9]+/"));
}

TEST(ReadyLineTest, WithoutClassicPort_NamesOne) {
  Program program(Simulated({"--ws-port", "off"}));
  EXPECT_THAT(program.ReadLine(), MatchesRegex("pistream ready http://127\\.0\\.0\\.1:[0-9]+/"));
}

void ExpectComplaint(const Program::Ending& ending, int code, const std::string& what) {
  EXPECT_EQ(ending.exit_code, code);
  EXPECT_THAT(ending.out, IsEmpty());
  EXPECT_THAT(ending.err, StartsWith("pistream: "));
  EXPECT_THAT(ending.err, HasSubstr(what));
  EXPECT_EQ(std::count(ending.err.begin(), ending.err.end(), '\n'), 1) << ending.err;
}

TEST(FaultTest, PortInUse_FailsWithOneLine) {
  Program first(Simulated({"--ws-port", "off"}));
  const std::string port = std::to_string(PortIn(first.ReadLine()));
  Program second({"--source", "simulated", "--port", port, "--ws-port", "off"});
  ExpectComplaint(second.Wait(), 1, port);
}

TEST(FaultTest, ClassicPortInUse_FailsWithOneLineThatNamesItsOption) {
  Program first(Simulated({"--ws-port", "off"}));
  const std::string port = std::to_string(PortIn(first.ReadLine()));
  Program second({"--source", "simulated", "--port", "0", "--ws-port", port});
  ExpectComplaint(second.Wait(), 1, "--ws-port");
}

TEST(FaultTest, UnknownOption_IsBadUsage) {
  Program program({"--prot", "80"});
  ExpectComplaint(program.Wait(), 2, "--prot");
}

TEST(FaultTest, BadValue_IsBadUsage) {
  Program program({"--bitrate", "abc"});
  ExpectComplaint(program.Wait(), 2, "abc");
}

TEST(FaultTest, OnePortForBoth_IsBadUsage) {
  Program program({"--source", "simulated", "--port", "18082", "--ws-port", "18082"});
  ExpectComplaint(program.Wait(), 2, "--ws-port");
}

TEST(FaultTest, BitrateThatCannotHold_IsBadUsage) {
  Program program(Simulated({"--ws-port", "off", "--size", "1920x1080", "--bitrate", "50k"}));
  ExpectComplaint(program.Wait(), 2, "raise the bitrate");
}

TEST(FaultTest, OriginWithoutScheme_IsBadUsage) {
  Program program({"--allow-origin", "example.org"});
  ExpectComplaint(program.Wait(), 2, "example.org");
}

TEST(FaultTest, UnreadableConfiguration_IsBadUsage) {
  Program program({"--config", "/nonexistent.toml"});
  ExpectComplaint(program.Wait(), 2, "/nonexistent.toml");
}

TEST(FaultTest, ConfigurationWithUnknownName_IsBadUsage) {
  const std::string path = testing::TempDir() + "/process_test.toml";
  std::ofstream(path) << "framerate = 30\nframrate = 30\n";
  Program program({"--config", path});
  ExpectComplaint(program.Wait(), 2, "framrate");
}

TEST(FaultTest, AddressThatIsNone_IsBadUsage) {
  Program program({"--source", "simulated", "--address", "here", "--port", "0"});
  ExpectComplaint(program.Wait(), 2, "here");
}

// For a machine without a camera: of libcamera's kinds, only those called so.
class NoCameraTest : public testing::Test {
 protected:
  NoCameraTest() { setenv("LIBCAMERA_PIPELINES_MATCH_LIST", "none", 1); }
  ~NoCameraTest() override { unsetenv("LIBCAMERA_PIPELINES_MATCH_LIST"); }
};

TEST_F(NoCameraTest, AskedForById_FailsAndNamesTheSimulatedOne) {
  Program program({"--source", "libcamera:none", "--port", "0", "--ws-port", "off"});
  ExpectComplaint(program.Wait(), 1, "--source simulated");
}

TEST_F(NoCameraTest, NoSource_FailsAndNamesTheSimulatedOne) {
  Program program({"--port", "0", "--ws-port", "off"});
  ExpectComplaint(program.Wait(), 1, "--source simulated");
}

TEST(FaultTest, MissingScenario_IsBadUsage) {
  Program program({"--source", "simulated:/nonexistent.toml", "--port", "0"});
  ExpectComplaint(program.Wait(), 2, "/nonexistent.toml");
}

TEST(FaultTest, ControlOfTheSimulatedCamera_IsBadUsage) {
  const std::string path = testing::TempDir() + "/process_test.toml";
  std::ofstream(path) << "source = \"simulated\"\ncontrol = [\"Brightness=0.2\"]\n";
  Program program({"--check-config", "--config", path});
  ExpectComplaint(program.Wait(), 2, ":2: control: the simulated camera has no controls");
}

TEST(HelpTest, HelpAndVersion_GoToStdoutWithZero) {
  for (const char* const option : {"--help", "--version"}) {
    Program program({option});
    const Program::Ending ending = program.Wait();
    EXPECT_EQ(ending.exit_code, 0);
    EXPECT_THAT(ending.out, HasSubstr(option[2] == 'h' ? "--framerate" : "libavcodec"));
    EXPECT_THAT(ending.err, IsEmpty());
  }
}

}  // namespace
}  // namespace pistream
