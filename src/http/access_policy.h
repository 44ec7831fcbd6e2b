// Which pages may watch, and the resulting headers of responses. A page that may watch may also
// embed pistream's page in a frame, load the player and read responses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/http/http_message.h"

namespace pistream {

// Immutable: any thread.
class AccessPolicy {
 public:
  // Origins that may watch in addition to those on the server's host. Invalid ones are ignored.
  explicit AccessPolicy(const std::vector<std::string>& allowed_origins);

  // Whether the page that sent `request` may watch. Browsers always send Origin with a WebSocket
  // handshake and with POST: without it, those are not from a page of another site. A GET without
  // it may be, for an image or a link.
  bool MayWatch(const HttpRequest& request) const;

  // Whether a page of `origin` may watch the server that `request` is addressed to.
  bool IsAllowed(std::string_view origin, const HttpRequest& request) const;

  // Whether a page of another site made the browser send it, as far as the browser tells.
  bool IsOfForeignPage(const HttpRequest& request) const;

  // CORS and Cross-Origin-Resource-Policy for the response to `request`.
  boost::beast::http::fields HeadersFor(const HttpRequest& request) const;

  // Content-Security-Policy of the embedded page, its scripts and its workers.
  std::string PagePolicyFor(const HttpRequest& request) const;

 private:
  std::vector<std::string> allowed_origins_;
};

}  // namespace pistream
