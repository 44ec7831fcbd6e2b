// Which pages may watch, and what follows for the headers of responses. One rule: a page that may
// watch may also show our page in a frame, load the player and read what it is sent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/http/http_message.h"

namespace pistream {

// Immutable: any thread.
class AccessPolicy {
 public:
  // Origins that may watch besides those on the server's own host. Those that are not valid are
  // left out.
  explicit AccessPolicy(const std::vector<std::string>& allowed_origins);

  // Whether the page that sent `request`, which asks for a WebSocket, may watch. What sends no
  // Origin is not a page of another site: browsers always do.
  bool MayWatch(const HttpRequest& request) const;

  // Whether a page of `origin` may watch the server that was asked for as `request` says.
  bool IsAllowed(std::string_view origin, const HttpRequest& request) const;

  // CORS and Cross-Origin-Resource-Policy for the response to `request`.
  boost::beast::http::fields HeadersFor(const HttpRequest& request) const;

  // Content-Security-Policy of the embedded page, its scripts and its workers.
  std::string PagePolicyFor(const HttpRequest& request) const;

 private:
  std::vector<std::string> allowed_origins_;
};

}  // namespace pistream
