#include "src/http/session_route.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "src/base/log.h"
#include "src/http/request_target.h"
#include "src/http/text.h"

namespace pistream {

namespace http = boost::beast::http;
namespace json = boost::json;

namespace {

// Not Basic: browsers would open a window of their own, whose password reaches no WebSocket in some
// of them. Programs may send it all the same.
constexpr std::string_view kScheme = "Bearer realm=\"pistream\"";

HttpResponse JsonResponse(http::status status, std::string body) {
  HttpResponse response = TextResponse(status, "");
  response.fields.set(http::field::content_type, "application/json");
  response.body = std::move(body);
  return response;
}

HttpResponse RoleResponse(http::status status, Role role) {
  return JsonResponse(status, fmt::format("{{\"role\":\"{}\"}}\n", NameOf(role)));
}

HttpResponse Unauthorized(std::string_view line) {
  HttpResponse response = TextResponse(http::status::unauthorized, line);
  response.fields.set(http::field::www_authenticate, kScheme);
  return response;
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

std::optional<std::string> TokenInForm(const std::string& body) {
  const auto form = ParseTarget("/?" + body);
  const std::string* const token = form ? form->Find("token") : nullptr;
  return token != nullptr ? std::optional(*token) : std::nullopt;
}

std::optional<std::string> TokenInJson(const std::string& body) {
  boost::system::error_code error;
  const json::value value = json::parse(body, error);
  const json::object* const object = error ? nullptr : value.if_object();
  const json::value* const token = object != nullptr ? object->if_contains("token") : nullptr;
  return token != nullptr && token->is_string()
             ? std::optional(std::string(std::string_view(token->get_string())))
             : std::nullopt;
}

// The token, or the response that says what is wrong.
tl::expected<std::string, HttpResponse> TokenIn(const HttpRequest& request) {
  const std::string& body = request.body();
  std::string_view field = request[http::field::content_type];
  const std::string type = LowerCase(Trimmed(field.substr(0, field.find(';'))));
  std::optional<std::string> token;
  if (type.empty() || type == "text/plain") {
    token = Trimmed(body);
  } else if (type == "application/x-www-form-urlencoded") {
    token = TokenInForm(body);
  } else if (type == "application/json") {
    token = TokenInJson(body);
  } else {
    return tl::unexpected(
        TextResponse(http::status::unsupported_media_type,
                     "A token comes as text/plain, as a form (token=...) or as application/json "
                     "({\"token\": \"...\"})."));
  }
  if (!token || token->empty()) {
    return tl::unexpected(
        TextResponse(http::status::bad_request, "There is no token in the body."));
  }
  return *std::move(token);
}

}  // namespace

std::vector<std::string_view> CookiesOf(const HttpRequest& request) {
  std::vector<std::string_view> cookies;
  const auto [first, last] = request.equal_range(http::field::cookie);
  for (auto field = first; field != last; ++field) {
    cookies.emplace_back(field->value());
  }
  return cookies;
}

HttpResponse DescribeSession(Role role, bool is_open) {
  if (role == Role::kNone) {
    HttpResponse response = RoleResponse(http::status::unauthorized, role);
    response.fields.set(http::field::www_authenticate, kScheme);
    return response;
  }
  return is_open ? JsonResponse(http::status::ok,
                                fmt::format("{{\"role\":\"{}\",\"open\":true}}\n", NameOf(role)))
                 : RoleResponse(http::status::ok, role);
}

HttpResponse LogIn(const HttpRequest& request, const Sender& sender, Authenticator& authenticator) {
  auto token = TokenIn(request);
  if (!token) {
    return std::move(token).error();
  }
  const auto result =
      authenticator.LogIn(*token, sender.address, sender.is_secure, CookiesOf(request));
  if (result.authentication.role == Role::kNone) {
    return RefuseRole(result.authentication);
  }
  HttpResponse response = RoleResponse(http::status::ok, result.authentication.role);
  if (!result.set_cookie.empty()) {
    response.fields.set(http::field::set_cookie, result.set_cookie);
  }
  return response;
}

HttpResponse LogOut(const Sender& sender, const Authenticator& authenticator) {
  HttpResponse response{.status = http::status::no_content};
  response.fields.set(http::field::cache_control, "no-store");
  response.fields.set(http::field::set_cookie, authenticator.LogOut(sender.is_secure));
  return response;
}

HttpResponse LogOutEverywhere(const Sender& sender, Role role, Authenticator& authenticator) {
  HttpResponse response = LogOut(sender, authenticator);
  if (const auto ended = authenticator.LogOutEverywhere(role); !ended) {
    log::Error("sessions have ended, but only until the next start: {}", ended.error().message);
    HttpResponse failed = TextResponse(
        http::status::internal_server_error,
        "All are logged out, but only until pistream starts again: it cannot write its state.");
    AddFields(failed, response.fields);
    return failed;
  }
  return response;
}

HttpResponse RefuseRole(const Authentication& authentication) {
  using Outcome = Authentication::Outcome;
  switch (authentication.outcome) {
    case Outcome::kGranted:
      return TextResponse(http::status::forbidden, "This needs the token to control.");
    case Outcome::kTooMany: {
      const auto seconds = authentication.retry_after.count();
      HttpResponse response = TextResponse(
          http::status::too_many_requests,
          fmt::format("Too many wrong tokens came from this address. Try again in {} s.", seconds));
      response.fields.set(http::field::retry_after, std::to_string(seconds));
      response.is_held = true;
      return response;
    }
    case Outcome::kNoSecret:
      return Unauthorized("Log in: open the page, or send a token (Authorization: Bearer TOKEN).");
    case Outcome::kMisplaced:
      return Unauthorized(
          "The token to control is not taken from an address: send it as Authorization: Bearer.");
    case Outcome::kWrongSecret:
      return Unauthorized("The token is wrong.");
  }
  std::abort();  // not an enumerator
}

}  // namespace pistream
