// From a connection's bytes to HTTP requests. No connection, no clock: fuzzed as it is.
#pragma once

#include <boost/beast/http/parser.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/http/http_message.h"

namespace pistream {

// One a connection. Requests may be pipelined; a request's body is never read.
class RequestReader {
 public:
  // Request line and headers together.
  static constexpr uint32_t kMaximumHeader = 8192;

  RequestReader() { Reset(); }

  void Append(std::string_view bytes) { pending_.append(bytes); }

  enum class Status {
    kNeedMore,  // no whole request yet
    kRequest,   // request() is one
    kError,     // answer with error() and close: what follows cannot be told apart
  };
  // The next request in what was appended.
  Status Next();

  const HttpRequest& request() const { return parser_->get(); }
  // The request announces a body. It stays unread: close after answering.
  bool has_body() const;
  boost::beast::http::status error() const { return error_; }

  // Some of a request has come, but not all of it.
  bool is_within_request() const { return !pending_.empty(); }
  // What came after the last request.
  std::string TakeRest() { return std::move(pending_); }

 private:
  void Reset();

  std::optional<boost::beast::http::request_parser<boost::beast::http::empty_body>> parser_;
  std::string pending_;
  boost::beast::http::status error_ = boost::beast::http::status::bad_request;
};

}  // namespace pistream
