// Requests for tests of the routes, and streams to ask for.
#pragma once

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/http/http_message.h"
#include "src/http/routes.h"

namespace pistream {

class FakeStreamDirectory final : public StreamDirectory {
 public:
  explicit FakeStreamDirectory(std::vector<StreamInfo> of = {{"camera", {64, 48}, std::nullopt}})
      : streams(std::move(of)) {}

  std::vector<StreamInfo> Streams() const override { return streams; }

  std::vector<StreamInfo> streams;
};

inline HttpRequest RequestOf(const std::string& target,
                             boost::beast::http::verb method = boost::beast::http::verb::get) {
  HttpRequest request(method, target, 11);
  request.set(boost::beast::http::field::host, "pi:8082");
  return request;
}

// As a program sends it, which gets the stream, too.
inline HttpRequest ProgramRequestOf(
    const std::string& target, boost::beast::http::verb method = boost::beast::http::verb::get) {
  HttpRequest request = RequestOf(target, method);
  request.set("Pistream-Client", "1");
  return request;
}

// RFC 6455, 4.1.
inline HttpRequest HandshakeOf(const std::string& target, const std::string& subprotocol = "") {
  namespace http = boost::beast::http;
  HttpRequest request = RequestOf(target);
  request.set(http::field::upgrade, "websocket");
  request.set(http::field::connection, "Upgrade");
  request.set(http::field::sec_websocket_key, "dGhlIHNhbXBsZSBub25jZQ==");
  request.set(http::field::sec_websocket_version, "13");
  if (!subprotocol.empty()) {
    request.set(http::field::sec_websocket_protocol, subprotocol);
  }
  return request;
}

}  // namespace pistream
