#include "src/http/routes.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/http/session_link.h"
#include "tests/support/requests.h"

namespace pistream {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

namespace fs = std::filesystem;
namespace http = boost::beast::http;

constexpr std::string_view kPage = "<!doctype html>";

class RoutesTest : public testing::Test {
 protected:
  ~RoutesTest() override { fs::remove_all(web_root_); }

  RoutesConfig Config() {
    return {.classic_port = 8084,
            .allowed_origins = {},
            .hosts = HostPolicy({"pi", "pi.local"}),
            .metrics_text = [] { return std::string("metrics"); },
            .streams = directory_,
            .mailboxes = &mailboxes_};
  }

  // A viewer over HTTP.
  Upgrade Watch(const HttpRequest& request) {
    Routed routed = Route(request);
    EXPECT_TRUE(std::holds_alternative<Upgrade>(routed)) << request.target();
    return std::get<Upgrade>(std::move(routed));
  }

  HttpResponse Post(const std::string& target, const std::string& body,
                    const std::string& type = "") {
    HttpRequest request = RequestOf(target, http::verb::post);
    request.body() = body;
    if (!type.empty()) {
      request.set(http::field::content_type, type);
    }
    return std::get<HttpResponse>(Route(request));
  }

  // Made at the first call.
  const Routes& TheRoutes() {
    if (!routes_) {
      routes_.emplace(*StaticFiles::Make(assets_, {}, 0), Config());
    }
    return *routes_;
  }

  Routed Route(const HttpRequest& request, bool is_classic_port = false) {
    return TheRoutes().Route(request,
                             {.is_classic_port = is_classic_port, .local_address = "192.168.1.7"});
  }

  HttpResponse Get(const std::string& target, bool is_classic_port = false) {
    Routed routed = Route(RequestOf(target), is_classic_port);
    EXPECT_TRUE(std::holds_alternative<HttpResponse>(routed)) << target;
    return std::get<HttpResponse>(std::move(routed));
  }

  int StatusOf(const std::string& target) { return static_cast<int>(Get(target).status); }

  std::string LocationOf(const std::string& target) {
    const HttpResponse response = Get(target);
    EXPECT_EQ(static_cast<int>(response.status), 301) << target;
    return response.fields[http::field::location];
  }

  // "garden plain", or the status of a refusal.
  std::string UpgradeOf(const HttpRequest& request, bool is_classic_port = false) {
    const Routed routed = Route(request, is_classic_port);
    if (const auto* const response = std::get_if<HttpResponse>(&routed)) {
      return std::to_string(static_cast<int>(response->status));
    }
    static constexpr std::array<const char*, kStreamProtocols> kNames = {"v1", "plain", "classic",
                                                                         "v1 chunked"};
    const auto& upgrade = std::get<Upgrade>(routed);
    EXPECT_EQ(static_cast<int>(upgrade.response.status), 101);
    return upgrade.stream + " " + kNames[static_cast<size_t>(upgrade.protocol)];
  }

  FakeStreamDirectory directory_{std::vector<StreamInfo>{{"garden", {64, 48}, std::nullopt},
                                                         {"door", {32, 16}, std::nullopt}}};
  Mailboxes mailboxes_;
  const std::array<Asset, 1> assets_ = {Asset{
      "/index.html", "text/html", {reinterpret_cast<const uint8_t*>(kPage.data()), kPage.size()}}};
  const fs::path web_root_ = fs::path(testing::TempDir()) / "routes_test";
  std::optional<Routes> routes_;
};

TEST_F(RoutesTest, Redirects_AreRelative) {
  EXPECT_EQ(LocationOf("/"), "index.html");
  EXPECT_EQ(LocationOf("//"), "index.html");
  EXPECT_EQ(LocationOf("/streams/door"), "door/");
  EXPECT_EQ(LocationOf("/streams/door/"), "index.html");
}

TEST_F(RoutesTest, Redirects_KeepTheQueryAsItIs) {
  EXPECT_EQ(LocationOf("/?rotate=90"), "index.html?rotate=90");
  EXPECT_EQ(LocationOf("/streams/door?rotate=180&a=%41?"), "door/?rotate=180&a=%41?");
  EXPECT_EQ(LocationOf("http://pi:8082?x"), "index.html?x");
}

TEST_F(RoutesTest, Host_MustBeAHost) {
  for (const std::string host : {"pi", "PI.local:80", "[::1]:8082", "192.168.1.7"}) {
    HttpRequest request = RequestOf("/index.html");
    request.set(http::field::host, host);
    EXPECT_EQ(std::get<HttpResponse>(Route(request)).status, http::status::ok) << host;
  }
  for (const std::string host : {"", "evil\"<", "a b", "a/b", "pi:http", "[::1", "u@pi"}) {
    HttpRequest request = RequestOf("/index.html");
    request.set(http::field::host, host);
    EXPECT_EQ(std::get<HttpResponse>(Route(request)).status, http::status::bad_request) << host;
  }
}

TEST_F(RoutesTest, HostOfTheTarget_CountsInPlaceOfTheField) {
  const auto status_of = [this](const std::string& target, const std::string& host) {
    HttpRequest request = RequestOf(target);
    request.set(http::field::host, host);
    return static_cast<int>(std::get<HttpResponse>(Route(request)).status);
  };
  for (const std::string start : {"http://", "https://"}) {
    EXPECT_EQ(status_of(start + "evil.example/healthz", "pi"), 421);
    EXPECT_EQ(status_of(start + "evil.example?pi/healthz", "pi"), 421);
    EXPECT_EQ(status_of(start + "pi:8082/healthz", "evil.example"), 200);
    EXPECT_EQ(status_of(start + "pi/healthz", "pi"), 200);
    EXPECT_EQ(status_of(start + "/healthz", "pi"), 400);
    EXPECT_EQ(status_of(start + "pi@evil.example/healthz", "pi"), 400);
    EXPECT_EQ(status_of(start + "pi/healthz", ""), 400) << "the field has to be right";
  }
}

TEST_F(RoutesTest, StreamsFolder_HasTheSameNames) {
  for (const std::string folder :
       {"/", "//", "/streams/garden/", "/streams/door/", "//streams//door//"}) {
    EXPECT_EQ(TextOf(Get(folder + "index.html").body), kPage) << folder;
    EXPECT_EQ(TextOf(Get(folder + "healthz").body), "ok\n") << folder;
    EXPECT_EQ(TextOf(Get(folder + "metrics").body), "metrics") << folder;
    EXPECT_EQ(StatusOf(folder + "stream"), 426) << folder;
    EXPECT_EQ(StatusOf(folder + "nothing"), 404) << folder;
  }
}

TEST_F(RoutesTest, UnknownStream_IsToldTheKnownOnes) {
  for (const std::string target :
       {"/streams", "/streams/", "/streams/gate", "/streams/gate/", "/streams/gate/healthz",
        "/streams/Door/", "/streams/doo/", "/streams/door%20/"}) {
    const HttpResponse response = Get(target);
    EXPECT_EQ(static_cast<int>(response.status), 404) << target;
    EXPECT_EQ(TextOf(response.body),
              "There is no stream of this name. The streams are: garden, door\n");
  }
  EXPECT_EQ(UpgradeOf(HandshakeOf("/streams/gate/stream")), "404");
}

TEST_F(RoutesTest, NoStreams_ThePageAndMetricsAreStillThere) {
  directory_.streams.clear();
  EXPECT_EQ(StatusOf("/index.html"), 200);
  EXPECT_EQ(StatusOf("/metrics"), 200);
  EXPECT_EQ(UpgradeOf(HandshakeOf("/stream")), "404");
  EXPECT_EQ(TextOf(Get("/streams/door/").body), "There are no streams.\n");
}

TEST_F(RoutesTest, WebSocket_OfEachStreamAndProtocol) {
  EXPECT_EQ(UpgradeOf(HandshakeOf("/stream")), "garden plain");
  EXPECT_EQ(UpgradeOf(HandshakeOf("//stream?x")), "garden plain");
  EXPECT_EQ(UpgradeOf(HandshakeOf("/stream", "pistream.v2, pistream.v1")), "garden v1");
  EXPECT_EQ(UpgradeOf(HandshakeOf("/", "pistream.v1")), "garden classic");
  EXPECT_EQ(UpgradeOf(HandshakeOf("/streams/door/stream", "pistream.v1")), "door v1");
  EXPECT_EQ(UpgradeOf(HandshakeOf("/streams/door/stream")), "door plain");
  EXPECT_EQ(UpgradeOf(HandshakeOf("/streams/door/")), "door classic");
  EXPECT_EQ(UpgradeOf(HandshakeOf("/elsewhere")), "404");
  EXPECT_EQ(UpgradeOf(HandshakeOf("/streams/door/elsewhere")), "404");
}

TEST_F(RoutesTest, ClassicPort_AnyPathIsTheStream) {
  for (const std::string target : {"/", "/ws", "/stream", "/a/b?c", "//", "/streams"}) {
    EXPECT_EQ(UpgradeOf(HandshakeOf(target, "pistream.v1"), true), "garden classic") << target;
  }
  for (const std::string target : {"/streams/door", "/streams/door/", "/streams/door/ws"}) {
    EXPECT_EQ(UpgradeOf(HandshakeOf(target), true), "door classic") << target;
  }
  EXPECT_EQ(UpgradeOf(HandshakeOf("/streams/gate/ws"), true), "404");
}

TEST_F(RoutesTest, PlainGetOfAWebSocket_IsToldWhatThisIs) {
  const HttpResponse stream = Get("/stream");
  EXPECT_EQ(static_cast<int>(stream.status), 426);
  EXPECT_EQ(stream.fields[http::field::upgrade], "websocket");
  EXPECT_THAT(std::string(TextOf(stream.body)), HasSubstr("WebSocket"));
  for (const std::string target : {"/", "/index.html", "/metrics", "/ws"}) {
    const HttpResponse classic = Get(target, true);
    EXPECT_EQ(static_cast<int>(classic.status), 426) << target;
    EXPECT_EQ(classic.fields[http::field::connection], "Upgrade");
  }
}

TEST_F(RoutesTest, Action_IsNeverAPage) {
  for (const std::string target : {"/?action=snapshot", "/?x=1&action=stream",
                                   "/index.html?action=snapshot", "/streams/door/?action=stream"}) {
    const HttpResponse response = Get(target);
    EXPECT_EQ(static_cast<int>(response.status), 404) << target;
    EXPECT_THAT(std::string(TextOf(response.body)), HasSubstr("WebSocket"));
  }
  EXPECT_EQ(LocationOf("/?reaction=x"), "index.html?reaction=x");
}

TEST_F(RoutesTest, Health_OneLineForEachUnhealthyStream) {
  directory_.streams[1].unhealthy_reason = "the camera was lost";
  EXPECT_EQ(TextOf(Get("/healthz").body), "door: the camera was lost\n");
  EXPECT_EQ(StatusOf("/healthz"), 503);
  EXPECT_EQ(StatusOf("/streams/garden/healthz"), 200);
  EXPECT_EQ(TextOf(Get("/streams/door/healthz").body), "the camera was lost\n");
  directory_.streams[0].unhealthy_reason = "no frames";
  EXPECT_EQ(TextOf(Get("/healthz").body), "garden: no frames\ndoor: the camera was lost\n");
  directory_.streams.pop_back();
  EXPECT_EQ(TextOf(Get("/healthz").body), "no frames\n");
}

TEST_F(RoutesTest, Health_PageNamesItsOrigin_IsToldWhetherItMayWatch) {
  EXPECT_EQ(StatusOf("/healthz?origin=http%3A%2F%2Fpi%3A8082"), 200);
  const HttpResponse refusal = Get("/streams/door/healthz?origin=http%3A%2F%2Fevil.example");
  EXPECT_EQ(static_cast<int>(refusal.status), 403);
  EXPECT_THAT(TextOf(refusal.body), testing::HasSubstr("--allow-origin"));
}

TEST_F(RoutesTest, AnotherMethod_IsToldTheAllowedOnes) {
  for (const std::string target : {"/", "/index.html", "/healthz", "/stream", "/nothing"}) {
    const Routed routed = Route(RequestOf(target, http::verb::post));
    const auto& response = std::get<HttpResponse>(routed);
    EXPECT_EQ(static_cast<int>(response.status), 405) << target;
    EXPECT_EQ(response.fields[http::field::allow], "GET, HEAD");
    EXPECT_EQ(TextOf(response.body), "Only GET and HEAD are allowed here.\n");
  }
  EXPECT_EQ(
      static_cast<int>(std::get<HttpResponse>(Route(RequestOf("*", http::verb::options))).status),
      405);
}

TEST_F(RoutesTest, Entries_AreGivenTheRequest) {
  RoutesConfig config = Config();
  const auto echo = [](const RouteCall& call) {
    return TextResponse(http::status::ok, call.stream->name + (call.is_root ? " root " : " own ") +
                                              std::string(call.path) + " " + call.request.body());
  };
  config.entries = {
      {"api/v1/", {{http::verb::get, Role::kView}, {http::verb::put, Role::kControl}}, echo},
      {"metrics", {{http::verb::get, Role::kView}}, echo}};
  routes_.emplace(*StaticFiles::Make(assets_, {}, 0), std::move(config));
  EXPECT_EQ(TextOf(Get("/api/v1/streams").body), "garden root api/v1/streams \n");
  EXPECT_EQ(TextOf(Get("/streams/door/api/v1/").body), "door own api/v1/ \n");
  EXPECT_EQ(TextOf(Get("/metrics").body), "garden root metrics \n") << "before the built-in ones";
  EXPECT_EQ(StatusOf("/api/v1"), 404);
  HttpRequest put = RequestOf("/api/v1/x", http::verb::put);
  put.body() = "body";
  EXPECT_EQ(TextOf(std::get<HttpResponse>(Route(put)).body), "garden root api/v1/x body\n");
  const Routed refused = Route(RequestOf("/api/v1/x", http::verb::delete_));
  EXPECT_EQ(std::get<HttpResponse>(refused).fields[http::field::allow], "GET, HEAD, PUT");
  EXPECT_EQ(TextOf(std::get<HttpResponse>(refused).body),
            "Only GET, HEAD and PUT are allowed here.\n");
}

TEST_F(RoutesTest, RefusedOrigin_LogSaysWhatWouldAllowIt) {
  HttpRequest request = HandshakeOf("/stream");
  request.set(http::field::origin, "http://dash.local");
  const Routed routed = Route(request);
  const auto& response = std::get<HttpResponse>(routed);
  EXPECT_EQ(static_cast<int>(response.status), 403);
  EXPECT_LE(TextOf(response.body).size(), 200U) << "the page shows no more";
  EXPECT_EQ(response.warning,
            "refused a WebSocket to a page of another host (origin 'http://dash.local', host "
            "'pi:8082'): --allow-origin http://dash.local would let it watch; if it is this "
            "server's own page, a proxy must pass on Host (nginx: proxy_set_header Host "
            "$http_host; Apache: ProxyPreserveHost on)");
}

TEST_F(RoutesTest, FaultyHandshake_IsLogged) {
  HttpRequest request = HandshakeOf("/stream");
  request.set(http::field::sec_websocket_version, "8");
  request.set(http::field::origin, std::string(1000, 'x'));
  const Routed routed = Route(request);
  const auto& response = std::get<HttpResponse>(routed);
  EXPECT_EQ(static_cast<int>(response.status), 426);
  EXPECT_EQ(response.warning, "refused a WebSocket handshake (origin '" + std::string(200, 'x') +
                                  "', host 'pi:8082'): Only version 13 of WebSocket is "
                                  "supported.");
}

// As nginx passes it on, and as it does with proxy_http_version 1.1 alone.
TEST_F(RoutesTest, HandshakeWithoutUpgrade_LogSaysWhatAProxyLacks) {
  for (const unsigned version : {10U, 11U}) {
    HttpRequest request = HandshakeOf("/stream");
    request.version(version);
    request.erase(http::field::upgrade);
    request.set(http::field::connection, "close");
    const Routed routed = Route(request);
    const auto& response = std::get<HttpResponse>(routed);
    EXPECT_EQ(static_cast<int>(response.status), 400);
    EXPECT_THAT(response.warning, HasSubstr("nginx: proxy_http_version 1.1; proxy_set_header "
                                            "Upgrade $http_upgrade; proxy_set_header Connection"));
  }
}

TEST_F(RoutesTest, HandshakeWithABody_IsRefused) {
  HttpRequest request = HandshakeOf("/stream");
  request.body() = "x";
  EXPECT_EQ(UpgradeOf(request), "400");
}

TEST_F(RoutesTest, HttpStream_IsAViewerOfItsStream) {
  for (const auto& [target, stream] : std::vector<std::pair<std::string, std::string>>{
           {"/stream.v1", "garden"}, {"/streams/door/stream.v1", "door"}}) {
    const Upgrade upgrade = Watch(ProgramRequestOf(target));
    EXPECT_EQ(upgrade.stream, stream);
    EXPECT_EQ(upgrade.protocol, StreamProtocol::kV1Chunked);
    EXPECT_EQ(upgrade.length, BodyLength::kChunked);
    const http::fields& fields = upgrade.response.fields;
    EXPECT_EQ(upgrade.response.status, http::status::ok);
    EXPECT_EQ(fields[http::field::content_type], "application/octet-stream");
    EXPECT_EQ(fields[http::field::cache_control], "no-store");
    EXPECT_EQ(fields["X-Accel-Buffering"], "no");
    EXPECT_EQ(fields["Access-Control-Expose-Headers"], "Pistream-Session");
    EXPECT_EQ(fields["Pistream-Session"], upgrade.mailbox->name());
    EXPECT_EQ(mailboxes_.Find(upgrade.mailbox->name()), upgrade.mailbox);
  }
  EXPECT_EQ(StatusOf("/streams/nobody/stream.v1"), 404);
  EXPECT_EQ(static_cast<int>(Get("/stream.v1", true).status), 426);
}

TEST_F(RoutesTest, HttpStreamOfHttp10_HasNoChunks) {
  HttpRequest request = ProgramRequestOf("/stream.v1");
  request.version(10);
  const Upgrade upgrade = Watch(request);
  EXPECT_EQ(upgrade.protocol, StreamProtocol::kV1);
  EXPECT_EQ(upgrade.length, BodyLength::kUntilClose);
}

TEST_F(RoutesTest, HeadOfTheHttpStream_HasItsHeadersAndMakesNoViewer) {
  const Routed routed = Route(ProgramRequestOf("/stream.v1", http::verb::head));
  const auto& streamed = std::get<Streamed>(routed);
  EXPECT_EQ(streamed.response.fields[http::field::content_type], "application/octet-stream");
  EXPECT_EQ(streamed.response.fields["Pistream-Session"], "");
  EXPECT_EQ(streamed.source, nullptr);
}

TEST_F(RoutesTest, HttpStream_IsOnlyForAllowedOrigins) {
  for (const http::verb method : {http::verb::get, http::verb::head, http::verb::post}) {
    HttpRequest request = RequestOf("/stream.v1", method);
    request.set(http::field::origin, "http://dash.local");
    const Routed routed = Route(request);
    const auto& response = std::get<HttpResponse>(routed);
    EXPECT_EQ(response.status, http::status::forbidden);
    EXPECT_EQ(response.fields["Access-Control-Allow-Origin"], "");
    EXPECT_THAT(response.warning,
                testing::StartsWith(
                    std::string("refused ") +
                    (method == http::verb::post ? "POST stream.v1" : "the stream over HTTP") +
                    " to a page of another host (origin 'http://dash.local', host "
                    "'pi:8082'): --allow-origin http://dash.local would let it watch; "));
  }
  HttpRequest request = RequestOf("/stream.v1");
  request.set(http::field::origin, "http://pi:80");
  EXPECT_EQ(Watch(request).response.fields["Access-Control-Allow-Origin"], "http://pi:80");
}

// As of an image or a link of any site.
TEST_F(RoutesTest, HttpStreamWithNeitherOriginNorAHeader_IsRefused) {
  for (const http::verb method : {http::verb::get, http::verb::head}) {
    const Routed routed = Route(RequestOf("/stream.v1", method));
    const auto& response = std::get<HttpResponse>(routed);
    EXPECT_EQ(response.status, http::status::forbidden);
    EXPECT_THAT(std::string(TextOf(response.body)), HasSubstr("Pistream-Client: 1"));
  }
}

TEST_F(RoutesTest, ControlMessages_AreOneALine) {
  const Upgrade viewer = Watch(ProgramRequestOf("/stream.v1"));
  const std::string target = "/stream.v1?session=" + viewer.mailbox->name();
  for (const std::string type : {"", "text/plain;charset=UTF-8", "Text/Plain ; a=b"}) {
    EXPECT_EQ(Post(target, "{}", type).status, http::status::no_content) << type;
    EXPECT_EQ(viewer.mailbox->Take(), (std::vector<std::string>{"{}"}));
  }
  EXPECT_EQ(Post(target, "\n{\"a\":1}\r\nb\n\n").status, http::status::no_content);
  EXPECT_EQ(viewer.mailbox->Take(), (std::vector<std::string>{"{\"a\":1}", "b"}));
  EXPECT_EQ(Post("/streams/door" + target, "{}").status, http::status::no_content);
  EXPECT_EQ(Post(target, std::string(4096, 'x')).status, http::status::no_content);
}

TEST_F(RoutesTest, FaultyControlMessages_AreRefusedWithAReason) {
  const Upgrade viewer = Watch(ProgramRequestOf("/stream.v1"));
  const std::string name = viewer.mailbox->name();
  const std::string target = "/stream.v1?session=" + name;
  const auto refusal = [&](const HttpResponse& response) {
    EXPECT_THAT(std::string(TextOf(response.body)), EndsWith(".\n"));
    return static_cast<int>(response.status);
  };
  EXPECT_EQ(refusal(Post("/stream.v1", "{}")), 400);
  EXPECT_EQ(refusal(Post(target, "")), 400);
  EXPECT_EQ(refusal(Post(target, "\r\n\n")), 400);
  EXPECT_EQ(refusal(Post(target, "\xC3")), 400);
  EXPECT_EQ(refusal(Post(target, "{}", "multipart/form-data")), 415);
  EXPECT_EQ(refusal(Post(target, "{}", "application/json")), 415);
  for (const std::string& other : {std::string(), name.substr(1), name + "0", "x" + name}) {
    EXPECT_EQ(refusal(Post("/stream.v1?session=" + other, "{}")), 404) << other;
  }
  EXPECT_EQ(viewer.mailbox->Take(), std::vector<std::string>());
  viewer.mailbox->Close();
  EXPECT_EQ(refusal(Post(target, "{}")), 404);
}

TEST_F(RoutesTest, ControlMessagesOfAViewerThatHasGone_AreRefused) {
  const std::string name = Watch(ProgramRequestOf("/stream.v1")).mailbox->name();
  EXPECT_EQ(Post("/stream.v1?session=" + name, "{}").status, http::status::not_found);
}

// What a Deferred is responded, and on which thread.
class Receiver final : public SessionLinkTarget {
 public:
  void OnResponse(uint64_t, HttpResponse response) override {
    responses.push_back(std::move(response));
  }
  void OnBodyWake(uint64_t) override {}

  std::vector<HttpResponse> responses;
};

TEST_F(RoutesTest, WebRoot_IsReadOnAnotherThread) {
  fs::create_directories(web_root_);
  std::ofstream(web_root_ / "mine.html") << "mine";
  routes_.emplace(*StaticFiles::Make(assets_, web_root_, 0), Config());
  for (const auto& [target, body] : std::vector<std::pair<std::string, std::string>>{
           {"/mine.html", "mine"}, {"/index.html", std::string(kPage)}}) {
    Routed routed = Route(RequestOf(target));
    ASSERT_TRUE(std::holds_alternative<Deferred>(routed));
    boost::asio::io_context io;
    const auto work = boost::asio::make_work_guard(io);
    const auto receiver = std::make_shared<Receiver>();
    const auto link = std::make_shared<SessionLink>(io, receiver, 1);
    std::get<Deferred>(routed).start(Responder(link));
    EXPECT_TRUE(receiver->responses.empty());
    while (receiver->responses.empty()) {
      io.run_one();
    }
    link->Close();  // the other thread may still be in its call of `io`
    EXPECT_EQ(TextOf(receiver->responses.front().body), body);
    const auto policy = receiver->responses.front().fields["Content-Security-Policy"];
    EXPECT_EQ(policy.empty(), target == "/mine.html") << policy;
  }
}

}  // namespace
}  // namespace pistream
