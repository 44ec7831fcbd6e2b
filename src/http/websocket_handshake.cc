#include "src/http/websocket_handshake.h"

#include <algorithm>
#include <array>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <cstdint>

#include "openssl/evp.h"

namespace pistream {

namespace http = boost::beast::http;

namespace {

bool HasToken(const HttpRequest& request, http::field name, std::string_view token) {
  const auto [first, last] = request.equal_range(name);
  return std::any_of(first, last, [&](const auto& field) {
    return http::token_list(field.value()).exists(token);
  });
}

bool IsBase64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

// 16 bytes in base64: 22 characters and two of padding (RFC 6455, 4.1).
bool IsKey(std::string_view key) {
  return key.size() == 24 && key.ends_with("==") &&
         std::all_of(key.begin(), key.begin() + 22, IsBase64);
}

HttpResponse BadHandshake(std::string_view line) {
  return TextResponse(http::status::bad_request, line);
}

// Browsers send all three. Proxies take them away, unless they are told not to.
bool IsUpgrade(const HttpRequest& request) {
  return request.version() >= 11 && HasToken(request, http::field::upgrade, "websocket") &&
         HasToken(request, http::field::connection, "upgrade");
}

}  // namespace

bool AsksForWebSocket(const HttpRequest& request) {
  return HasToken(request, http::field::upgrade, "websocket") ||
         request.count(http::field::sec_websocket_key) != 0;
}

std::optional<HttpResponse> FindHandshakeFault(const HttpRequest& request) {
  if (request.method() != http::verb::get) {
    return BadHandshake("A WebSocket handshake needs GET.");
  }
  if (!request.body().empty()) {
    return BadHandshake("A WebSocket handshake must not have a body.");
  }
  if (!IsUpgrade(request)) {
    return BadHandshake(
        "A WebSocket handshake needs HTTP/1.1, Upgrade: websocket and Connection: Upgrade. A proxy "
        "must pass them on (nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
        "proxy_set_header Connection upgrade; Apache: ProxyPass ... upgrade=websocket).");
  }
  if (request.count(http::field::sec_websocket_key) != 1 ||
      !IsKey(request[http::field::sec_websocket_key])) {
    return BadHandshake("A WebSocket handshake needs one Sec-WebSocket-Key of 16 bytes in base64.");
  }
  if (request[http::field::sec_websocket_version] != "13") {
    HttpResponse response =
        TextResponse(http::status::upgrade_required, "Only version 13 of WebSocket is supported.");
    response.fields.set(http::field::sec_websocket_version, "13");
    return response;
  }
  return std::nullopt;
}

bool OffersSubprotocol(const HttpRequest& request, std::string_view subprotocol) {
  const auto [first, last] = request.equal_range(http::field::sec_websocket_protocol);
  return std::any_of(first, last, [&](const auto& field) {
    const http::token_list tokens(field.value());
    return std::any_of(tokens.begin(), tokens.end(),
                       [&](const auto& token) { return token == subprotocol; });
  });
}

HttpResponse AcceptHandshake(const HttpRequest& request, std::string_view subprotocol) {
  HttpResponse response;
  response.status = http::status::switching_protocols;
  response.fields.set(http::field::upgrade, "websocket");
  response.fields.set(http::field::connection, "Upgrade");
  response.fields.set(http::field::sec_websocket_accept,
                      AcceptKey(request[http::field::sec_websocket_key]));
  if (!subprotocol.empty()) {
    response.fields.set(http::field::sec_websocket_protocol, subprotocol);
  }
  return response;
}

std::string AcceptKey(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned digest_size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &digest_size, EVP_sha1(), nullptr);
  std::array<uint8_t, 4 * ((EVP_MAX_MD_SIZE + 2) / 3) + 1> encoded{};
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest_size));
  return {encoded.begin(), encoded.begin() + length};
}

}  // namespace pistream
