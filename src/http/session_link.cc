#include "src/http/session_link.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "src/http/routed.h"

namespace pistream {

namespace asio = boost::asio;
namespace http = boost::beast::http;

SessionLink::SessionLink(asio::io_context& io, std::weak_ptr<SessionLinkTarget> target,
                         uint64_t exchange)
    : io_(&io), target_(std::move(target)), exchange_(exchange) {}

void SessionLink::Respond(HttpResponse response) {
  const MutexLock lock(mutex_);
  if (io_ == nullptr || std::exchange(has_responded_, true)) {
    return;
  }
  asio::post(*io_, [target = target_, exchange = exchange_,
                    moved = std::make_shared<HttpResponse>(std::move(response))] {
    if (const auto alive = target.lock()) {
      alive->OnResponse(exchange, std::move(*moved));
    }
  });
}

void SessionLink::Wake() {
  const MutexLock lock(mutex_);
  if (io_ == nullptr || std::exchange(is_awake_, true)) {
    return;
  }
  asio::post(*io_, [target = target_, exchange = exchange_] {
    if (const auto alive = target.lock()) {
      alive->OnBodyWake(exchange);
    }
  });
}

void SessionLink::TakeWake() {
  const MutexLock lock(mutex_);
  is_awake_ = false;
}

void SessionLink::Close() {
  const MutexLock lock(mutex_);
  io_ = nullptr;
}

Responder::Responder(const std::shared_ptr<SessionLink>& link)
    : link_(link), last_(nullptr, [link](const void*) {
        link->Respond(TextResponse(http::status::internal_server_error,
                                   "The server could not create a response."));
      }) {}

void Responder::operator()(HttpResponse response) const { link_->Respond(std::move(response)); }

void BodyWaker::operator()() const { link_->Wake(); }

}  // namespace pistream
