// Viewers that come, go, stall and break off, with TLS and without, log in and are logged out, many
// at once, while two watch and the certificate changes: made for the sanitizers, where it runs for
// the seconds of PISTREAM_CHURN_SECONDS (.bazelrc); elsewhere some rounds are enough.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "openssl/ssl.h"
#include "src/base/log.h"
#include "src/net/certificate_watch.h"
#include "src/net/tls_transport.h"
#include "tests/integration/server/server_test_base.h"
#include "tests/support/test_certificate.h"

namespace pistream {
namespace {

constexpr int kChurners = 4;
constexpr int kRounds = 48;
constexpr size_t kKeptStalled = 6;  // a churner
constexpr int kTinyBuffer = 4096;

const Tokens kTokens = {.view = "view-token-012345", .control = "control-token-012"};
constexpr std::string_view kToken = "Authorization: Bearer view-token-012345\r\n";
constexpr std::string_view kV1 = "Sec-WebSocket-Protocol: pistream.v1\r\n";

// Until when churners go on, whatever their rounds; long past where nothing was asked for.
SteadyTime ChurnEnd() {
  const char* const seconds = std::getenv("PISTREAM_CHURN_SECONDS");
  return std::chrono::steady_clock::now() +
         std::chrono::seconds(seconds == nullptr ? 0 : std::atoi(seconds));
}

std::string Request(std::string_view method, std::string_view target, std::string_view fields,
                    std::string_view body = "") {
  return std::string(method) + " " + std::string(target) +
         " HTTP/1.1\r\nHost: localhost\r\nPistream-Client: 1\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

std::unique_ptr<SSL_CTX, SslFree> MakeTlsContext(int newest_version) {
  std::unique_ptr<SSL_CTX, SslFree> context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_max_proto_version(context.get(), newest_version);
  return context;
}

// The header of somebody who has logged in; empty if that was refused.
std::string CookieIn(const HttpReply& reply) {
  const auto field = reply.fields.find("set-cookie");
  return field == reply.fields.end()
             ? ""
             : "Cookie: " + field->second.substr(0, field->second.find(';')) + "\r\n";
}

// One thread's worth of bad company. Whatever the server answers is right, but for an answer that
// breaks the protocol.
class Churner {
 public:
  Churner(uint16_t port, uint16_t classic_port, int number)
      : port_(port),
        classic_port_(classic_port),
        tls_(MakeTlsContext(number % 2 == 0 ? TLS1_3_VERSION : TLS1_2_VERSION)) {}

  void Round(int round) {
    round_ = round;
    switch (round % kKinds) {
      case 0:
        return WatchAndClose(port_, "/stream", "");
      case 1:
        return WatchAndClose(port_, "/stream", kV1);
      case 2:
        return WatchAndClose(classic_port_, "/", "");
      case 3:
        return Stall();
      case 4:
        return SendAndVanish(UpgradeRequest("/stream").substr(0, 40));
      case 5:
        return SendAndVanish(UpgradeRequest("/stream", kToken));
      case 6:
        return SendAndVanish(UpgradeRequest("/stream", kToken) + "\x82\x05not masked");
      case 7:
        return PauseAndReadOn();
      case 8:
        return WatchOverHttp();
      case 9:
        return GuessTokens();
      case 10:
        return LogInAndWatch();
      case 11:
        return LogOutWhileJoining();
      case 12:
        return BreakHandshake();
      case 13:
        return BreakRecord();
      case 14:
        return WatchAndClose(port_, "/stream", kV1, LogIn());
      default:
        return SendAndVanish("\x16 is no handshake, and this no request: \r\n\r\n");
    }
  }

 private:
  // Kinds of rounds and of connections have no common divisor: each kind meets each connection.
  static constexpr int kKinds = 16;
  static constexpr int kConnections = 3;

  // Plain, by TLS, or by TLS with a session to be resumed, in turn.
  TestClient Connect(uint16_t port, int receive_buffer = 0) {
    TestClient client(port, receive_buffer);
    if (const int kind = round_ % kConnections; kind > 0) {
      client.StartTls(*tls_, kind == 2 ? tls_session_.get() : nullptr);
    }
    return client;
  }
  TestClient Connect() { return Connect(port_); }

  void WatchAndClose(uint16_t port, std::string_view path, std::string_view extra,
                     std::string_view secret = kToken) {
    TestClient viewer = Connect(port);
    viewer.Send(UpgradeRequest(path, std::string(extra) + std::string(secret)));
    const auto reply = viewer.ReadReply();
    if (auto session = viewer.GetTlsSession()) {
      tls_session_ = std::move(session);
    }
    if (reply && reply->status == 101) {
      ReadFrames(viewer, 8);
      viewer.Send(ClientFrame(kPingFrame, "ping") + ClientFrame(kCloseFrame, ""));
      viewer.ReadAll();
    }
  }

  // Until it is thrown out, or others take its place.
  void Stall() {
    stalled_.push_back(Connect(port_, kTinyBuffer));
    stalled_.back().Send(UpgradeRequest("/stream", kToken));
    if (stalled_.size() > kKeptStalled) {
      stalled_.pop_front();
    }
  }

  void PauseAndReadOn() {
    if (!stalled_.empty()) {
      const auto reply = stalled_.front().ReadReply();
      if (reply && reply->status == 101) {
        ReadFrames(stalled_.front(), 30);
      }
      stalled_.pop_front();
    }
  }

  void WatchOverHttp() {
    TestClient viewer = Connect();
    viewer.Send(Request("GET", "/stream.v1", kToken));
    const auto reply = viewer.ReadReply();
    for (int i = 0; reply && reply->status == 200 && i < 8 && viewer.ReadChunk(); ++i) {
    }
  }

  void GuessTokens() {
    TestClient client = Connect();
    client.Send(Request("POST", "/session", "", "wrong-token-0123456"));
    ExpectStatus(client.ReadReply(), {401, 429});
    client.Send(UpgradeRequest("/stream", "Authorization: Bearer wrong-token-0123456\r\n"));
    ExpectStatus(client.ReadReply(), {401, 429});
    client.Send(Request("GET", "/api/v1/streams", kToken));  // a right one always passes
    ExpectStatus(client.ReadReply(), {200});
  }

  std::string LogIn() {
    TestClient client = Connect();
    client.Send(Request("POST", "/session", "", kTokens.view));
    const auto reply = client.ReadReply();
    ExpectStatus(reply, {200});
    return reply ? CookieIn(*reply) : "";
  }

  void LogInAndWatch() { WatchAndClose(port_, "/stream", "", LogIn()); }

  // Whichever comes first, the viewer ends; other churners log out, too.
  void LogOutWhileJoining() {
    const std::string cookie = LogIn();
    TestClient viewer = Connect();
    TestClient client = Connect();
    viewer.Send(UpgradeRequest("/stream", cookie));
    client.Send(Request("DELETE", "/session?everywhere", cookie));
    ExpectStatus(client.ReadReply(), {204, 401});
    const auto reply = viewer.ReadReply();
    ExpectStatus(reply, {101, 401});
    if (reply && reply->status == 101) {
      viewer.ReadAll();
    }
  }

  // After one byte, a half and all of what a client begins with; and without reading all of what
  // follows, which resets the connection.
  void BreakHandshake() {
    const std::string hello = TestClient::MakeHello(*tls_);
    for (const size_t size : {size_t{1}, hello.size() / 2, hello.size()}) {
      SendAndVanish(hello.substr(0, size), false);
    }
    TestClient client(port_);
    client.SendRaw(hello);
    client.AwaitInput();
  }

  void BreakRecord() {
    TestClient client(port_);
    client.StartTls(*tls_);
    client.Send(UpgradeRequest("/stream", kToken));
    client.ReadReply();
    const std::string record = client.Seal(ClientFrame(kTextFrame, R"({"type":"ping","id":1})"));
    client.SendRaw(record.substr(0, record.size() / 2));
  }

  void SendAndVanish(std::string_view bytes, bool may_be_tls = true) {
    TestClient client = may_be_tls ? Connect() : TestClient(port_);
    client.Send(bytes);
  }

  // Nothing: the test's clock has jumped past a time limit meanwhile, which may also be a 408.
  static void ExpectStatus(const std::optional<HttpReply>& reply, std::vector<int> expected) {
    expected.push_back(408);
    EXPECT_THAT(expected, testing::Contains(reply ? reply->status : 408));
  }

  static void ReadFrames(TestClient& viewer, int count) {
    while (count > 0 && viewer.ReadFrame()) {
      --count;
    }
  }

  const uint16_t port_;
  const uint16_t classic_port_;
  const std::unique_ptr<SSL_CTX, SslFree> tls_;
  SessionPtr tls_session_;
  std::deque<TestClient> stalled_;
  int round_ = 0;
};

class ChurnTest : public ServerTestBase {
 protected:
  void SetUp() override {
    log::SetLevel(log::Level::kError);  // each wrong token is a line
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    authenticator_ = std::make_unique<Authenticator>(kTokens, "pi:8082", clock_, [] {
      return std::chrono::sys_seconds(std::chrono::seconds(1'800'000'000));
    });
    ASSERT_TRUE(authenticator_->KeepSessionsIn(folder_ + "/sessions"));
    WriteCertificate(0);
    auto watch = CertificateWatch::Open(files_, tls_metrics_, clock_);
    ASSERT_TRUE(watch) << watch.error().message;
    certificates_ = *std::move(watch);
    make_transport_ = [this](Socket socket) {
      return std::make_unique<TlsTransport>(std::move(socket), certificates_->context(),
                                            tls_metrics_);
    };
    StartServer({.threads = 2});
  }

  void StartChurners() {
    const SteadyTime end = ChurnEnd();
    for (int i = 0; i < kChurners; ++i) {
      churners_.emplace_back([this, i, end] {
        Churner churner(server_->port(), *server_->ws_port(), i);
        for (int round = i;
             !is_over_ && (round < i + kRounds || std::chrono::steady_clock::now() < end);
             ++round) {
          churner.Round(round);
        }
        ++finished_;
      });
    }
  }

  std::array<TestClient, 2> JoinedWitnesses() {
    std::array<TestClient, 2> witnesses = {TestClient(server_->port()),
                                           TestClient(server_->port())};
    witnesses[1].StartTls(*tls_);
    for (TestClient& witness : witnesses) {
      witness.Send(UpgradeRequest("/stream", kToken));
      EXPECT_EQ(witness.ReadReply().value_or(HttpReply{}).status, 101);
      EXPECT_EQ(witness.ReadBinary(), kJsmpHeader);
    }
    return witnesses;
  }

  void PublishToWitnesses(int i, std::array<TestClient, 2>& witnesses) {
    // Big ones now and then: stalled viewers' sockets are full after a few.
    const auto picture = Publish(i % 12 == 0 ? PictureType::kIntra : PictureType::kPredicted,
                                 i % 12 == 0 ? 60'000 : 5'000);
    for (TestClient& witness : witnesses) {
      ASSERT_EQ(witness.ReadBinary(), BytesOf(picture));
    }
    if (i % 100 == 99) {
      clock_.Advance(ServerConfig().stall_limit + std::chrono::seconds(1));
    }
  }

  // A viewer by cookie ends with its session, also one that joins meanwhile.
  void EndSessionWhileJoining() {
    TestClient client(server_->port());
    client.Send(Request("POST", "/session", "", kTokens.control));
    const std::string cookie = CookieIn(client.ReadReply().value_or(HttpReply{}));
    ASSERT_NE(cookie, "");
    TestClient viewer(server_->port());
    viewer.Send(UpgradeRequest("/stream", cookie));
    client.Send(Request("DELETE", "/session?everywhere", cookie));
    ASSERT_EQ(client.ReadReply().value_or(HttpReply{}).status, 204);
    const int status = viewer.ReadReply().value_or(HttpReply{}).status;
    ASSERT_THAT(status, testing::AnyOf(101, 401));
    int close_code = 0;
    while (status == 101) {
      const auto frame = viewer.ReadFrame();
      if (!frame) {
        break;
      }
      close_code = frame->opcode == kCloseFrame ? frame->close_code() : -1;
    }
    // Nothing at all: it was no viewer yet.
    ASSERT_THAT(close_code, testing::AnyOf(0, 4401));
    sessions_ended_ += close_code == 4401 ? 1 : 0;
  }

  void WriteCertificate(int i) {
    const TestCertificate& pair = pairs_[static_cast<size_t>(i) % pairs_.size()];
    for (const auto& [path, text] :
         {std::pair(files_.certificate, pair.certificate), std::pair(files_.key, pair.key)}) {
      std::ofstream(path + ".new") << text;
      std::filesystem::rename(path + ".new", path);
    }
  }

  void ReplaceCertificate(int i) {
    const auto before = certificates_->context();
    WriteCertificate(i);
    certificates_->Check();
    ASSERT_NE(certificates_->context(), before);
  }

  double Left() {
    double left = 0;
    for (auto* const cause : {&metrics_.viewers_left_closed, &metrics_.viewers_left_stalled,
                              &metrics_.viewers_left_protocol, &metrics_.viewers_left_resized,
                              &metrics_.viewers_left_shutdown, &metrics_.viewers_left_session}) {
      left += cause->Value();
    }
    return left;
  }

  // Also after a failure: what churners wait for ends with the server.
  void TearDown() override {
    is_over_ = true;
    if (server_) {
      server_->Stop();
    }
    churners_.clear();
    server_.reset();
    log::SetLevel(log::Level::kInfo);
  }

  const std::string folder_ = testing::TempDir() + "/churn_test";
  const TlsFiles files_ = {.certificate = folder_ + "/certificate.pem",
                           .key = folder_ + "/key.pem"};
  const std::array<TestCertificate, 2> pairs_ = {TestCertificate::Make(), TestCertificate::Make()};
  const TlsMetrics tls_metrics_{registry_};
  const std::unique_ptr<SSL_CTX, SslFree> tls_ = MakeTlsContext(TLS1_3_VERSION);
  std::unique_ptr<CertificateWatch> certificates_;
  int sessions_ended_ = 0;
  std::atomic<bool> is_over_ = false;
  std::atomic<int> finished_ = 0;
  std::vector<std::jthread> churners_;
};

TEST_F(ChurnTest, ViewersComeAndGo_WitnessesGetEveryPictureAndAllAreCounted) {
  std::array<TestClient, 2> witnesses = JoinedWitnesses();
  StartChurners();
  for (int i = 0; finished_ < kChurners; ++i) {
    PublishToWitnesses(i, witnesses);
    if (i % 10 == 5) {
      EndSessionWhileJoining();
    }
    if (i % 50 == 25) {
      ReplaceCertificate(i / 50 + 1);
    }
    ASSERT_FALSE(HasFatalFailure());
  }
  churners_.clear();
  server_->Stop();
  EXPECT_GT(metrics_.viewers_joined.Value(), kChurners * kRounds / 4);
  EXPECT_EQ(Left(), metrics_.viewers_joined.Value());
  EXPECT_EQ(metrics_.viewers.Value(), 0);
  EXPECT_EQ(metrics_.viewers_by_http.Value(), 0);
  EXPECT_GT(sessions_ended_, 0);
  for (const auto version : {TlsMetrics::Version::kTls12, TlsMetrics::Version::kTls13}) {
    for (const bool is_resumed : {false, true}) {
      EXPECT_GT(tls_metrics_.Handshakes(version, is_resumed).Value(), 0) << is_resumed;
    }
  }
  EXPECT_GT(tls_metrics_.handshakes_failed_by_client.Value(), 0);
  EXPECT_GT(tls_metrics_.handshakes_failed_by_server.Value(), 0);
}

}  // namespace
}  // namespace pistream
