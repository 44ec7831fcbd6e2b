#include "src/http/http_session.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <ctime>
#include <utility>

namespace pistream {

namespace asio = boost::asio;
namespace http = boost::beast::http;

using boost::system::error_code;

namespace {

// Read after the last answer, so that closing does not turn into a reset that takes the answer
// away.
constexpr size_t kMaximumDiscarded = 1 << 20;

constexpr size_t kSendAtOnce = 64 << 10;

}  // namespace

HttpSession::HttpSession(Socket socket, bool is_classic_port, HttpEnvironment& environment)
    : socket_(std::move(socket)),
      is_classic_port_(is_classic_port),
      env_(environment),
      deadline_(environment.clock.Now() + kRequestPatience) {}

void HttpSession::Start() { Read(); }

void HttpSession::Sweep(SteadyTime now) {
  if (now < deadline_) {
    return;
  }
  if (!is_sending_ && !is_late_ && reader_.is_within_request()) {
    is_late_ = true;
    deadline_ = now + kAnswerPatience;
    error_code ignored;
    socket_.cancel(ignored);  // the reading ends, and OnEnd answers
    return;
  }
  if (is_sending_) {
    SetAbortOnClose(socket_.native_handle());  // the kernel would keep what is not taken for long
  }
  Finish();
}

void HttpSession::Close() {
  is_over_ = true;
  error_code ignored;
  socket_.close(ignored);
}

void HttpSession::Read() {
  socket_.async_read_some(asio::buffer(input_),
                          [self = shared_from_this()](const error_code& error, size_t size) {
                            if (self->is_over_) {
                              return;
                            }
                            error ? self->OnEnd() : self->OnRead(size);
                          });
}

void HttpSession::OnRead(size_t size) {
  reader_.Append({input_.data(), size});
  AnswerNext();
}

// The peer sends no more, or took too long. Half a request is answered: the peer may still listen.
void HttpSession::OnEnd() {
  if (reader_.is_within_request()) {
    AnswerError(is_late_ ? http::status::request_timeout : http::status::bad_request);
  } else {
    Finish();
  }
}

void HttpSession::AnswerNext() {
  switch (reader_.Next()) {
    case RequestReader::Status::kNeedMore:
      return Read();
    case RequestReader::Status::kRequest:
      return AnswerRequest();
    case RequestReader::Status::kError:
      return AnswerError(reader_.error());
  }
}

void HttpSession::AnswerRequest() {
  const HttpRequest& request = reader_.request();
  Routed routed = env_.routes->Route(request, {.is_classic_port = is_classic_port_,
                                               .local_address = LocalAddress(),
                                               .size = env_.owner.picture_size()});
  viewer_ = routed.viewer;
  const bool is_understood = routed.answer.status != http::status::bad_request;
  Send(std::move(routed.answer), {.version = request.version(),
                                  .keep_alive = request.keep_alive() && is_understood,
                                  .head = request.method() == http::verb::head});
}

void HttpSession::AnswerError(http::status status) {
  Send(TextAnswer(status, http::obsolete_reason(status)), {});
}

void HttpSession::Send(HttpAnswer answer, const AnswerFraming& framing) {
  env_.metrics.HttpResponses(static_cast<int>(answer.status)).Increment();
  is_sending_ = true;
  keep_alive_ = framing.keep_alive;
  answer_ = Serialize(std::move(answer), framing, std::time(nullptr));
  const std::array<asio::const_buffer, 2> parts = {asio::buffer(answer_.head),
                                                   asio::buffer(BytesOf(answer_.body))};
  const auto self = shared_from_this();
  const auto more = [self](const error_code& error, size_t) -> size_t {
    self->deadline_ = self->env_.clock.Now() + kAnswerPatience;  // from the last progress
    return error ? 0 : kSendAtOnce;
  };
  asio::async_write(socket_, parts, more, [self](const error_code& error, size_t) {
    if (self->is_over_) {
      return;
    }
    error ? self->Finish() : self->OnSent();
  });
}

void HttpSession::OnSent() {
  is_sending_ = false;
  answer_ = {};
  if (viewer_) {
    return BecomeViewer();
  }
  if (!keep_alive_) {
    return Linger();
  }
  deadline_ = env_.clock.Now() + kRequestPatience;
  AnswerNext();
}

void HttpSession::BecomeViewer() {
  is_over_ = true;
  const auto self = shared_from_this();
  env_.owner.Forget(self);
  env_.owner.BecomeViewer(std::move(socket_), *viewer_, reader_.TakeRest());
}

// Closes our side, and the whole when the peer has closed its own, which it does once it has read
// the answer.
void HttpSession::Linger() {
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  deadline_ = env_.clock.Now() + kClosePatience;
  DiscardUntilEnd();
}

void HttpSession::DiscardUntilEnd() {
  socket_.async_read_some(
      asio::buffer(input_), [self = shared_from_this()](const error_code& error, size_t size) {
        if (self->is_over_) {
          return;
        }
        self->discarded_bytes_ += size;
        const bool is_enough = error || self->discarded_bytes_ > kMaximumDiscarded;
        is_enough ? self->Finish() : self->DiscardUntilEnd();
      });
}

void HttpSession::Finish() {
  const auto self = shared_from_this();
  Close();
  env_.owner.Forget(self);
}

std::string HttpSession::LocalAddress() const {
  error_code error;
  const auto endpoint = socket_.local_endpoint(error);
  const std::string address = error ? "127.0.0.1" : endpoint.address().to_string();
  return endpoint.address().is_v6() ? "[" + address + "]" : address;
}

}  // namespace pistream
