// What a stranger sends to be let in: the Cookie header, a session's cookie, the Authorization
// header, the query and the body of a log-in. Nothing but the tokens, and what was made with them,
// may grant a role. The first byte chooses where the rest goes.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "src/auth/authenticator.h"
#include "src/auth/digest.h"
#include "src/auth/session_cookie.h"
#include "src/auth/tokens.h"
#include "src/base/fake_clock.h"
#include "src/base/log.h"
#include "src/http/routes.h"
#include "tests/support/requests.h"

namespace {

using namespace pistream;

namespace http = boost::beast::http;

constexpr std::string_view kPage = "<!doctype html>";

void Require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

// The fuzzer must not find the tokens in the corpus: they are in no other file.
const Tokens& TheTokens() {
  static const Tokens tokens = {.view = "fuzz-view-" + std::string(22, 'v'),
                                .control = "fuzz-control-" + std::string(22, 'c')};
  return tokens;
}

Authenticator& TheAuthenticator() {
  static FakeClock clock;
  static Authenticator& authenticator = *[] {
    log::SetLevel(log::Level::kOff);
    return new Authenticator(TheTokens(), "pi:8082", clock, [] {
      return std::chrono::sys_seconds(std::chrono::seconds(1'800'000'000));
    });
  }();
  return authenticator;
}

const Routes& TheRoutes() {
  static const FakeStreamDirectory directory;
  static const Asset assets[] = {
      {"/index.html", "text/html", {reinterpret_cast<const uint8_t*>(kPage.data()), kPage.size()}}};
  static const Routes& routes = *new Routes(*StaticFiles::Make(assets, {}, 0),
                                            {.classic_port = 8084,
                                             .allowed_origins = {},
                                             .hosts = HostPolicy({}),
                                             .trusted_proxies = {*ParseAddressRange("127.0.0.1")},
                                             .authenticator = &TheAuthenticator(),
                                             .metrics_text = [] { return std::string("metrics"); },
                                             .streams = directory});
  return routes;
}

// The cookie of somebody who has logged in.
const std::string& GoodValue() {
  static const std::string value = [] {
    const std::string field = TheAuthenticator().LogIn(TheTokens().view, "", false).set_cookie;
    const size_t begin = field.find('=') + 1;
    return field.substr(begin, field.find(';') - begin);
  }();
  return value;
}

// Whether `bytes` contain something that grants a role.
bool HasSecret(std::string_view bytes) {
  return bytes.find(TheTokens().view) != std::string_view::npos ||
         bytes.find(TheTokens().control) != std::string_view::npos ||
         bytes.find(GoodValue()) != std::string_view::npos;
}

void FuzzSession(std::string_view bytes) {
  static const SessionKey key(Sha256("a secret"), TheTokens());
  static const std::string good = key.Sign({.role = Role::kView, .expiry = {}, .epoch = 1});
  Require(!key.Verify(bytes) || bytes == good);
  // A good one with some characters replaced.
  std::string value = good;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    value[static_cast<uint8_t>(bytes[i]) % value.size()] = bytes[i + 1];
  }
  Require(key.Verify(value).has_value() == (value == good));
}

void FuzzCookies(std::string_view bytes) {
  const std::string name = SessionCookieName("pi:8082");
  for (const std::string_view value : CookieValues(bytes, name)) {
    const bool is_inside =
        value.empty() || (value.data() >= bytes.data() &&
                          value.data() + value.size() <= bytes.data() + bytes.size());
    Require(is_inside && value.find(';') == std::string_view::npos);
  }
  // One of our own among whatever there is before it, unless there are too many.
  const std::string with_good = name + "=" + GoodValue() + ";" + std::string(bytes);
  const Credentials given{.authorization = "", .cookies = {with_good}, .address = "192.168.1.7"};
  Require(Includes(TheAuthenticator().Authenticate(given).role, Role::kView));
}

HttpResponse Respond(const HttpRequest& request) {
  return std::get<HttpResponse>(
      TheRoutes().Route(request, {.local_address = "127.0.0.1", .peer_address = "127.0.0.1"}));
}

// Before whatever else is in the query, the token to view grants its role, and that to control
// none.
void FuzzQuery(std::string_view bytes) {
  for (const std::string& token : {TheTokens().view, TheTokens().control}) {
    HttpRequest request(http::verb::get, "/session?token=" + token + "&" + std::string(bytes), 11);
    request.set(http::field::host, "127.0.0.1");
    const http::status status = Respond(request).status;
    const bool is_view = token == TheTokens().view;
    Require(status == (is_view ? http::status::ok : http::status::unauthorized) ||
            status == http::status::bad_request);
  }
}

// A request with `bytes` in one of its places.
void FuzzRequest(uint8_t place, std::string_view bytes) {
  HttpRequest request(http::verb::get, "/session", 11);
  request.set(http::field::host, "127.0.0.1");
  switch (place % 5) {
    case 0:
      request.set(http::field::cookie, bytes);
      break;
    case 1:
      request.set(http::field::authorization, bytes);
      break;
    case 2:
      request.target("/session?" + std::string(bytes));
      break;
    case 3:
      for (const char* const name : {"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"}) {
        request.set(name, bytes);
      }
      break;
    default:
      request.method(http::verb::post);
      request.set(http::field::content_type, place < 64    ? "application/json"
                                             : place < 128 ? "application/x-www-form-urlencoded"
                                                           : "text/plain");
      request.body() = bytes;
      break;
  }
  const HttpResponse response = Respond(request);
  Require(response.status != http::status::ok || HasSecret(bytes));
  Require(response.fields.count(http::field::set_cookie) == 0 || HasSecret(bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  FuzzSession(bytes);
  FuzzCookies(bytes);
  FuzzQuery(bytes);
  FuzzRequest(data[0], bytes);
  return 0;
}
