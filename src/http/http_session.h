// One connection while it speaks HTTP: until it closes, or becomes a viewer's.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "src/base/clock.h"
#include "src/base/rate_limit.h"
#include "src/base/sequence_checker.h"
#include "src/http/http_message.h"
#include "src/http/http_metrics.h"
#include "src/http/request_reader.h"
#include "src/http/routed.h"
#include "src/http/routes.h"
#include "src/http/session_link.h"
#include "src/net/transport.h"

namespace pistream {

class HttpSession;

// Keeps the sessions of one network thread.
class HttpSessionOwner {
 public:
  virtual ~HttpSessionOwner() = default;

  // The response is sent; `early` is what the client sent after its request.
  virtual void BecomeViewer(std::unique_ptr<Transport> transport, const Upgrade& upgrade,
                            const std::string& early) = 0;
  // The session is over.
  virtual void Forget(const std::shared_ptr<HttpSession>& session) = 0;
};

// What the sessions of one network thread share; outlives them.
struct HttpEnvironment {
  boost::asio::io_context& io;
  const Routes* routes;
  HttpMetrics& metrics;
  Clock& clock;
  HttpSessionOwner& owner;
  RateLimit warnings;
  std::array<uint8_t, 16 << 10> read_buffer{};
};

// Belongs to one network thread, which makes all calls. Requests are responded to one after the
// other, in the order they came, pipelined or not. No call fails: a fault of the connection ends
// the session.
class HttpSession final : public TransportHandler,
                          public SessionLinkTarget,
                          public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(std::unique_ptr<Transport> transport, bool is_classic_port,
              HttpEnvironment& environment);

  void Start();

  // From time to time: ends the session if the peer, or a deferred response, takes too long.
  void Sweep(SteadyTime now);

  // Closes whatever is under way. Does not tell the owner.
  void Close();

  void OnReadable() override;
  void OnWritable() override;
  void OnResponse(uint64_t exchange, HttpResponse response) override;
  void OnBodyWake(uint64_t exchange) override;

 private:
  enum class State {
    kReading,           // a request
    kSending,           // a response, or a piece of one
    kAwaitingResponse,  // a deferred one
    kHolding,           // a response that is not sent at once
    kAwaitingBody,      // of a streamed response
    kLingering,         // all is sent: waits for the peer to close
    kOver,
  };

  // What is being sent: `sent` bytes of these three together are.
  struct Outgoing {
    std::string head;
    HttpBody body;
    std::string tail;
    size_t sent = 0;

    size_t size() const { return head.size() + BytesOf(body).size() + tail.size(); }
  };
  enum class AfterSending {
    kReadBody,  // was an interim response
    kNextRequest,
    kNextPiece,
    kBecomeViewer,
    kLinger,
  };

  // Goes on as far as it can without waiting.
  void Drive();
  // One step of it. False if there is nothing to do before the next event.
  bool Step() PISTREAM_REQUIRES(thread_);
  bool StepReading() PISTREAM_REQUIRES(thread_);
  bool Receive() PISTREAM_REQUIRES(thread_);
  void EndReading() PISTREAM_REQUIRES(thread_);
  bool StepSending() PISTREAM_REQUIRES(thread_);
  void FinishSending() PISTREAM_REQUIRES(thread_);
  bool StepBody() PISTREAM_REQUIRES(thread_);
  bool StepLingering() PISTREAM_REQUIRES(thread_);

  void RouteRequest() PISTREAM_REQUIRES(thread_);
  void Take(HttpResponse response) PISTREAM_REQUIRES(thread_);
  void Take(Upgrade upgrade) PISTREAM_REQUIRES(thread_);
  void Take(Deferred deferred) PISTREAM_REQUIRES(thread_);
  void Take(Streamed streamed) PISTREAM_REQUIRES(thread_);
  void TakeDeferred(HttpResponse response) PISTREAM_REQUIRES(thread_);
  void SendContinue() PISTREAM_REQUIRES(thread_);
  void SendError(boost::beast::http::status status, std::string_view line)
      PISTREAM_REQUIRES(thread_);
  void SendResponse(HttpResponse response, BodyLength length, AfterSending after)
      PISTREAM_REQUIRES(thread_);
  void Send(Outgoing outgoing, AfterSending after) PISTREAM_REQUIRES(thread_);
  AfterSending AfterResponse() const PISTREAM_REQUIRES(thread_);
  std::shared_ptr<SessionLink> NewLink() PISTREAM_REQUIRES(thread_);
  void EndExchange() PISTREAM_REQUIRES(thread_);

  bool WatchPeer() PISTREAM_REQUIRES(thread_);
  void BecomeViewer() PISTREAM_REQUIRES(thread_);
  void AwaitReadable() PISTREAM_REQUIRES(thread_);
  void Finish() PISTREAM_REQUIRES(thread_);

  SequenceChecker thread_;
  std::unique_ptr<Transport> transport_ PISTREAM_GUARDED_BY(thread_);
  const bool is_classic_port_;
  const std::string peer_address_;  // as it was at first: nobody may hide it by leaving
  HttpEnvironment& env_;
  State state_ PISTREAM_GUARDED_BY(thread_) = State::kReading;
  SteadyTime deadline_ PISTREAM_GUARDED_BY(thread_);
  bool is_driving_ PISTREAM_GUARDED_BY(thread_) = false;
  bool awaits_readable_ PISTREAM_GUARDED_BY(thread_) = false;
  bool awaits_writable_ PISTREAM_GUARDED_BY(thread_) = false;

  RequestReader reader_ PISTREAM_GUARDED_BY(thread_);
  bool has_said_continue_ PISTREAM_GUARDED_BY(thread_) = false;

  // The response to the present request.
  unsigned version_ PISTREAM_GUARDED_BY(thread_) = 11;
  bool keep_alive_ PISTREAM_GUARDED_BY(thread_) = false;
  bool is_head_ PISTREAM_GUARDED_BY(thread_) = false;
  HttpResponse held_ PISTREAM_GUARDED_BY(thread_);
  Outgoing outgoing_ PISTREAM_GUARDED_BY(thread_);
  AfterSending after_sending_ PISTREAM_GUARDED_BY(thread_) = AfterSending::kNextRequest;
  std::optional<Upgrade> upgrade_ PISTREAM_GUARDED_BY(thread_);
  std::unique_ptr<BodySource> source_ PISTREAM_GUARDED_BY(thread_);
  BodyLength length_ PISTREAM_GUARDED_BY(thread_) = BodyLength::kKnown;  // of `source_`
  std::shared_ptr<SessionLink> link_ PISTREAM_GUARDED_BY(thread_);  // while deferred or streamed
  std::function<void()> cancel_ PISTREAM_GUARDED_BY(thread_);       // while deferred
  boost::beast::http::fields deferred_fields_ PISTREAM_GUARDED_BY(thread_);
  uint64_t exchange_ PISTREAM_GUARDED_BY(thread_) = 0;

  size_t discarded_bytes_ PISTREAM_GUARDED_BY(thread_) = 0;
};

}  // namespace pistream
