#include "src/http/request_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

namespace pistream {

namespace http = boost::beast::http;

namespace {

http::status StatusFor(const boost::beast::error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return http::status::request_header_fields_too_large;
  }
  if (error == http::error::body_limit) {
    return http::status::payload_too_large;
  }
  return http::status::bad_request;
}

}  // namespace

void RequestReader::Reset() {
  parser_.emplace();
  parser_->header_limit(kMaximumHeader);
  parser_->body_limit(boost::none);  // bodies are not read, whatever their length
}

// Any transfer coding: whoever takes the body's bytes for a request has smuggled one (RFC
// 9112, 6.3).
bool RequestReader::has_body() const {
  return parser_->get().count(http::field::transfer_encoding) != 0 ||
         parser_->content_length().value_or(0) != 0;
}

RequestReader::Status RequestReader::Next() {
  if (parser_->is_header_done()) {
    Reset();
  }
  while (pending_.starts_with("\r\n")) {  // RFC 9112, 2.2: empty lines before a request
    pending_.erase(0, 2);
  }
  if (pending_.empty()) {
    return Status::kNeedMore;
  }
  boost::beast::error_code error;
  const size_t consumed = parser_->put(boost::asio::buffer(pending_), error);
  pending_.erase(0, consumed);
  if (error && error != http::error::need_more) {
    error_ = StatusFor(error);
    return Status::kError;
  }
  return parser_->is_header_done() ? Status::kRequest : Status::kNeedMore;
}

}  // namespace pistream
