#include "src/http/routes.h"

#include <algorithm>
#include <utility>

#include "src/http/origin.h"
#include "src/http/request_target.h"
#include "src/http/websocket_handshake.h"

namespace pistream {

namespace http = boost::beast::http;

namespace {

HttpAnswer NotFound() { return TextAnswer(http::status::not_found, "There is nothing here."); }

HttpAnswer MethodNotAllowed() {
  HttpAnswer answer =
      TextAnswer(http::status::method_not_allowed, "Only GET and HEAD are answered.");
  answer.fields.set(http::field::allow, "GET, HEAD");
  return answer;
}

HttpAnswer RedirectToIndex() {
  HttpAnswer answer = TextAnswer(http::status::moved_permanently, "See /index.html.");
  answer.fields.set(http::field::location, "/index.html");
  return answer;
}

// RFC 9110, 13.1.2: a list of tags, compared weakly, or "*".
bool MatchesEtag(std::string_view if_none_match, std::string_view etag) {
  while (!if_none_match.empty()) {
    const size_t comma = std::min(if_none_match.find(','), if_none_match.size());
    std::string_view tag = if_none_match.substr(0, comma);
    if_none_match.remove_prefix(std::min(comma + 1, if_none_match.size()));
    tag.remove_prefix(std::min(tag.find_first_not_of(" \t"), tag.size()));
    tag = tag.substr(0, tag.find_last_not_of(" \t") + 1);
    if (tag.starts_with("W/")) {
      tag.remove_prefix(2);
    }
    if (tag == etag || tag == "*") {
      return true;
    }
  }
  return false;
}

// RFC 9110, 13.2.2: the tag has precedence over the date. Dates are compared as text: browsers send
// back what they were given.
bool IsNotModified(const HttpRequest& request, const StaticFile& file) {
  const auto if_none_match = request.find(http::field::if_none_match);
  if (if_none_match != request.end()) {
    return MatchesEtag(if_none_match->value(), file.etag);
  }
  return request[http::field::if_modified_since] == HttpDate(file.modified);
}

// RFC 9112, 3.2: without it, or with two, nobody knows whom the client meant.
bool HasOneHost(const HttpRequest& request) {
  const size_t count = request.count(http::field::host);
  return count == 1 || (count == 0 && request.version() < 11);
}

bool IsAllowedViewer(const HttpRequest& request, std::span<const std::string> allowed) {
  const size_t count = request.count(http::field::origin);
  // Browsers always send it; what sends none is not a page of another site.
  return count == 0 || (count == 1 && IsAllowedOrigin(request[http::field::origin],
                                                      request[http::field::host], allowed));
}

}  // namespace

Routes::Routes(StaticFiles files, RoutesConfig config)
    : files_(std::move(files)), config_(std::move(config)) {}

Routed Routes::Route(const HttpRequest& request, const RequestContext& context) const {
  const auto path = DecodePath(request.target());
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    return {MethodNotAllowed(), std::nullopt};
  }
  if (!path || !HasOneHost(request)) {
    return {TextAnswer(http::status::bad_request, "The request is malformed."), std::nullopt};
  }
  if (!request.body().empty()) {
    return {TextAnswer(http::status::payload_too_large, "A request here has no body."),
            std::nullopt};
  }
  if (AsksForWebSocket(request)) {
    return RouteUpgrade(request, *path, context);
  }
  return {context.is_classic_port ? NotFound() : AnswerGet(request, *path, context), std::nullopt};
}

Routed Routes::RouteUpgrade(const HttpRequest& request, const std::string& path,
                            const RequestContext& context) const {
  const bool is_stream = path == "/stream" && !context.is_classic_port;
  if (!is_stream && path != "/") {
    return {NotFound(), std::nullopt};
  }
  if (auto fault = FindHandshakeFault(request)) {
    return {std::move(*fault), std::nullopt};
  }
  if (!IsAllowedViewer(request, config_.allowed_origins)) {
    return {TextAnswer(http::status::forbidden,
                       "Pages of other hosts may not watch: see --allow-origin."),
            std::nullopt};
  }
  const bool has_headers = is_stream && OffersSubprotocol(request, kPictureHeaderSubprotocol);
  return {AcceptHandshake(request, has_headers ? kPictureHeaderSubprotocol : ""),
          ViewerKind{.is_classic = !is_stream, .has_picture_headers = has_headers}};
}

HttpAnswer Routes::AnswerGet(const HttpRequest& request, const std::string& path,
                             const RequestContext& context) const {
  if (path == "/") {
    return RedirectToIndex();
  }
  if (path == "/healthz") {
    return AnswerHealth();
  }
  if (path == "/metrics") {
    HttpAnswer answer = TextAnswer(http::status::ok, "");
    answer.fields.set(http::field::content_type, "text/plain; version=0.0.4; charset=utf-8");
    answer.body = config_.metrics_text();
    return answer;
  }
  return AnswerFile(request, path, context);
}

HttpAnswer Routes::AnswerFile(const HttpRequest& request, const std::string& path,
                              const RequestContext& context) const {
  PageValues values{.host = HostOf(request[http::field::host]).value_or(context.local_address),
                    .ws_port = config_.classic_port,
                    .size = context.size};
  auto file = files_.Find(path, values);
  if (!file) {
    return NotFound();
  }
  HttpAnswer answer;
  answer.fields.set(http::field::etag, file->etag);
  answer.fields.set(http::field::last_modified, HttpDate(file->modified));
  answer.fields.set(http::field::cache_control, "no-cache");  // kept, but asked about each time
  if (!file->is_embedded) {
    // The owner's own pages: pistreaming's have their script and style in the page, and their
    // WebSocket on another port.
    answer.fields.set("Content-Security-Policy", "frame-ancestors 'self'");
  }
  if (IsNotModified(request, *file)) {
    answer.status = http::status::not_modified;
    return answer;
  }
  answer.fields.set(http::field::content_type, file->content_type);
  answer.body = std::move(file->body);
  return answer;
}

HttpAnswer Routes::AnswerHealth() const {
  const auto trouble = config_.trouble();
  return trouble ? TextAnswer(http::status::service_unavailable, *trouble)
                 : TextAnswer(http::status::ok, "ok");
}

}  // namespace pistream
