// Requests and responses as values, between the bytes of a connection and the routes.
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

// Bytes that live as long as `owner`.
struct SharedBytes {
  std::shared_ptr<const void> owner;
  std::span<const uint8_t> bytes;
};

// A body made for one response; one that lives as long as the program; one that others use too.
using HttpBody = std::variant<std::string, std::span<const uint8_t>, SharedBytes>;
std::span<const uint8_t> BytesOf(const HttpBody& body);
std::string_view TextOf(const HttpBody& body);

struct HttpResponse {
  boost::beast::http::status status = boost::beast::http::status::ok;
  // Content-Length, Transfer-Encoding, Date and Connection are added by Serialize.
  boost::beast::http::fields fields = {};
  HttpBody body = {};
  // Sent only after a second, and the connection is closed: who guesses has to wait.
  bool is_held = false;
  // A warning to log, at most once a second; empty: none.
  std::string warning = {};
};

// A response of one line of plain text.
HttpResponse TextResponse(boost::beast::http::status status, std::string_view line);

// Adds those of `fields` whose names `response` does not have.
void AddFields(HttpResponse& response, const boost::beast::http::fields& fields);

// How the end of a body is determined.
enum class BodyLength {
  kKnown,       // Content-Length
  kChunked,     // chunks, of which the body of the HttpResponse is none
  kUntilClose,  // where the connection is closed: all that HTTP/1.0 can do
};

// The properties of a response that depend on the connection.
struct ResponseFraming {
  unsigned version = 11;  // of the request: 10 or 11
  bool keep_alive = false;
  bool is_head = false;  // response to HEAD: the same headers without the body
  BodyLength length = BodyLength::kKnown;
};

struct SerializedResponse {
  std::string head;  // status line and headers, with the empty line
  HttpBody body;     // empty where none is to be sent
};
SerializedResponse Serialize(HttpResponse response, const ResponseFraming& framing,
                             std::time_t now);

// One chunk's bytes before and after `size` bytes of a chunked body. No bytes: nothing.
struct ChunkFraming {
  std::string head;
  std::string tail;
};
ChunkFraming FrameChunk(size_t size, bool is_last);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
std::string HttpDate(std::time_t time);

}  // namespace pistream
