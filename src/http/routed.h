// What a route makes of a request: a response at once, later, or without end; or a viewer.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "src/auth/credential.h"
#include "src/http/http_message.h"
#include "src/http/mailbox.h"
#include "src/http/stream_protocol.h"

namespace pistream {

class SessionLink;

// Gives a connection the response that it waits for. Copies are the same responder. The first call
// counts, from any thread; when the connection has ended it does nothing. The last copy that goes
// without a call gives a 500.
class Responder {
 public:
  explicit Responder(const std::shared_ptr<SessionLink>& link);

  void operator()(HttpResponse response) const;

 private:
  std::shared_ptr<SessionLink> link_;
  std::shared_ptr<const void> last_;  // responds when it is destroyed
};

// Tells a connection that its BodySource has more. Any thread; when the connection has ended it
// does nothing.
class BodyWaker {
 public:
  explicit BodyWaker(std::shared_ptr<SessionLink> link) : link_(std::move(link)) {}

  void operator()() const;

 private:
  std::shared_ptr<SessionLink> link_;
};

// The connection becomes a viewer of `stream` once `response` is sent: a 101, or the head of a
// response whose body is the stream.
struct Upgrade {
  HttpResponse response;
  std::string stream;
  StreamProtocol protocol = StreamProtocol::kPlain;
  BodyLength length = BodyLength::kKnown;         // of a 101, which has no body
  std::shared_ptr<Mailbox> mailbox = nullptr;     // with a body: for the viewer's messages
  CredentialId credential = CredentialId::kNone;  // let the viewer in
};

// The response comes later. At most for kDeferredTimeout: then the client gets a 503.
struct Deferred {
  // Called once, on the connection's thread. May respond at once.
  std::function<void(Responder respond)> start;
  // Called at most once, on the connection's thread, after `start`, when there is nobody to respond
  // to: the client has left or the time is over. With it a client that only closes its sending side
  // counts as one that has left; without it such a client still gets its response.
  std::function<void()> cancel = nullptr;
  // Added to the response where it has none of the same name.
  boost::beast::http::fields fields = {};
};

// Where a body without a known end comes from. Used on the connection's thread only, and destroyed
// there when the client has left or the last piece is sent.
class BodySource {
 public:
  struct Piece {
    HttpBody bytes;        // none: there is no more at the moment
    bool is_last = false;  // of the body; may have bytes
  };

  virtual ~BodySource() = default;

  // Once, before all else. `wake` is to be called when there is more, after a Next() that gave no
  // bytes.
  virtual void Start(BodyWaker wake) = 0;

  // The next piece. Called when the socket has taken all of the piece before, so that no more than
  // one waits for a slow client.
  virtual Piece Next() = 0;
};

// `response` without a body, then what `source` gives: in chunks, or to a client of HTTP/1.0 until
// the connection is closed. A HEAD request gets the response only; `source` is not started.
struct Streamed {
  HttpResponse response;
  std::unique_ptr<BodySource> source;
};

using Routed = std::variant<HttpResponse, Upgrade, Deferred, Streamed>;

}  // namespace pistream
