// The program as a user at a shell meets it: exit codes, the one line of a complaint, a clean stop.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/program.h"
#include "tests/support/test_certificate.h"
#include "tests/support/tls_client.h"

namespace pistream {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
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
  // `fields`: more of the request's header.
  explicit Viewer(uint16_t port, const std::string& fields = "")
      : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot connect");
    }
    const std::string request =
        "GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
        fields + "\r\n";
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

// The whole response for `path`. `fields`: more of the request's header.
std::string Get(uint16_t port, const std::string& path, const std::string& fields = "") {
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect");
  }
  const std::string request = "GET " + path + " HTTP/1.0\r\nHost: 127.0.0.1\r\n" + fields + "\r\n";
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

std::string StatusOf(uint16_t port, const std::string& path, const std::string& fields = "") {
  const std::string response = Get(port, path, fields);
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

class TlsTest : public testing::Test {
 protected:
  TlsTest() { std::filesystem::create_directories(directory_); }
  ~TlsTest() override { std::filesystem::remove_all(directory_); }

  static uint16_t SecurePortIn(const std::string& ready_line) {
    unsigned port = 0;
    EXPECT_EQ(std::sscanf(ready_line.c_str(), "pistream ready https://127.0.0.1:%u/", &port), 1)
        << ready_line;
    return static_cast<uint16_t>(port);
  }

  // Replaces both files, as a program that renews certificates does.
  TestCertificate WritePair() const {
    TestCertificate made = TestCertificate::Make();
    WriteFile("key.pem", made.key);
    WriteFile("certificate.pem", made.certificate);
    return made;
  }

  void WriteFile(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / "new") << text;
    std::filesystem::rename(directory_ / "new", directory_ / name);
  }

  // Connects with a client that trusts `certificate` alone, and gets the page. Empty if it does
  // not come to that.
  static std::string SecureGet(uint16_t port, const TestCertificate& certificate,
                               const std::string& path) {
    boost::asio::io_context io;
    boost::asio::ip::tcp::socket socket(io);
    socket.connect({boost::asio::ip::address_v4::loopback(), port});
    TlsClient client(io, socket, {.trusted = certificate.certificate});
    std::string text;
    if (client.Handshake() == SSL_ERROR_NONE &&
        client.Write("GET " + path + " HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n") == SSL_ERROR_NONE) {
      while (client.Read(1, text) == SSL_ERROR_NONE) {
      }
    }
    return text;
  }

  std::filesystem::path directory_ = std::filesystem::path(testing::TempDir()) / "tls";
  std::string certificate_ = directory_ / "certificate.pem";
  std::string key_ = directory_ / "key.pem";
};

TEST_F(TlsTest, Certificate_ServesTlsAndRedirectsOthers) {
  const TestCertificate certificate = WritePair();
  Program program(
      Simulated({"--ws-port", "off", "--tls-certificate", certificate_, "--tls-key", key_}));
  const uint16_t port = SecurePortIn(program.ReadLine());
  EXPECT_THAT(SecureGet(port, certificate, "/index.html"), HasSubstr("<pistream-video"));
  EXPECT_THAT(Get(port, "/index.html"), HasSubstr("Location: https://127.0.0.1:80/index.html"));
  EXPECT_THAT(StatusOf(port, "/healthz"), HasSubstr(" 200 "));
}

TEST_F(TlsTest, CertificateIsReplaced_NewConnectionsGetIt) {
  const TestCertificate before = WritePair();
  Program program(
      Simulated({"--ws-port", "off", "--tls-certificate", certificate_, "--tls-key", key_}));
  const uint16_t port = SecurePortIn(program.ReadLine());
  ASSERT_NE(SecureGet(port, before, "/healthz"), "");
  const TestCertificate after = WritePair();
  while (SecureGet(port, after, "/healthz").empty()) {
  }
}

TEST_F(TlsTest, SelfSigned_LastsOverARestart) {
  setenv("STATE_DIRECTORY", directory_.c_str(), 1);
  std::string made;
  for (int start = 0; start < 2; ++start) {
    Program program(Simulated({"--ws-port", "off", "--tls-certificate", "self"}));
    const uint16_t port = SecurePortIn(program.ReadLine());
    std::ifstream file(directory_ / "self-signed.pem");
    const std::string pem{std::istreambuf_iterator<char>(file), {}};
    TestCertificate certificate;
    certificate.certificate = pem.substr(pem.find("-----BEGIN CERTIFICATE"));
    EXPECT_NE(SecureGet(port, certificate, "/healthz"), "");
    EXPECT_TRUE(made.empty() || made == pem);
    made = pem;
  }
  unsetenv("STATE_DIRECTORY");
}

TEST_F(TlsTest, PairThatCannotBeUsed_IsBadUsageWithAReason) {
  WritePair();
  WriteFile("other.pem", TestCertificate::Make().key);
  Program other(
      Simulated({"--tls-certificate", certificate_, "--tls-key", directory_ / "other.pem"}));
  EXPECT_THAT(other.Wait().err, HasSubstr("other.pem"));
  Program without(Simulated({"--tls-key", key_}));
  const Program::Ending ending = without.Wait();
  EXPECT_EQ(ending.exit_code, 2);
  EXPECT_THAT(ending.err, HasSubstr("tls-certificate"));
}

TEST_F(TlsTest, CheckConfig_LoadsThePair) {
  const std::string file = directory_ / "pistream.toml";
  std::ofstream(file) << "source = \"simulated\"\n[tls]\ncertificate = \"" << certificate_
                      << "\"\nkey = \"" << key_ << "\"\n";
  const auto check = [&] {
    Program program({"--config", file, "--check-config"});
    return program.Wait();
  };
  EXPECT_THAT(check().err, HasSubstr("certificate.pem"));
  WritePair();
  EXPECT_EQ(check().exit_code, 0);
}

class TokensTest : public testing::Test {
 protected:
  TokensTest() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }

  void Make() const {
    Program program({"--make-tokens", tokens_});
    const Program::Ending ending = program.Wait();
    EXPECT_EQ(ending.exit_code, 0) << ending.err;
    EXPECT_THAT(ending.out, HasSubstr("--auth-tokens " + tokens_));
    EXPECT_THAT(ending.out, Not(HasSubstr(TokenOf("view"))));
  }

  std::string TokenOf(const std::string& role) const {
    std::ifstream file(tokens_);
    const std::string begin = role + " = \"";
    std::string line;
    while (std::getline(file, line)) {
      if (line.starts_with(begin)) {
        return line.substr(begin.size(), line.size() - begin.size() - 1);
      }
    }
    throw std::runtime_error("no token in " + tokens_);
  }

  std::string FieldOf(const std::string& role) const {
    return "Authorization: Bearer " + TokenOf(role) + "\r\n";
  }

  // Of a server without a classic port.
  std::string WriteConfig(const std::string& port) const {
    std::ofstream(config_) << "source = \"simulated\"\nws-port = \"off\"\n"
                           << port << "\n[auth]\ntokens = \"" << tokens_ << "\"\n";
    return config_;
  }

  const std::string folder_ = testing::TempDir() + "/tokens_test";
  const std::string config_ = folder_ + "/pistream.toml";
  const std::string tokens_ = folder_ + "/tokens";
};

TEST_F(TokensTest, Stranger_SeesNothingAndTokensLetIn) {
  Make();
  Program program(Simulated({"--ws-port", "off", "--auth-tokens", tokens_}));
  const uint16_t port = PortIn(program.ReadLine());
  EXPECT_EQ(StatusOf(port, "/index.html"), "HTTP/1.0 200 OK");
  EXPECT_EQ(StatusOf(port, "/healthz"), "HTTP/1.0 200 OK");
  EXPECT_EQ(StatusOf(port, "/api/v1/streams"), "HTTP/1.0 401 Unauthorized");
  EXPECT_EQ(StatusOf(port, "/api/v1/streams", FieldOf("view")), "HTTP/1.0 200 OK");
  EXPECT_EQ(StatusOf(port, "/api/v1/streams?token=" + TokenOf("view")), "HTTP/1.0 200 OK");
  EXPECT_EQ(StatusOf(port, "/metrics", FieldOf("view")), "HTTP/1.0 403 Forbidden");
  EXPECT_EQ(StatusOf(port, "/metrics", FieldOf("control")), "HTTP/1.0 200 OK");
  EXPECT_EQ(StatusOf(port, "/stream"), "HTTP/1.0 401 Unauthorized");
}

TEST_F(TokensTest, WrongToken_IsLoggedWithTheAddressOnly) {
  Make();
  Program program({"--source", "simulated", "--port", "0", "--ws-port", "off", "--log-level",
                   "warning", "--auth-tokens", tokens_});
  const uint16_t port = PortIn(program.ReadLine());
  StatusOf(port, "/metrics", "Authorization: Bearer guess\r\n");
  EXPECT_THAT(program.ReadErrorLine(), EndsWith(" authentication failed from 127.0.0.1"));
}

TEST_F(TokensTest, Reload_ReadsThemAgainAndEndsViewersOfTheOldOnes) {
  Make();
  Program program({"--config", WriteConfig("port = 0")});
  const uint16_t port = PortIn(program.ReadLine());
  const std::string before = FieldOf("view");
  Viewer viewer(port, before);
  EXPECT_EQ(StatusOf(port, "/api/v1/streams", before), "HTTP/1.0 200 OK");
  std::filesystem::remove(tokens_);
  Make();
  program.Signal(SIGHUP);
  std::string line;
  while (line.find("reloaded the configuration") == std::string::npos) {
    line = program.ReadErrorLine();
  }
  EXPECT_EQ(StatusOf(port, "/api/v1/streams", FieldOf("view")), "HTTP/1.0 200 OK");
  EXPECT_EQ(StatusOf(port, "/api/v1/streams", before), "HTTP/1.0 401 Unauthorized");
  EXPECT_THAT(viewer.ReadToEnd(), EndsWith("\x88\x0F\x11\x31session ended"));
  EXPECT_THAT(line, EndsWith("configuration: other tokens, all have to log in again"));
  // A file with a fault changes nothing.
  std::filesystem::permissions(tokens_, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  program.Signal(SIGHUP);
  while (line.find("the configuration was not changed") == std::string::npos) {
    line = program.ReadErrorLine();
  }
  EXPECT_THAT(line, HasSubstr("chmod 600 " + tokens_));
  EXPECT_EQ(StatusOf(port, "/api/v1/streams", FieldOf("view")), "HTTP/1.0 200 OK");
}

// Nor is a viewer disconnected in between.
TEST_F(TokensTest, ReloadWithAPortInUse_ChangesNothing) {
  Make();
  Program other(Simulated({"--ws-port", "off"}));
  const uint16_t port_in_use = PortIn(other.ReadLine());
  Program program({"--config", WriteConfig("port = 0")});
  const uint16_t port = PortIn(program.ReadLine());
  const std::string before = FieldOf("view");
  Viewer viewer(port, before);
  std::filesystem::remove(tokens_);
  Make();
  WriteConfig("port = " + std::to_string(port_in_use));
  program.Signal(SIGHUP);
  std::string line;
  while (line.find("the configuration was not changed") == std::string::npos) {
    line = program.ReadErrorLine();
  }
  EXPECT_THAT(line, HasSubstr("is in use"));
  EXPECT_EQ(StatusOf(port, "/api/v1/streams", before), "HTTP/1.0 200 OK");
  EXPECT_EQ(StatusOf(port, "/api/v1/streams", FieldOf("view")), "HTTP/1.0 401 Unauthorized");
  program.Signal(SIGTERM);
  EXPECT_EQ(program.Wait().exit_code, 0);
  EXPECT_THAT(viewer.ReadToEnd(), EndsWith("the server stops"));
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

TEST(FaultTest, OtherMachinesWithoutTokens_IsBadUsageThatSaysBothWays) {
  Program program(Simulated({"--address", "0.0.0.0"}));
  const Program::Ending ending = program.Wait();
  ExpectComplaint(ending, 2, "--auth-tokens FILE");
  EXPECT_THAT(ending.err, HasSubstr("--open"));
}

TEST_F(TokensTest, MissingModeOrFile_IsBadUsage) {
  Program no_file(Simulated({"--auth-tokens", tokens_}));
  ExpectComplaint(no_file.Wait(), 2, "pistream --make-tokens " + tokens_);
  Program no_tokens(Simulated({"--address", "0.0.0.0", "--auth-mode", "tokens"}));
  ExpectComplaint(no_tokens.Wait(), 2, "pistream-tokens");
}

TEST_F(TokensTest, CheckConfig_MissesTheTokensThatAStartWouldMiss) {
  std::ofstream(config_) << "source = \"simulated\"\n[auth]\nmode = \"tokens\"\n";
  Program program({"--config", config_, "--check-config"});
  ExpectComplaint(program.Wait(), 2, "pistream-tokens");
}

TEST_F(TokensTest, Start_SaysInTheLogWhoMayWatch) {
  Make();
  const auto log_of = [](std::vector<std::string> options) {
    options.insert(options.end(), {"--source", "simulated", "--port", "0", "--ws-port", "off"});
    Program program(options);
    program.ReadLine();
    program.Signal(SIGTERM);
    return program.Wait().err;
  };
  EXPECT_THAT(log_of({"--auth-tokens", tokens_}),
              HasSubstr(" tokens are required to watch and control\n"));
  EXPECT_THAT(log_of({}), HasSubstr(" everybody may watch and control\n"));
}

TEST(FaultTest, FlagWithAnotherValue_IsBadUsage) {
  Program program(Simulated({"--open=maybe"}));
  ExpectComplaint(program.Wait(), 2, "--open: 'maybe' is neither true nor false");
}

TEST_F(TokensTest, FileThatIsThere_IsNotReplaced) {
  Make();
  Program again({"--make-tokens", tokens_});
  ExpectComplaint(again.Wait(), 1, "--auth-tokens " + tokens_ + ", or remove it first");
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
