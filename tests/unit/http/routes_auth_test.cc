// Who may ask for what: the table of all routes, for each role.

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/auth/authenticator.h"
#include "src/auth/tokens.h"
#include "src/base/fake_clock.h"
#include "src/base/log.h"
#include "src/http/routes.h"
#include "src/http/session_link.h"
#include "tests/support/requests.h"

namespace pistream {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace fs = std::filesystem;
namespace http = boost::beast::http;

const Tokens kTokens = {.view = "view-token-012345", .control = "control-token-012"};
constexpr std::string_view kPage = "<!doctype html>";

void Authorize(HttpRequest& request, Role role) {
  if (role != Role::kNone) {
    request.set(http::field::authorization,
                "Bearer " + (role == Role::kControl ? kTokens.control : kTokens.view));
  }
}

constexpr Role kRoles[] = {Role::kNone, Role::kView, Role::kControl};

class RoutesAuthTest : public testing::Test {
 protected:
  RoutesAuthTest() { log::SetLevel(log::Level::kOff); }
  ~RoutesAuthTest() override {
    log::SetLevel(log::Level::kInfo);
    fs::remove_all(web_root_);
  }

  RoutesConfig Config() {
    const auto ok = [](const RouteCall&) { return TextResponse(http::status::ok, "ok"); };
    return {.classic_port = 8084,
            .allowed_origins = {"http://dash.local"},
            .hosts = HostPolicy({"pi"}),
            .trusted_proxies = {*ParseAddressRange("127.0.0.1")},
            .authenticator = &authenticator_,
            .metrics_text = [] { return std::string("metrics"); },
            .streams = directory_,
            .mailboxes = &mailboxes_,
            .entries = {{"api/v1/streams", {{http::verb::get, Role::kView}}, ok},
                        {"api/v1/controls",
                         {{http::verb::get, Role::kView}, {http::verb::put, Role::kControl}},
                         ok}}};
  }

  const Routes& TheRoutes() {
    if (!routes_) {
      routes_.emplace(*StaticFiles::Make(assets_, {}, 0), Config());
    }
    return *routes_;
  }

  void UseWebRoot() {
    fs::create_directories(web_root_);
    std::ofstream(web_root_ / "index.html") << "mine";
    std::ofstream(web_root_ / "mine.html") << "mine";
    routes_.emplace(*StaticFiles::Make(assets_, web_root_, 0), Config());
  }

  Routed Route(const HttpRequest& request, bool is_classic_port = false,
               const std::string& peer = "192.168.1.7") {
    return TheRoutes().Route(
        request,
        {.is_classic_port = is_classic_port, .local_address = "192.168.1.2", .peer_address = peer});
  }

  // What a Deferred responds with.
  static HttpResponse Await(const Deferred& deferred) {
    class Receiver final : public SessionLinkTarget {
     public:
      void OnResponse(uint64_t, HttpResponse response) override { received = std::move(response); }
      void OnBodyWake(uint64_t) override {}

      std::optional<HttpResponse> received;
    };
    boost::asio::io_context io;
    const auto work = boost::asio::make_work_guard(io);
    const auto receiver = std::make_shared<Receiver>();
    const auto link = std::make_shared<SessionLink>(io, receiver, 1);
    deferred.start(Responder(link));
    while (!receiver->received) {
      io.run_one();
    }
    link->Close();
    return *std::move(receiver->received);
  }

  HttpResponse ResponseTo(const HttpRequest& request, bool is_classic_port = false,
                          const std::string& peer = "192.168.1.7") {
    Routed routed = Route(request, is_classic_port, peer);
    if (auto* const upgrade = std::get_if<Upgrade>(&routed)) {
      return std::move(upgrade->response);
    }
    if (const auto* const deferred = std::get_if<Deferred>(&routed)) {
      return Await(*deferred);
    }
    if (auto* const streamed = std::get_if<Streamed>(&routed)) {
      return std::move(streamed->response);
    }
    return std::get<HttpResponse>(std::move(routed));
  }

  int StatusOf(HttpRequest request, Role role, bool is_classic_port = false) {
    Authorize(request, role);
    return static_cast<int>(ResponseTo(request, is_classic_port).status);
  }

  int StatusOf(const std::string& target, Role role) {
    return StatusOf(ProgramRequestOf(target), role);
  }

  HttpResponse Get(const std::string& target, Role role) {
    HttpRequest request = ProgramRequestOf(target);
    Authorize(request, role);
    return ResponseTo(request);
  }

  HttpResponse LogInWith(const std::string& body, const std::string& type = "") {
    HttpRequest request = ProgramRequestOf("/session", http::verb::post);
    request.body() = body;
    if (!type.empty()) {
      request.set(http::field::content_type, type);
    }
    return ResponseTo(request);
  }

  // "NAME=VALUE"
  std::string CookieOf(const std::string& token) {
    const std::string field = LogInWith(token).fields[http::field::set_cookie];
    return field.substr(0, field.find(';'));
  }

  Role RoleBy(const std::string& cookie) {
    HttpRequest request = ProgramRequestOf("/session");
    request.set(http::field::cookie, cookie);
    const std::string body(TextOf(ResponseTo(request).body));
    return body == "{\"role\":\"view\"}\n"      ? Role::kView
           : body == "{\"role\":\"control\"}\n" ? Role::kControl
                                                : Role::kNone;
  }

  FakeClock clock_;
  Authenticator authenticator_{
      kTokens, "pi:8082", clock_,
      [] { return std::chrono::sys_seconds(std::chrono::seconds(1'800'000'000)); }};
  FakeStreamDirectory directory_{std::vector<StreamInfo>{{"garden", {64, 48}, std::nullopt},
                                                         {"door", {32, 16}, std::nullopt}}};
  Mailboxes mailboxes_;
  const std::array<Asset, 1> assets_ = {Asset{
      "/index.html", "text/html", {reinterpret_cast<const uint8_t*>(kPage.data()), kPage.size()}}};
  const fs::path web_root_ = fs::path(testing::TempDir()) / "routes_auth_test";
  std::optional<Routes> routes_;
};

// A route without a role here is a route that nobody has thought about.
TEST_F(RoutesAuthTest, TableOfEntries_IsThis) {
  std::vector<std::string> table;
  for (const RouteEntry& entry : TheRoutes().entries()) {
    for (const RouteMethod& method : entry.methods) {
      table.push_back(std::string(http::to_string(method.verb)) + " " + entry.path + ": " +
                      std::string(NameOf(method.role)));
    }
  }
  EXPECT_THAT(
      table, testing::ElementsAre("GET api/v1/streams: view", "GET api/v1/controls: view",
                                  "PUT api/v1/controls: control", "GET healthz: none",
                                  "GET metrics: control", "GET stream: view", "GET stream.v1: view",
                                  "POST stream.v1: view", "GET session: none", "POST session: none",
                                  "DELETE session: view"));
}

TEST_F(RoutesAuthTest, EveryEntryAndMethod_IsForItsRoleAndThoseAbove) {
  for (const RouteEntry& entry : TheRoutes().entries()) {
    for (const RouteMethod& method : entry.methods) {
      for (const std::string folder : {"/", "/streams/door/"}) {
        for (const Role role : kRoles) {
          HttpRequest request = ProgramRequestOf(folder + entry.path, method.verb);
          const int status = StatusOf(request, role);
          const std::string what = std::string(NameOf(role)) + ": " +
                                   std::string(http::to_string(method.verb)) + " " +
                                   std::string(request.target());
          if (Includes(role, method.role)) {
            EXPECT_NE(status, 403) << what;
            // `session` says itself that a stranger is one.
            EXPECT_EQ(status == 401, entry.path == "session" && method.verb == http::verb::get &&
                                         role == Role::kNone)
                << what;
          } else {
            EXPECT_EQ(status, role == Role::kNone ? 401 : 403) << what;
          }
        }
      }
    }
  }
}

TEST_F(RoutesAuthTest, HeadIsAsGet) {
  EXPECT_EQ(StatusOf(ProgramRequestOf("/metrics", http::verb::head), Role::kView), 403);
  EXPECT_EQ(StatusOf(ProgramRequestOf("/metrics", http::verb::head), Role::kControl), 200);
  EXPECT_EQ(StatusOf(ProgramRequestOf("/stream.v1", http::verb::head), Role::kNone), 401);
}

TEST_F(RoutesAuthTest, WebSocketsOfAllKinds_NeedView) {
  for (const std::string target : {"/stream", "/", "/streams/door/stream", "/streams/door/",
                                   "/streams/door", "/streams/nobody/stream"}) {
    const int granted = target.find("nobody") == std::string::npos ? 101 : 404;
    EXPECT_EQ(StatusOf(HandshakeOf(target), Role::kNone), 401) << target;
    EXPECT_EQ(StatusOf(HandshakeOf(target), Role::kView), granted) << target;
    EXPECT_EQ(StatusOf(HandshakeOf(target), Role::kControl), granted) << target;
  }
  for (const std::string target : {"/", "/any", "/streams/door/", "/stream"}) {
    EXPECT_EQ(StatusOf(HandshakeOf(target), Role::kNone, true), 401) << target;
    EXPECT_EQ(StatusOf(HandshakeOf(target), Role::kView, true), 101) << target;
  }
}

TEST_F(RoutesAuthTest, WebSocket_TakesEverySecret) {
  EXPECT_EQ(StatusOf(HandshakeOf("/stream?token=" + kTokens.view), Role::kNone), 101);
  EXPECT_EQ(StatusOf(HandshakeOf("/stream?token=" + kTokens.control), Role::kNone), 401);
  EXPECT_EQ(StatusOf(HandshakeOf("/stream?token=wrong"), Role::kNone), 401);
  HttpRequest request = HandshakeOf("/");
  request.set(http::field::cookie, "a=b; " + CookieOf(kTokens.view));
  EXPECT_EQ(StatusOf(request, Role::kNone, true), 101);
  request = HandshakeOf("/stream");
  request.set(http::field::authorization, "Basic bWU6dmlldy10b2tlbi0wMTIzNDU=");
  EXPECT_EQ(StatusOf(request, Role::kNone), 101);
}

TEST_F(RoutesAuthTest, ThePage_IsForAnybody) {
  for (const Role role : kRoles) {
    for (const std::string folder : {"/", "/streams/door/"}) {
      EXPECT_EQ(StatusOf(folder, role), 301) << folder;
      EXPECT_EQ(StatusOf(folder + "index.html", role), 200) << folder;
      EXPECT_EQ(StatusOf(folder + "nothing.js", role), 404) << folder;
    }
    EXPECT_EQ(StatusOf("/streams/door", role), 301);
    EXPECT_EQ(StatusOf(ProgramRequestOf("/"), role, true), 426) << "the classic port";
  }
}

// Example failure is a stranger who tries names.
TEST_F(RoutesAuthTest, Streams_AreNotToldToStrangers) {
  directory_.streams[0].unhealthy_reason = "lost";
  for (const std::string rest : {"", "/", "/index.html", "/healthz", "/stream", "/stream.v1",
                                 "/metrics", "/session", "/nothing", "/api/v1/streams"}) {
    const HttpResponse known = Get("/streams/door" + rest, Role::kNone);
    const HttpResponse unknown = Get("/streams/nope" + rest, Role::kNone);
    EXPECT_EQ(known.status, unknown.status) << rest;
    EXPECT_EQ(TextOf(known.body), rest.empty() ? "See door/\n" : TextOf(unknown.body)) << rest;
  }
  for (const std::string target : {"/streams", "/streams/", "/streams/%20/", "/streams/../x",
                                   "/streams/http:/x", "/streams/Door/"}) {
    const HttpResponse response = Get(target, Role::kNone);
    EXPECT_THAT(static_cast<int>(response.status), testing::AnyOf(401, 400)) << target;
    EXPECT_THAT(std::string(TextOf(response.body)), Not(HasSubstr("garden"))) << target;
  }
  EXPECT_THAT(std::string(TextOf(Get("/streams/", Role::kView).body)), HasSubstr("garden, door"));
  EXPECT_EQ(StatusOf("/streams/nope/index.html", Role::kView), 404);
}

TEST_F(RoutesAuthTest, Health_TellsTheReasonToWhoMayWatch) {
  for (const Role role : kRoles) {
    EXPECT_EQ(TextOf(Get("/healthz", role).body), "ok\n");
  }
  directory_.streams[1].unhealthy_reason = "the camera was lost";
  for (const Role role : kRoles) {
    const HttpResponse response = Get("/healthz", role);
    EXPECT_EQ(static_cast<int>(response.status), 503);
    EXPECT_EQ(TextOf(response.body),
              role == Role::kNone
                  ? "A camera gives no pictures. Who has logged in is told the reason.\n"
                  : "door: the camera was lost\n");
  }
  EXPECT_EQ(StatusOf("/streams/garden/healthz", Role::kView), 200);
  EXPECT_EQ(StatusOf("/streams/garden/healthz", Role::kNone), 503) << "that of all";
}

TEST_F(RoutesAuthTest, WebRoot_IsForWhoMayWatchAndThePageForAnybody) {
  UseWebRoot();
  EXPECT_EQ(TextOf(Get("/index.html", Role::kNone).body), kPage) << "which asks to log in";
  EXPECT_EQ(TextOf(Get("/index.html", Role::kView).body), "mine");
  EXPECT_EQ(StatusOf("/mine.html", Role::kNone), 401);
  EXPECT_EQ(StatusOf("/nothing.html", Role::kNone), 401);
  EXPECT_EQ(StatusOf("/mine.html", Role::kView), 200);
  EXPECT_EQ(StatusOf("/nothing.html", Role::kView), 404);
}

TEST_F(RoutesAuthTest, Refusals_SayWhatToDo) {
  const HttpResponse stranger = Get("/stream.v1", Role::kNone);
  EXPECT_EQ(stranger.fields[http::field::www_authenticate], "Bearer realm=\"pistream\"");
  EXPECT_THAT(std::string(TextOf(stranger.body)), StartsWith("Log in: "));
  EXPECT_EQ(stranger.fields[http::field::cache_control], "no-store");
  const HttpResponse viewer = Get("/metrics", Role::kView);
  EXPECT_EQ(viewer.fields.count(http::field::www_authenticate), 0U);
  EXPECT_EQ(TextOf(viewer.body), "This needs the token to control.\n");
  HttpRequest request = ProgramRequestOf("/stream.v1");
  request.set(http::field::authorization, "Bearer wrong");
  EXPECT_EQ(TextOf(ResponseTo(request).body), "The token is wrong.\n");
  EXPECT_EQ(
      TextOf(Get("/stream.v1?token=" + kTokens.control, Role::kNone).body),
      "The token to control is not taken from an address: send it as Authorization: Bearer.\n");
}

// Example failure is a second secret that nobody looks at.
TEST_F(RoutesAuthTest, SeveralSecretsOfAKind_AreMalformed) {
  EXPECT_EQ(StatusOf("/stream.v1?token=x&token=" + kTokens.view, Role::kNone), 400);
  EXPECT_EQ(StatusOf("/stream.v1?token=x&Token=x&tokens=x", Role::kView), 200);
  HttpRequest request = ProgramRequestOf("/stream.v1");
  request.insert(http::field::authorization, "Bearer wrong");
  request.insert(http::field::authorization, "Bearer " + kTokens.view);
  EXPECT_EQ(static_cast<int>(ResponseTo(request).status), 400);
}

TEST_F(RoutesAuthTest, TooManyWrongTokens_AreToldToWaitAndRightOnesPass) {
  HttpRequest request = ProgramRequestOf("/stream.v1");
  request.set(http::field::authorization, "Bearer wrong");
  for (int i = 0; i < FailureLimit::kBurst; ++i) {
    EXPECT_EQ(static_cast<int>(ResponseTo(request).status), 401);
  }
  const HttpResponse beyond = ResponseTo(request);
  EXPECT_EQ(static_cast<int>(beyond.status), 429);
  EXPECT_EQ(beyond.fields[http::field::retry_after], "6");
  EXPECT_EQ(static_cast<int>(LogInWith("wrong").status), 429);
  EXPECT_EQ(static_cast<int>(LogInWith(kTokens.view).status), 200);
  EXPECT_EQ(StatusOf("/stream.v1", Role::kView), 200);
  EXPECT_EQ(StatusOf("/index.html", Role::kNone), 200);
  // The same from another address.
  EXPECT_EQ(static_cast<int>(ResponseTo(request, false, "192.168.1.8").status), 401);
}

// Example failure is an address that tells right guesses from wrong ones at once.
TEST_F(RoutesAuthTest, GuessesBeyondTheLimit_AreHeldWhateverTheResponseIs) {
  const auto is_held = [this](const std::string& target, const std::string& token) {
    HttpRequest request = ProgramRequestOf(target);
    request.set(http::field::authorization, "Bearer " + token);
    return ResponseTo(request).is_held;
  };
  directory_.streams[0].unhealthy_reason = "lost";
  for (int i = 0; i < FailureLimit::kBurst; ++i) {
    EXPECT_FALSE(is_held("/stream.v1", "wrong"));
  }
  for (const std::string target :
       {"/stream.v1", "/session", "/healthz", "/nothing.js?token=x", "/streams/door/index.html",
        "/streams/nope/index.html", "/streams/nope/nothing", "/streams/"}) {
    const bool is_asked = target != "/nothing.js?token=x";
    EXPECT_EQ(is_held(target, "wrong"), is_asked) << target;
    EXPECT_FALSE(is_held(target, kTokens.view)) << target;
  }
  EXPECT_TRUE(LogInWith("wrong").is_held);
  EXPECT_FALSE(LogInWith(kTokens.view).is_held);
}

// Example failure is a page elsewhere whose pictures lock out who looks at it.
TEST_F(RoutesAuthTest, WrongTokensOfForeignPages_AreNoFailuresOfTheVisitor) {
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"Sec-Fetch-Site", "cross-site"},
                                                        {"Origin", "http://evil.example"},
                                                        {"Origin", "null"},
                                                        {"Referer", "http://evil.example/page"}}) {
    HttpRequest request = ProgramRequestOf("/api/v1/streams?token=x");
    request.set(name, value);
    EXPECT_EQ(static_cast<int>(ResponseTo(request).status), 401) << name;
    for (int i = 0; i < FailureLimit::kBurst; ++i) {
      EXPECT_THAT(static_cast<int>(ResponseTo(request).status), testing::AnyOf(401, 429)) << name;
    }
    request.target("/api/v1/streams?token=" + kTokens.view);
    EXPECT_EQ(static_cast<int>(ResponseTo(request).status), 200) << name;
    for (const std::string own : {"http://pi:8082", "http://dash.local"}) {
      HttpRequest of_own_page = ProgramRequestOf("/api/v1/streams?token=x");
      of_own_page.set(http::field::origin, own);
      for (int i = 0; i < FailureLimit::kBurst / 2; ++i) {
        EXPECT_EQ(static_cast<int>(ResponseTo(of_own_page).status), 401) << name;
      }
    }
    EXPECT_EQ(StatusOf("/api/v1/streams?token=x", Role::kNone), 429) << "those count";
    clock_.Advance(std::chrono::hours(1));
  }
}

// A proxy that asks for a password of its own passes it on.
TEST_F(RoutesAuthTest, PasswordOfAProxy_IsNoFailureWhereNoneIsNeeded) {
  HttpRequest request = ProgramRequestOf("/index.html");
  request.set(http::field::authorization, "Basic bWU6cHJveHk=");
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(static_cast<int>(ResponseTo(request).status), 200);
  }
  request.target("/session");
  request.method(http::verb::post);
  request.body() = kTokens.view;
  EXPECT_EQ(static_cast<int>(ResponseTo(request).status), 200);
  request = ProgramRequestOf("/stream.v1");
  request.set(http::field::authorization, "Basic bWU6cHJveHk=");
  EXPECT_EQ(static_cast<int>(ResponseTo(request).status), 401) << "the first that counts";
  request.set(http::field::cookie, CookieOf(kTokens.view));
  EXPECT_EQ(static_cast<int>(ResponseTo(request).status), 200);
}

TEST_F(RoutesAuthTest, Session_TellsTheRoleAsJson) {
  const HttpResponse stranger = Get("/session", Role::kNone);
  EXPECT_EQ(static_cast<int>(stranger.status), 401);
  EXPECT_EQ(TextOf(stranger.body), "{\"role\":\"none\"}\n");
  EXPECT_EQ(stranger.fields[http::field::content_type], "application/json");
  EXPECT_EQ(stranger.fields[http::field::cache_control], "no-store");
  EXPECT_EQ(stranger.fields[http::field::www_authenticate], "Bearer realm=\"pistream\"");
  EXPECT_EQ(TextOf(Get("/session", Role::kView).body), "{\"role\":\"view\"}\n");
  EXPECT_EQ(TextOf(Get("/streams/door/session", Role::kControl).body), "{\"role\":\"control\"}\n");
  EXPECT_EQ(TextOf(Get("/session?token=" + kTokens.view, Role::kNone).body),
            "{\"role\":\"view\"}\n");
  authenticator_.SetTokens(std::nullopt);
  EXPECT_EQ(TextOf(Get("/session", Role::kNone).body), "{\"role\":\"control\",\"open\":true}\n");
}

TEST_F(RoutesAuthTest, LogIn_TakesTextFormAndJson) {
  for (const auto& [type, body] : std::vector<std::pair<std::string, std::string>>{
           {"", kTokens.view},
           {"text/plain;charset=UTF-8", " " + kTokens.view + "\r\n"},
           {"Application/JSON", "{\"token\": \"" + kTokens.view + "\", \"x\": 1}"},
           {"application/x-www-form-urlencoded", "a=b&token=view%2Dtoken-012345"}}) {
    const HttpResponse response = LogInWith(body, type);
    EXPECT_EQ(static_cast<int>(response.status), 200) << body;
    EXPECT_EQ(TextOf(response.body), "{\"role\":\"view\"}\n");
    EXPECT_THAT(std::string(response.fields[http::field::set_cookie]),
                AllOf(StartsWith("pistream_session_"),
                      testing::EndsWith("; Max-Age=2592000; HttpOnly; SameSite=Strict")));
  }
  EXPECT_EQ(RoleBy(CookieOf(kTokens.view)), Role::kView);
  EXPECT_EQ(RoleBy(CookieOf(kTokens.control)), Role::kControl);
}

// Example failure is the owner who opens the address that he gives to guests.
TEST_F(RoutesAuthTest, LogInWithLess_KeepsTheSessionOfWhoMayControl) {
  HttpRequest request = ProgramRequestOf("/session", http::verb::post);
  request.body() = kTokens.view;
  request.set(http::field::cookie, CookieOf(kTokens.control));
  const HttpResponse kept = ResponseTo(request);
  EXPECT_EQ(TextOf(kept.body), "{\"role\":\"control\"}\n");
  EXPECT_EQ(kept.fields.count(http::field::set_cookie), 0U);
  request.set(http::field::cookie, CookieOf(kTokens.view));
  EXPECT_EQ(ResponseTo(request).fields.count(http::field::set_cookie), 1U) << "30 days from now";
  request.body() = kTokens.control;
  EXPECT_EQ(RoleBy(std::string(ResponseTo(request).fields[http::field::set_cookie])),
            Role::kControl);
  request.body() = "wrong";
  request.set(http::field::cookie, CookieOf(kTokens.control));
  EXPECT_EQ(static_cast<int>(ResponseTo(request).status), 401);
}

TEST_F(RoutesAuthTest, FaultyLogIn_IsRefusedWithAReasonAndSetsNoCookie) {
  const std::string json = "application/json";
  const std::string form = "application/x-www-form-urlencoded";
  for (const auto& [status, type, body] : std::vector<std::tuple<int, std::string, std::string>>{
           {401, "", "wrong"},
           {400, "", ""},
           {400, "", " \n"},
           {400, json, ""},
           {400, json, "{"},
           {400, json, "[]"},
           {400, json, "\"" + kTokens.view + "\""},
           {400, json, "{\"token\": 1}"},
           {400, json, "{\"Token\": \"" + kTokens.view + "\"}"},
           {400, json, std::string(1000, '[')},
           {400, form, kTokens.view},
           {400, form, "token="},
           {400, form, "token"},
           {415, "multipart/form-data; boundary=x", kTokens.view}}) {
    const HttpResponse response = LogInWith(body, type);
    EXPECT_EQ(static_cast<int>(response.status), status) << body;
    EXPECT_EQ(response.fields.count(http::field::set_cookie), 0U) << body;
    EXPECT_THAT(std::string(TextOf(response.body)), testing::EndsWith(".\n")) << body;
  }
}

TEST_F(RoutesAuthTest, LogInFromAnotherSite_IsRefused) {
  HttpRequest request = ProgramRequestOf("/session", http::verb::post);
  request.body() = kTokens.view;
  request.set(http::field::origin, "http://evil.example");
  const HttpResponse refused = ResponseTo(request);
  EXPECT_EQ(static_cast<int>(refused.status), 403);
  EXPECT_EQ(refused.fields.count(http::field::set_cookie), 0U);
  EXPECT_THAT(refused.warning, HasSubstr("refused POST session to a page of another host"));
  for (const std::string origin : {"http://pi:8082", "http://pi", "http://dash.local"}) {
    request.set(http::field::origin, origin);
    EXPECT_EQ(static_cast<int>(ResponseTo(request).status), 200) << origin;
  }
  request.method(http::verb::delete_);
  request.set(http::field::origin, "http://evil.example");
  Authorize(request, Role::kControl);
  EXPECT_EQ(static_cast<int>(ResponseTo(request).status), 403);
}

TEST_F(RoutesAuthTest, LogInByTls_HasASecureCookie) {
  HttpRequest request = ProgramRequestOf("/session", http::verb::post);
  request.body() = kTokens.view;
  const Routed routed = TheRoutes().Route(
      request, {.local_address = "192.168.1.2", .peer_address = "192.168.1.7", .is_secure = true});
  EXPECT_THAT(std::string(std::get<HttpResponse>(routed).fields[http::field::set_cookie]),
              testing::EndsWith("; Secure"));
  request.set("X-Forwarded-Proto", "https");
  EXPECT_THAT(std::string(ResponseTo(request, false, "127.0.0.1").fields[http::field::set_cookie]),
              testing::EndsWith("; Secure"));
  EXPECT_THAT(std::string(ResponseTo(request).fields[http::field::set_cookie]),
              Not(HasSubstr("Secure")))
      << "not from a proxy that we trust";
}

TEST_F(RoutesAuthTest, PageOverHttpsLogsInWithoutTls_LogSaysWhatTheProxyLacks) {
  HttpRequest request = ProgramRequestOf("/session", http::verb::post);
  request.body() = kTokens.view;
  request.set(http::field::origin, "http://pi:8082");
  EXPECT_EQ(ResponseTo(request).warning, "") << "nobody has TLS";
  request.set(http::field::origin, "https://pi");
  EXPECT_THAT(ResponseTo(request).warning,
              AllOf(HasSubstr("not Secure"), HasSubstr("--trusted-proxy 192.168.1.7"),
                    HasSubstr("X-Forwarded-Proto")));
  request.set("X-Forwarded-Proto", "https");
  EXPECT_EQ(ResponseTo(request, false, "127.0.0.1").warning, "");
}

TEST_F(RoutesAuthTest, LogOut_ForgetsTheCookieOfThisBrowser) {
  const std::string cookie = CookieOf(kTokens.view);
  HttpRequest request = ProgramRequestOf("/session", http::verb::delete_);
  request.set(http::field::cookie, cookie);
  const HttpResponse response = ResponseTo(request);
  EXPECT_EQ(static_cast<int>(response.status), 204);
  EXPECT_THAT(std::string(response.fields[http::field::set_cookie]), HasSubstr("=; Max-Age=0; "));
  EXPECT_EQ(RoleBy(cookie), Role::kView) << "others that have it stay";
}

TEST_F(RoutesAuthTest, LogOutEverywhere_EndsOwnSessionsAndAllForControl) {
  const std::string view = CookieOf(kTokens.view);
  const std::string control = CookieOf(kTokens.control);
  HttpRequest request = ProgramRequestOf("/session?everywhere", http::verb::delete_);
  EXPECT_EQ(static_cast<int>(ResponseTo(request).status), 401);
  request.set(http::field::cookie, view);
  const HttpResponse response = ResponseTo(request);
  EXPECT_EQ(static_cast<int>(response.status), 204);
  EXPECT_THAT(std::string(response.fields[http::field::set_cookie]), HasSubstr("=; Max-Age=0; "));
  EXPECT_EQ(RoleBy(view), Role::kNone);
  EXPECT_EQ(RoleBy(control), Role::kControl);
  const std::string new_view = CookieOf(kTokens.view);
  request.set(http::field::cookie, control);
  EXPECT_EQ(static_cast<int>(ResponseTo(request).status), 204);
  EXPECT_EQ(RoleBy(new_view), Role::kNone);
  EXPECT_EQ(RoleBy(control), Role::kNone);
}

TEST_F(RoutesAuthTest, LogOutEverywhereThatCannotBeKept_SaysSoAndEndsThemAllTheSame) {
  fs::create_directories(web_root_);
  ASSERT_TRUE(authenticator_.KeepSessionsIn(web_root_ / "sessions"));
  const std::string cookie = CookieOf(kTokens.view);
  fs::remove_all(web_root_);
  HttpRequest request = ProgramRequestOf("/session?everywhere", http::verb::delete_);
  request.set(http::field::cookie, cookie);
  const HttpResponse response = ResponseTo(request);
  EXPECT_EQ(static_cast<int>(response.status), 500);
  EXPECT_THAT(std::string(TextOf(response.body)), HasSubstr("until pistream starts again"));
  EXPECT_THAT(std::string(response.fields[http::field::set_cookie]), HasSubstr("=; Max-Age=0; "));
  EXPECT_EQ(RoleBy(cookie), Role::kNone);
}

TEST_F(RoutesAuthTest, OtherHost_IsToldTheOption) {
  for (const std::string target : {"/", "/index.html", "/healthz", "/session", "/stream"}) {
    HttpRequest request = ProgramRequestOf(target);
    request.set(http::field::host, "Evil.example:8082");
    Authorize(request, Role::kControl);
    const HttpResponse response = ResponseTo(request);
    EXPECT_EQ(static_cast<int>(response.status), 421) << target;
    EXPECT_THAT(std::string(TextOf(response.body)),
                AllOf(HasSubstr("'evil.example'"), HasSubstr("--host-name evil.example")));
    EXPECT_EQ(response.warning,
              "refused a request for 'evil.example', which is no name of this server: --host-name "
              "evil.example would make it one; otherwise, a proxy must pass on Host (nginx: "
              "proxy_set_header Host $http_host; Apache: ProxyPreserveHost on)");
  }
  HttpRequest handshake = HandshakeOf("/stream");
  handshake.set(http::field::host, "evil.example");
  handshake.set(http::field::origin, "http://evil.example");
  EXPECT_EQ(StatusOf(handshake, Role::kView), 421) << "DNS rebinding";
  EXPECT_EQ(StatusOf(handshake, Role::kView, true), 421);
  for (const std::string host : {"pi", "PI.:1", "192.168.1.2", "[::1]:8082", "localhost"}) {
    HttpRequest request = ProgramRequestOf("/index.html");
    request.set(http::field::host, host);
    EXPECT_EQ(static_cast<int>(ResponseTo(request).status), 200) << host;
  }
}

TEST_F(RoutesAuthTest, TrustedProxy_SaysTheHostOrHasItsOwnUnchecked) {
  HttpRequest request = HandshakeOf("/stream");
  request.set(http::field::host, "upstream");
  request.set(http::field::origin, "https://pi");
  Authorize(request, Role::kView);
  EXPECT_EQ(static_cast<int>(ResponseTo(request).status), 421);
  const std::string proxy = "127.0.0.1";
  EXPECT_EQ(static_cast<int>(ResponseTo(request, false, proxy).status), 403)
      << "whose page it is, nobody knows";
  request.set("X-Forwarded-Host", "pi");
  EXPECT_EQ(static_cast<int>(ResponseTo(request, false, proxy).status), 101);
  EXPECT_EQ(static_cast<int>(ResponseTo(request).status), 421);
  request.set("X-Forwarded-Host", "evil.example");
  EXPECT_EQ(static_cast<int>(ResponseTo(request, false, proxy).status), 421);
  request.set("X-Forwarded-Host", "a b");
  EXPECT_EQ(static_cast<int>(ResponseTo(request, false, proxy).status), 400);
  request.erase("X-Forwarded-Host");
  request.erase(http::field::origin);
  EXPECT_EQ(static_cast<int>(ResponseTo(request, false, proxy).status), 101);
}

TEST_F(RoutesAuthTest, ClientsOfATrustedProxy_HaveLimitsOfTheirOwn) {
  HttpRequest request = ProgramRequestOf("/stream.v1");
  request.set(http::field::authorization, "Bearer wrong");
  request.set("X-Forwarded-For", "10.9.9.9, 10.0.0.1");
  for (int i = 0; i <= FailureLimit::kBurst; ++i) {
    EXPECT_EQ(static_cast<int>(ResponseTo(request, false, "127.0.0.1").status),
              i < FailureLimit::kBurst ? 401 : 429);
  }
  request.set("X-Forwarded-For", "10.0.0.2");
  EXPECT_EQ(static_cast<int>(ResponseTo(request, false, "127.0.0.1").status), 401);
}

TEST_F(RoutesAuthTest, TlsIsRequired_PagesAreRedirectedAndAllElseIsRefused) {
  RoutesConfig config = Config();
  config.redirects_to_tls = true;
  routes_.emplace(*StaticFiles::Make(assets_, {}, 0), std::move(config));
  const auto response_to = [&](const HttpRequest& request, const RequestContext& context) {
    return std::get<HttpResponse>(TheRoutes().Route(request, context));
  };
  const RequestContext plain{.local_address = "192.168.1.2", .peer_address = "192.168.1.7"};
  const auto location = [](const HttpResponse& response) {
    return std::string(response.fields[http::field::location]);
  };
  HttpResponse response = response_to(ProgramRequestOf("/streams/door/index.html?a=b%20c"), plain);
  EXPECT_EQ(response.status, http::status::permanent_redirect);
  EXPECT_EQ(location(response), "https://pi:8082/streams/door/index.html?a=b%20c");
  HttpRequest without_port = ProgramRequestOf("/");
  without_port.set(http::field::host, "[fd00::7]");
  EXPECT_EQ(location(response_to(without_port, plain)), "https://[fd00::7]:80/")
      << "both are on one port";
  // Its own names only: nobody is led elsewhere.
  HttpRequest elsewhere = ProgramRequestOf("/");
  elsewhere.set(http::field::host, "example.com");
  EXPECT_EQ(response_to(elsewhere, plain).status, http::status::misdirected_request);

  HttpRequest token = ProgramRequestOf("/api/v1/streams");
  Authorize(token, Role::kView);
  for (const HttpRequest& request :
       {HandshakeOf("/stream"), HandshakeOf("/"), ProgramRequestOf("/session", http::verb::post)}) {
    response = response_to(request, plain);
    EXPECT_EQ(response.status, http::status::forbidden);
    EXPECT_NE(TextOf(response.body).find("wss"), std::string::npos);
  }
  RequestContext classic = plain;
  classic.is_classic_port = true;
  EXPECT_EQ(response_to(ProgramRequestOf("/"), classic).status, http::status::forbidden);

  for (const std::string health : {"/healthz", "/streams/garden/healthz"}) {
    EXPECT_NE(response_to(ProgramRequestOf(health), plain).status,
              http::status::permanent_redirect);
    EXPECT_NE(response_to(ProgramRequestOf(health), plain).status, http::status::forbidden);
    for (const RequestContext& context : {plain, classic}) {
      EXPECT_EQ(response_to(HandshakeOf(health), context).status, http::status::forbidden)
          << health;
    }
    EXPECT_EQ(response_to(ProgramRequestOf(health), classic).status, http::status::forbidden);
    EXPECT_EQ(response_to(ProgramRequestOf(health, http::verb::post), plain).status,
              http::status::forbidden);
  }
  for (const std::string other :
       {"/a/healthz", "/api/v1/streams/healthz", "/streams/a/b/healthz", "/healthz/healthz"}) {
    EXPECT_EQ(response_to(ProgramRequestOf(other), plain).status, http::status::permanent_redirect)
        << other;
  }
  RequestContext secure = plain;
  secure.is_secure = true;
  EXPECT_EQ(response_to(token, secure).status, http::status::ok);
  RequestContext proxy = plain;
  proxy.peer_address = "127.0.0.1";
  EXPECT_EQ(response_to(token, proxy).status, http::status::ok) << "it is trusted";
}

TEST_F(RoutesAuthTest, Open_EverybodyMayDoEverything) {
  authenticator_.SetTokens(std::nullopt);
  for (const std::string target : {"/metrics", "/stream.v1", "/session", "/index.html"}) {
    EXPECT_EQ(StatusOf(target, Role::kNone), 200) << target;
  }
  EXPECT_EQ(StatusOf(HandshakeOf("/stream"), Role::kNone), 101);
  EXPECT_EQ(StatusOf(ProgramRequestOf("/api/v1/controls", http::verb::put), Role::kNone), 200);
  EXPECT_EQ(static_cast<int>(LogInWith("anything").status), 200);
}

}  // namespace
}  // namespace pistream
