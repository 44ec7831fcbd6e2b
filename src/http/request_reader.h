// From a connection's bytes to HTTP requests. No connection, no clock: fuzzed as it is.
#pragma once

#include <boost/beast/http/parser.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "src/http/chunked_decoder.h"
#include "src/http/http_message.h"

namespace pistream {

// One a connection. Requests may be pipelined. Gives the same however the bytes are cut into
// pieces.
class RequestReader {
 public:
  // Request line and header fields together. As much as nginx takes: browsers send the cookies of
  // all ports of a host, and proxies that log people in add their own.
  static constexpr size_t kMaximumHead = 32 << 10;
  // A token, or control messages. Clients that have not logged in send bodies too.
  static constexpr size_t kMaximumBody = 4096;

  explicit RequestReader(size_t maximum_body = kMaximumBody) : maximum_body_(maximum_body) {}

  void Append(std::string_view bytes) { pending_.append(bytes); }

  enum class Status {
    kNeedMore,  // no whole request yet
    kRequest,   // request() is one, with its body
    kError,     // respond with error() and close: what follows cannot be told apart
  };
  // The next request in what was appended.
  Status Next();

  // Until the next call of Next().
  const HttpRequest& request() const { return parser_->get(); }
  boost::beast::http::status error() const { return error_; }

  // Some of a request has come, but not all of it. Empty lines before a request are not part of it.
  bool is_within_request() const { return state_ == State::kHead || state_ == State::kBody; }
  // The client waits for an interim 100 response before it sends the body (RFC 9110, 10.1.1).
  bool awaits_continue() const;
  // Appended, and not yet part of a request.
  size_t pending_bytes() const { return pending_.size(); }
  // What came after the last request.
  std::string TakeRest() { return std::move(pending_); }

 private:
  enum class State {
    kBetweenRequests,
    kHead,
    kBody,
    kDone,  // with request()
    kFailed,
  };

  Status BeginRequest();
  Status ReadHead();
  Status ParseHead(size_t size);
  Status BeginBody();
  Status ReadBody();
  Status ReadChunks();
  Status Finish();
  Status Fail(boost::beast::http::status error);
  bool is_chunked() const { return chunks_.has_value(); }

  const size_t maximum_body_;
  State state_ = State::kBetweenRequests;
  std::string pending_;
  size_t scanned_ = 0;  // bytes of `pending_` in which the head does not end

  std::optional<boost::beast::http::request_parser<HttpRequest::body_type>> parser_;
  std::optional<ChunkedDecoder> chunks_;
  size_t body_size_ = 0;  // as announced, if not chunked
  boost::beast::http::status error_ = boost::beast::http::status::bad_request;
};

}  // namespace pistream
