// Requests and answers as values, between the bytes of a connection and the routes.
#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <ctime>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace pistream {

using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;

// A body made for one answer; one that lives as long as the program; one shared by many answers.
using HttpBody =
    std::variant<std::string, std::span<const uint8_t>, std::shared_ptr<const std::string>>;
std::string_view BytesOf(const HttpBody& body);

struct HttpAnswer {
  boost::beast::http::status status = boost::beast::http::status::ok;
  // Content-Length, Date, Connection and the security headers are added by Serialize.
  boost::beast::http::fields fields;
  HttpBody body;
};

// An answer of one line of plain text.
HttpAnswer TextAnswer(boost::beast::http::status status, std::string_view line);

// Where an answer goes.
struct AnswerFraming {
  unsigned version = 11;  // of the request: 10 or 11
  bool keep_alive = false;
  bool head = false;  // answer to HEAD: no body, the same headers
};

struct SerializedAnswer {
  std::string head;  // status line and headers, with the empty line
  HttpBody body;     // nothing where none is to be sent
};
SerializedAnswer Serialize(HttpAnswer answer, const AnswerFraming& framing, std::time_t now);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
std::string HttpDate(std::time_t time);

}  // namespace pistream
