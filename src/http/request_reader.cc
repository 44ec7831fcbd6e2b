#include "src/http/request_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include "src/http/text.h"

namespace pistream {

namespace http = boost::beast::http;

namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

}  // namespace

RequestReader::Status RequestReader::Next() {
  switch (state_) {
    case State::kBetweenRequests:
    case State::kDone:
      return BeginRequest();
    case State::kHead:
      return ReadHead();
    case State::kBody:
      return ReadBody();
    case State::kFailed:
      break;
  }
  return Status::kError;
}

RequestReader::Status RequestReader::BeginRequest() {
  state_ = State::kBetweenRequests;
  size_t start = 0;  // RFC 9112, 2.2: after empty lines
  while (std::string_view(pending_).substr(start).starts_with(kLineEnd)) {
    start += kLineEnd.size();
  }
  pending_.erase(0, start);
  if (pending_.empty() || pending_ == "\r") {
    return Status::kNeedMore;
  }
  state_ = State::kHead;
  scanned_ = 0;
  return ReadHead();
}

// Beast's parser would take lines as they come, and tell a malformed head by its first part: the
// same bytes would be answered differently when they are cut differently. So it is given whole
// heads.
RequestReader::Status RequestReader::ReadHead() {
  for (; scanned_ < pending_.size(); ++scanned_) {
    if (scanned_ == kMaximumHead) {
      return Fail(http::status::request_header_fields_too_large);
    }
    const char c = pending_[scanned_];
    const bool follows_cr = scanned_ > 0 && pending_[scanned_ - 1] == '\r';
    const bool ends_line = c == '\n';
    if (ends_line != follows_cr || (IsControl(c) && c != '\r' && !ends_line)) {
      return Fail(http::status::bad_request);
    }
    const size_t size = scanned_ + 1;
    if (ends_line && std::string_view(pending_).substr(0, size).ends_with(kHeadEnd)) {
      return ParseHead(size);
    }
  }
  return Status::kNeedMore;
}

RequestReader::Status RequestReader::ParseHead(size_t size) {
  parser_.emplace();
  parser_->header_limit(kMaximumHead + 1);
  parser_->body_limit(boost::none);  // the body is read here
  boost::beast::error_code error;
  const size_t parsed = parser_->put(boost::asio::buffer(pending_.data(), size), error);
  if ((error && error != http::error::need_more) || !parser_->is_header_done() || parsed != size) {
    return Fail(http::status::bad_request);
  }
  pending_.erase(0, size);
  return BeginBody();
}

RequestReader::Status RequestReader::BeginBody() {
  const HttpRequest& request = parser_->get();
  const bool has_length = request.count(http::field::content_length) != 0;
  chunks_.reset();
  body_size_ = 0;
  if (request.count(http::field::transfer_encoding) != 0) {
    // RFC 9112, 6.1 and 6.3: who takes a body's bytes for a request has been sent a smuggled one.
    if (has_length || request.version() < 11) {
      return Fail(http::status::bad_request);
    }
    if (request.count(http::field::transfer_encoding) != 1 ||
        !boost::beast::iequals(request[http::field::transfer_encoding], "chunked")) {
      return Fail(http::status::not_implemented);
    }
    chunks_.emplace(maximum_body_);
  } else if (has_length) {
    const auto length = parser_->content_length();
    if (!length || *length > maximum_body_) {
      return Fail(length ? http::status::payload_too_large : http::status::bad_request);
    }
    body_size_ = static_cast<size_t>(*length);
  }
  state_ = State::kBody;
  return ReadBody();
}

RequestReader::Status RequestReader::ReadBody() {
  if (is_chunked()) {
    return ReadChunks();
  }
  if (pending_.size() < body_size_) {
    return Status::kNeedMore;
  }
  parser_->get().body() = pending_.substr(0, body_size_);
  pending_.erase(0, body_size_);
  return Finish();
}

RequestReader::Status RequestReader::ReadChunks() {
  const auto [status, consumed] = chunks_->Feed(pending_, parser_->get().body());
  pending_.erase(0, consumed);
  switch (status) {
    case ChunkedDecoder::Status::kNeedMore:
      return Status::kNeedMore;
    case ChunkedDecoder::Status::kDone:
      return Finish();
    case ChunkedDecoder::Status::kMalformed:
      return Fail(http::status::bad_request);
    case ChunkedDecoder::Status::kTooLarge:
      return Fail(http::status::payload_too_large);
  }
  return Fail(http::status::bad_request);
}

RequestReader::Status RequestReader::Finish() {
  state_ = State::kDone;
  return Status::kRequest;
}

RequestReader::Status RequestReader::Fail(http::status error) {
  state_ = State::kFailed;
  error_ = error;
  return Status::kError;
}

bool RequestReader::awaits_continue() const {
  return state_ == State::kBody && pending_.empty() && parser_->get().version() >= 11 &&
         parser_->get().body().empty() &&
         boost::beast::iequals(parser_->get()[http::field::expect], "100-continue");
}

}  // namespace pistream
