// HTTP through real sockets: what the table of docs/protocol.md and the routes' tests cannot show
// without a connection.

#include <sys/resource.h>

#include <boost/system/error_code.hpp>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/base/log.h"
#include "src/http/address_range.h"
#include "tests/integration/server/server_test_base.h"

namespace pistream {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

class HttpTest : public ServerTestWithWitness {};

TEST_F(HttpTest, Page_IsServedWithItsHeaders) {
  const HttpReply reply = Get("/index.html");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, kPage);
  EXPECT_EQ(reply.fields.at("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(reply.fields.at("content-security-policy"), HasSubstr("default-src 'none'"));
  EXPECT_EQ(reply.fields.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(reply.fields.at("cache-control"), "no-cache");
  const HttpReply again = Get("/index.html", "If-None-Match: " + reply.fields.at("etag") + "\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
}

TEST_F(HttpTest, Head_SameHeadersNoBody) {
  TestClient client(server_->port());
  client.Send("HEAD /index.html HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto head = client.ReadReply(true);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->fields.at("content-length"), std::to_string(kPage.size()));
  EXPECT_EQ(client.ReadReply()->status, 301);
}

TEST_F(HttpTest, PipelinedRequests_AreAnsweredInOrder) {
  TestClient client(server_->port());
  client.Send(
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n\r\n"
      "GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n"
      "GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.ReadReply()->status, 301);
  EXPECT_EQ(client.ReadReply()->body, kPage);
  EXPECT_EQ(client.ReadReply()->status, 404);
  EXPECT_FALSE(client.ReadReply());
}

TEST_F(HttpTest, RequestInSmallPieces_IsAnswered) {
  TestClient client(server_->port());
  for (const char c : "GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n"s) {
    client.Send({&c, 1});
  }
  EXPECT_EQ(client.ReadReply()->status, 200);
}

TEST_F(HttpTest, OldVersionOfHttp_ConnectionIsClosedAfterTheAnswer) {
  TestClient client(server_->port());
  client.Send("GET /index.html HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.ReadReply()->body, kPage);
  EXPECT_FALSE(client.ReadReply());
}

TEST_F(HttpTest, HealthAndMetrics_TellTheState) {
  EXPECT_EQ(Get("/healthz").status, 200);
  stream_->SetUnhealthyReason("the camera is gone");
  const HttpReply sick = Get("/healthz");
  EXPECT_EQ(sick.status, 503);
  EXPECT_EQ(sick.body, "the camera is gone\n");
  const HttpReply metrics = Get("/metrics");
  EXPECT_THAT(metrics.fields.at("content-type"), HasSubstr("version=0.0.4"));
  EXPECT_THAT(metrics.body, HasSubstr("pistream_viewers"));
  EXPECT_EQ(http_metrics_.Responses(503).Value(), 1);
}

TEST_F(HttpTest, UnfinishedRequest_IsEndedAfterItsTime) {
  TestClient client(server_->port());
  client.Send("GET /index.html HTTP/1.1\r\nHost: ");
  TestClient silent(server_->port());
  EXPECT_EQ(Get("/index.html").status, 200);  // by now both have been accepted
  clock_.Advance(std::chrono::seconds(11));
  EXPECT_EQ(client.ReadReply()->status, 408);
  EXPECT_EQ(silent.ReadAll(), "");
  ExpectWitnessUndisturbed();
}

TEST_F(HttpTest, NoDescriptorLeft_IsCountedAndAcceptingGoesOn) {
  // UBSan opens a pipe the first time it meets a class at a virtual call: while it still can.
  const boost::system::error_code error(EMFILE, boost::system::system_category());
  log::Info("what follows is meant to fail: {}", error.message());
  const int socket = TestClient::MakeSocket();
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = usual.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  TestClient client(socket, server_->port());
  while (accept_errors_.Value() == 0) {
    clock_.Advance(std::chrono::milliseconds(20));  // or it would be a flood
    witness_->Send(ClientFrame(kPingFrame, ""));
    ASSERT_EQ(witness_->ReadFrame()->opcode, kPongFrame);  // the server's thread has had its turn
  }
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &usual), 0);
  client.Send("GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.ReadReply()->status, 200);
  ExpectWitnessUndisturbed();
}

// As many as one address may have that are no viewers.
constexpr size_t kMostOfAnAddress = 256;

// The server has seen each of them.
std::vector<TestClient> IdleClients(uint16_t port, size_t count) {
  std::vector<TestClient> clients;
  for (size_t i = 0; i < count; ++i) {
    clients.emplace_back(port).Send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(clients.back().ReadReply()) << i;
  }
  return clients;
}

class ConnectionsTest : public ServerTestBase {};

TEST_F(ConnectionsTest, TooManyOfAnAddress_AreRefusedUntilOneIsAViewer) {
  StartServer();
  std::vector<TestClient> clients = IdleClients(server_->port(), kMostOfAnAddress);
  TestClient refused(server_->port());
  refused.Send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_FALSE(refused.ReadReply());
  clients.back().Send(UpgradeRequest("/stream"));
  EXPECT_EQ(clients.back().ReadReply()->status, 101);
  EXPECT_EQ(clients.back().ReadBinary(), kJsmpHeader);
  IdleClients(server_->port(), 1);
}

TEST_F(ConnectionsTest, ManyOfATrustedProxy_AreTaken) {
  StartServer({.trusted_proxies = {*ParseAddressRange("127.0.0.1")}});
  IdleClients(server_->port(), kMostOfAnAddress + 1);
}

TEST_F(HttpTest, FirstLineAlone_WaitsForTheRest) {
  TestClient client(server_->port());
  client.Send("GET /healthz HTTP/1.0\r\n");
  EXPECT_EQ(Get("/healthz").status, 200);  // by now the line has been read
  client.Send("\r\n");
  EXPECT_EQ(client.ReadReply()->status, 200);
}

TEST_F(HttpTest, FirstLineAlone_IsHalfARequest) {
  TestClient late(server_->port());
  late.Send("GET /healthz HTTP/1.0\r\n");
  TestClient cut(server_->port());
  cut.Send("GET /healthz HTTP/1.0\r\n");
  cut.HalfClose();
  EXPECT_EQ(cut.ReadReply()->status, 400);
  EXPECT_EQ(Get("/healthz").status, 200);
  clock_.Advance(std::chrono::seconds(11));
  EXPECT_EQ(late.ReadReply()->status, 408);
}

class LargeResponseTest : public ServerTestBase {
 protected:
  // More than the kernel's buffers at both ends hold together.
  const std::vector<uint8_t> large_ = std::vector<uint8_t>(16 << 20);
};

TEST_F(LargeResponseTest, NeverRead_IsGivenUp) {
  assets_.push_back({"/large", "application/octet-stream", large_});
  StartServer();
  TestClient client(server_->port(), 4096);
  client.Send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  // However far the server has come: without more progress it closes at some time.
  while (!client.HasHungUp()) {
    EXPECT_EQ(Get("/index.html").status, 200);  // the server's thread has had its turn
    clock_.Advance(std::chrono::seconds(1));
  }
}

struct BadRequest {
  const char* name;
  std::string bytes;
  int status;
};

void PrintTo(const BadRequest& request, std::ostream* out) { *out << request.name; }

class BadRequestTest : public ServerTestWithWitness,
                       public testing::WithParamInterface<BadRequest> {};

TEST_P(BadRequestTest, Sent_IsRefusedAndViewersGoOn) {
  TestClient client(server_->port());
  client.Send(GetParam().bytes);
  client.HalfClose();
  const auto reply = client.ReadReply();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, GetParam().status) << reply->body;
  EXPECT_EQ(http_metrics_.Responses(GetParam().status).Value(), 1);
  ExpectWitnessUndisturbed();
}

std::string GetOf(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

std::string Upgrade(const std::string& path, const std::string& fields) {
  return "GET " + path + " HTTP/1.1\r\nHost: pi:8082\r\n" + fields + "\r\n";
}

const std::string kUpgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
const std::string kKey = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const std::string kVersion = "Sec-WebSocket-Version: 13\r\n";

const BadRequest kBadRequests[] = {
    {"Truncated", "GET /index.html HTTP/1.1\r\nHo", 400},
    {"Garbage", "\x16\x03\x01\x02\r\n\r\n"s, 400},
    {"NoVersion", "GET /\r\n\r\n", 400},
    {"Version2", "GET / HTTP/2.0\r\n\r\n", 400},
    {"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
    {"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    {"HeaderWithoutColon", "GET / HTTP/1.1\r\nHost a\r\n\r\n", 400},
    {"NulInTarget", GetOf("/\0"s), 400},
    {"OversizedHeader", "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(33000, 'x') + "\r\n\r\n",
     431},
    {"OversizedTarget", GetOf("/" + std::string(33000, 'x')), 431},
    {"EndlessHeader", "GET / HTTP/1.1\r\nX: " + std::string(100'000, 'x'), 431},
    {"BodyWithGet", "GET /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 404},
    {"BodyTooLarge", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4097\r\n\r\n", 413},
    {"UnfinishedBody", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell", 400},
    {"UnknownTransferCoding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
    {"LengthAndChunks",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"HugeBody", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\n\r\n", 413},
    {"BadLength", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
    {"Post", "POST /index.html HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", 405},
    {"Delete", "DELETE /index.html HTTP/1.1\r\nHost: a\r\n\r\n", 405},
    {"UnknownMethod", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 405},
    {"OptionsOfAll", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 405},
    {"ParentFolder", GetOf("/../etc/passwd"), 400},
    {"EncodedParentFolder", GetOf("/%2e%2e/etc/passwd"), 400},
    {"EncodedSlash", GetOf("/..%2fetc/passwd"), 400},
    {"EncodedNul", GetOf("/index.html%00"), 400},
    {"Backslash", GetOf("/..\\etc"), 400},
    {"Overlong", GetOf("/%c0%ae%c0%ae/etc/passwd"), 400},
    {"TwiceEncoded", GetOf("/%252e%252e/etc/passwd"), 404},
    {"EmptySegment", GetOf("//etc/passwd"), 404},
    {"Unknown", GetOf("/nothing"), 404},
    {"StreamWithoutUpgrade", GetOf("/stream"), 426},
    {"UpgradeElsewhere", Upgrade("/elsewhere", kUpgrade + kKey + kVersion), 404},
    {"UpgradeWithoutKey", Upgrade("/stream", kUpgrade + kVersion), 400},
    {"UpgradeWithShortKey", Upgrade("/stream", kUpgrade + "Sec-WebSocket-Key: YQ==\r\n" + kVersion),
     400},
    {"UpgradeWithoutConnection", Upgrade("/stream", "Upgrade: websocket\r\n" + kKey + kVersion),
     400},
    {"UpgradeWithoutVersion", Upgrade("/stream", kUpgrade + kKey), 426},
    {"UpgradeToVersion8", Upgrade("/stream", kUpgrade + kKey + "Sec-WebSocket-Version: 8\r\n"),
     426},
    {"UpgradeByHead",
     "HEAD /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + kUpgrade + kKey + kVersion +
         "\r\n",
     400},
    {"UpgradeWithBody",
     Upgrade("/stream", kUpgrade + kKey + kVersion + "Content-Length: 1\r\n") + "x", 400},
    {"UpgradeFromAnotherSite",
     Upgrade("/stream", kUpgrade + kKey + kVersion + "Origin: http://evil.example\r\n"), 403},
    {"UpgradeFromAnOpaqueOrigin",
     Upgrade("/stream", kUpgrade + kKey + kVersion + "Origin: null\r\n"), 403},
};
INSTANTIATE_TEST_SUITE_P(All, BadRequestTest, testing::ValuesIn(kBadRequests),
                         [](const auto& test) { return test.param.name; });

class ClassicPortTest : public ServerTestWithWitness {};

TEST_F(ClassicPortTest, AnyPath_IsTheStream) {
  for (const std::string& request : {GetOf("/"), GetOf("/index.html"), GetOf("/metrics")}) {
    TestClient client(*server_->ws_port());
    client.Send(request);
    EXPECT_EQ(client.ReadReply()->status, 426);
  }
  for (const std::string path : {"/", "/ws", "/stream"}) {
    TestClient viewer = TestClient::Viewer(*server_->ws_port(), path);
    EXPECT_EQ(viewer.ReadBinary(), kJsmpHeader);
  }
}

class OriginTest : public ServerTestBase {};

TEST_F(OriginTest, SameHostOrAllowed_IsLetIn) {
  StartServer({.allowed_origins = {"https://cams.example"}});
  for (const std::string origin :
       {"http://localhost", "http://LOCALHOST:8082", "https://cams.example"}) {
    TestClient client(server_->port());
    client.Send(UpgradeRequest("/stream", "Origin: " + origin + "\r\n"));
    EXPECT_EQ(client.ReadReply()->status, 101) << origin;
  }
}

TEST_F(OriginTest, Subprotocol_OnlyTheOneWeSpeakAndOnlyOnStream) {
  StartServer();
  const auto subprotocol = [&](std::string_view path, std::string_view offered) {
    TestClient client(server_->port());
    client.Send(UpgradeRequest(path, "Sec-WebSocket-Protocol: " + std::string(offered) +
                                         "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"));
    auto reply = client.ReadReply();
    EXPECT_EQ(reply->status, 101);
    EXPECT_EQ(reply->fields.count("sec-websocket-extensions"), 0u);
    EXPECT_EQ(reply->fields["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    return reply->fields["sec-websocket-protocol"];
  };
  EXPECT_EQ(subprotocol("/stream", "pistream.v2, pistream.v1"), "pistream.v1");
  EXPECT_EQ(subprotocol("/stream", "pistream.v2"), "");
  EXPECT_EQ(subprotocol("/", "pistream.v1"), "");
}

class WebRootTest : public ServerTestBase {
 protected:
  WebRootTest() { std::filesystem::create_directories(root_); }
  ~WebRootTest() override { std::filesystem::remove_all(root_); }

  const std::filesystem::path root_ = std::filesystem::path(testing::TempDir()) / "web_root";
};

TEST_F(WebRootTest, PageMadeForPistreaming_PlaceholdersAreFilledIn) {
  std::ofstream(root_ / "index.html") << "@ADDRESS@ ${WS_PORT} ${WIDTH}x${HEIGHT} ${OTHER}";
  StartServer({.web_root = root_});
  const std::string ws_port = std::to_string(*server_->ws_port());
  const HttpReply reply = Get("/index.html");
  EXPECT_EQ(reply.body, "localhost:" + ws_port + " " + ws_port + " 64x48 ${OTHER}");
  EXPECT_EQ(reply.fields.count("content-security-policy"), 0u);
  std::filesystem::remove(root_ / "index.html");
  EXPECT_EQ(Get("/index.html").body, kPage);
}

}  // namespace
}  // namespace pistream
