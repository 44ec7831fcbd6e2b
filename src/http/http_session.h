// One connection while it speaks HTTP: until it closes, or becomes a viewer's.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "src/base/clock.h"
#include "src/http/http_message.h"
#include "src/http/request_reader.h"
#include "src/http/routes.h"
#include "src/metrics/metrics.h"
#include "src/net/socket_options.h"

namespace pistream {

class HttpSession;

// Who keeps the sessions of one network thread.
class HttpSessionOwner {
 public:
  virtual ~HttpSessionOwner() = default;

  virtual Size picture_size() const = 0;
  // The 101 is sent; `early` is what the client sent behind its request.
  virtual void BecomeViewer(Socket socket, ViewerKind kind, const std::string& early) = 0;
  // The session is over.
  virtual void Forget(const std::shared_ptr<HttpSession>& session) = 0;
};

// What the sessions of one network thread share; outlives them.
struct HttpEnvironment {
  const Routes* routes;
  Metrics& metrics;
  Clock& clock;
  HttpSessionOwner& owner;
};

// Belongs to one network thread, which makes all calls. Requests are answered one after the other,
// in the order they came, pipelined or not. No call fails: trouble with the peer ends the session.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(Socket socket, bool is_classic_port, HttpEnvironment& environment);

  void Start();

  // Now and then: ends the session if the peer takes too long over a request or an answer.
  void Sweep(SteadyTime now);

  // Closes without a word. Does not tell the owner.
  void Close();

 private:
  void Read();
  void OnRead(size_t size);
  void OnEnd();
  void AnswerNext();
  void AnswerRequest();
  void AnswerError(boost::beast::http::status status);
  void Send(HttpAnswer answer, const AnswerFraming& framing);
  void OnSent();
  void BecomeViewer();
  void Linger();
  void DiscardUntilEnd();
  void Finish();
  std::string LocalAddress() const;

  Socket socket_;
  const bool is_classic_port_;
  HttpEnvironment& env_;
  SteadyTime deadline_;
  bool is_over_ = false;
  bool is_late_ = false;  // with a request

  std::array<char, 4096> input_{};
  RequestReader reader_;

  // The answer that is being sent.
  SerializedAnswer answer_;
  bool is_sending_ = false;
  bool keep_alive_ = false;
  std::optional<ViewerKind> viewer_;
  size_t discarded_bytes_ = 0;
};

}  // namespace pistream
