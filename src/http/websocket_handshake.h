// The opening handshake (RFC 6455, 4.2), as far as it does not depend on who may watch what.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/http/http_message.h"

namespace pistream {

inline constexpr std::string_view kPictureHeaderSubprotocol = "pistream.v1";

// Whether this request wants to become a WebSocket, rightly or wrongly asked for.
bool AsksForWebSocket(const HttpRequest& request);

// What is wrong with the request (400, or 426 for another version than 13); nothing if nothing is.
std::optional<HttpResponse> FindHandshakeFault(const HttpRequest& request);

bool OffersSubprotocol(const HttpRequest& request, std::string_view subprotocol);

// The 101. An empty `subprotocol` is none. Precondition: no fault was found.
HttpResponse AcceptHandshake(const HttpRequest& request, std::string_view subprotocol);

// Sec-WebSocket-Accept for this Sec-WebSocket-Key.
std::string AcceptKey(std::string_view key);

}  // namespace pistream
