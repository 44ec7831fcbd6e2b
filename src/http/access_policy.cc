#include "src/http/access_policy.h"

#include <algorithm>
#include <optional>

#include "src/http/origin.h"

namespace pistream {

namespace http = boost::beast::http;

namespace {

// What the embedded page needs and no more (its WASM decoder and worker, its WebSocket beside it),
// so that nothing injected into it could reach another host.
constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; "
    "worker-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'";

// Of the page that a request without an Origin header is for: an image's, a script's.
std::optional<std::string> RefererOrigin(const HttpRequest& request) {
  return OriginOf(request[http::field::referer]);
}

}  // namespace

AccessPolicy::AccessPolicy(const std::vector<std::string>& allowed_origins) {
  for (const std::string& origin : allowed_origins) {
    if (auto normalized = OriginOf(origin)) {
      allowed_origins_.push_back(*std::move(normalized));
    }
  }
}

bool AccessPolicy::IsAllowed(std::string_view origin, const HttpRequest& request) const {
  return IsAllowedOrigin(origin, request[http::field::host], allowed_origins_);
}

bool AccessPolicy::MayWatch(const HttpRequest& request) const {
  const size_t count = request.count(http::field::origin);
  return count == 0 || (count == 1 && IsAllowed(request[http::field::origin], request));
}

bool AccessPolicy::IsOfForeignPage(const HttpRequest& request) const {
  if (request.count(http::field::origin) != 0) {
    return !MayWatch(request);
  }
  const auto referer = RefererOrigin(request);
  return request["Sec-Fetch-Site"] == "cross-site" || (referer && !IsAllowed(*referer, request));
}

http::fields AccessPolicy::HeadersFor(const HttpRequest& request) const {
  http::fields fields;
  fields.set(http::field::vary, "Origin");
  const bool has_origin = request.count(http::field::origin) != 0;
  if (has_origin && MayWatch(request)) {
    fields.set(http::field::access_control_allow_origin, request[http::field::origin]);
  }
  const auto referer = RefererOrigin(request);
  // "same-site" where the page is not known: that are the other ports of the same host.
  std::string_view resource_policy = "same-site";
  if (has_origin || referer) {
    const bool is_allowed = has_origin ? MayWatch(request) : IsAllowed(*referer, request);
    resource_policy = is_allowed ? "cross-origin" : "same-origin";
  }
  fields.set("Cross-Origin-Resource-Policy", resource_policy);
  return fields;
}

std::string AccessPolicy::PagePolicyFor(const HttpRequest& request) const {
  std::string policy(kPagePolicy);
  // Any page can make itself one of the origin "null", in a sandboxed frame.
  if (std::ranges::find(allowed_origins_, "null") != allowed_origins_.end()) {
    return policy;
  }
  policy += "; frame-ancestors 'self'";
  const auto host = HostOf(request[http::field::host]);
  if (host && !host->starts_with('[')) {  // there is no way to write IPv6 addresses here
    policy += " http://" + *host + ":* https://" + *host + ":*";
  }
  for (const std::string& origin : allowed_origins_) {
    policy += origin == "file://" ? " file:" : " " + origin;
  }
  return policy;
}

}  // namespace pistream
