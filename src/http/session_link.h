// From any thread to one connection, for as long as that lives.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>

#include "src/base/mutex.h"
#include "src/http/http_message.h"

namespace pistream {

// The connection's side: called on its thread. `exchange` is the one that the link was made for.
class SessionLinkTarget {
 public:
  virtual ~SessionLinkTarget() = default;

  virtual void OnResponse(uint64_t exchange, HttpResponse response) = 0;
  virtual void OnBodyWake(uint64_t exchange) = 0;
};

// Serves one deferred or streamed response. Thread-safe.
class SessionLink {
 public:
  SessionLink(boost::asio::io_context& io, std::weak_ptr<SessionLinkTarget> target,
              uint64_t exchange);

  // The first call counts.
  void Respond(HttpResponse response);
  // A wake-up that is on its way stands for those that follow it.
  void Wake();

  // The wake-up has arrived.
  void TakeWake();
  // Nothing is posted from now on: `io` may go.
  void Close();

 private:
  Mutex mutex_;
  boost::asio::io_context* io_ PISTREAM_GUARDED_BY(mutex_);  // null: closed
  const std::weak_ptr<SessionLinkTarget> target_;
  const uint64_t exchange_;
  bool has_responded_ PISTREAM_GUARDED_BY(mutex_) = false;
  bool is_awake_ PISTREAM_GUARDED_BY(mutex_) = false;
};

}  // namespace pistream
