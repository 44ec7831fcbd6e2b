// The opening handshake (RFC 6455, 4.2), without the check of origins.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/http/http_message.h"

namespace pistream {

inline constexpr std::string_view kPictureHeaderSubprotocol = "pistream.v1";

// Whether this is a request for a WebSocket, valid or not.
bool AsksForWebSocket(const HttpRequest& request);

// The error response for an invalid request (400, or 426 for a version other than 13); nothing if
// it is valid.
std::optional<HttpResponse> FindHandshakeFault(const HttpRequest& request);

bool OffersSubprotocol(const HttpRequest& request, std::string_view subprotocol);

// The 101 response. An empty `subprotocol` means none. Precondition: the request is valid.
HttpResponse AcceptHandshake(const HttpRequest& request, std::string_view subprotocol);

// Sec-WebSocket-Accept for this Sec-WebSocket-Key.
std::string AcceptKey(std::string_view key);

}  // namespace pistream
