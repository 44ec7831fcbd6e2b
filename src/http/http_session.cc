#include "src/http/http_session.h"

#include <sys/uio.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <ctime>
#include <utility>

#include "src/base/log.h"
#include "src/http/text.h"
#include "src/net/socket_options.h"

namespace pistream {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

// Read after the last response, so that closing does not turn into a reset that takes the response
// away.
constexpr size_t kMaximumDiscarded = 1 << 20;

// Less than a connection may take for its request: a held one costs no more than others.
constexpr Duration kHoldTime = std::chrono::seconds(1);

// Requests that are pipelined while a response is awaited. After that the peer is not watched.
constexpr size_t kMaximumEarly = 64 << 10;

// At once: then other connections have their turn.
constexpr size_t kMaximumSend = 64 << 10;
constexpr int kMaximumSteps = 32;

// `bytes` without the first `skip` of them, which are subtracted from it, and at most `room`.
iovec Unsent(std::span<const uint8_t> bytes, size_t& skip, size_t& room) {
  const size_t skipped = std::min(skip, bytes.size());
  const size_t size = std::min(bytes.size() - skipped, room);
  skip -= skipped;
  room -= size;
  return Part(bytes.subspan(skipped, size));
}

std::span<const uint8_t> AsBytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

HttpSession::HttpSession(std::unique_ptr<Transport> transport, bool is_classic_port,
                         HttpEnvironment& environment)
    : transport_(std::move(transport)),
      is_classic_port_(is_classic_port),
      peer_address_(transport_->PeerAddress()),
      env_(environment),
      deadline_(environment.clock.Now() + kRequestTimeout) {}

void HttpSession::Start() { Drive(); }

void HttpSession::Sweep(SteadyTime now) {
  thread_.Check();
  if (now < deadline_) {
    return;
  }
  switch (state_) {
    case State::kReading:
      if (!reader_.is_within_request()) {
        return Finish();
      }
      SendError(http::status::request_timeout, "The request did not end in time.");
      return Drive();
    case State::kAwaitingResponse:
      if (auto cancel = std::exchange(cancel_, nullptr)) {
        cancel();
      }
      EndExchange();
      keep_alive_ = false;
      TakeDeferred(TextResponse(http::status::service_unavailable, "The response took too long."));
      return Drive();
    case State::kHolding:
      SendResponse(std::exchange(held_, {}), BodyLength::kKnown, AfterResponse());
      return Drive();
    case State::kSending:
      transport_->AbortOnClose();  // the kernel would keep what is not taken for long
      return Finish();
    case State::kAwaitingBody:
    case State::kLingering:
      return Finish();
    case State::kOver:
      return;
  }
}

void HttpSession::Close() {
  thread_.Check();
  state_ = State::kOver;
  if (auto cancel = std::exchange(cancel_, nullptr)) {
    cancel();
  }
  EndExchange();
  if (transport_) {
    transport_->Close();
  }
}

void HttpSession::OnReadable() {
  thread_.Check();
  awaits_readable_ = false;
  Drive();
}

void HttpSession::OnWritable() {
  thread_.Check();
  awaits_writable_ = false;
  Drive();
}

void HttpSession::OnResponse(uint64_t exchange, HttpResponse response) {
  thread_.Check();
  if (state_ == State::kAwaitingResponse && exchange == exchange_) {
    cancel_ = nullptr;
    EndExchange();
    TakeDeferred(std::move(response));
    Drive();
  }
}

void HttpSession::OnBodyWake(uint64_t exchange) {
  thread_.Check();
  if (link_ && exchange == exchange_) {
    link_->TakeWake();
    Drive();
  }
}

void HttpSession::Drive() {
  thread_.Check();
  if (std::exchange(is_driving_, true)) {
    return;
  }
  const auto self = shared_from_this();  // the owner may forget it on the way
  int steps = 0;
  while (Step()) {
    if (++steps == kMaximumSteps) {
      asio::post(env_.io, [self] { self->Drive(); });
      break;
    }
  }
  is_driving_ = false;
}

bool HttpSession::Step() {
  switch (state_) {
    case State::kReading:
      return StepReading();
    case State::kSending:
      return StepSending();
    case State::kAwaitingResponse:
    case State::kHolding:
      return WatchPeer();
    case State::kAwaitingBody:
      return StepBody();
    case State::kLingering:
      return StepLingering();
    case State::kOver:
      return false;
  }
  return false;
}

bool HttpSession::StepReading() {
  switch (reader_.Next()) {
    case RequestReader::Status::kRequest:
      RouteRequest();
      return true;
    case RequestReader::Status::kError:
      SendError(reader_.error(), http::obsolete_reason(reader_.error()));
      return true;
    case RequestReader::Status::kNeedMore:
      if (reader_.awaits_continue() && !std::exchange(has_said_continue_, true)) {
        SendContinue();
        return true;
      }
      return Receive();
  }
  return false;
}

bool HttpSession::Receive() {
  const ssize_t received = transport_->Receive(env_.read_buffer);
  if (received > 0) {
    reader_.Append(
        {reinterpret_cast<const char*>(env_.read_buffer.data()), static_cast<size_t>(received)});
    return true;
  }
  if (received < 0 && errno == EAGAIN) {
    AwaitReadable();
    return false;
  }
  EndReading();
  return true;
}

// The peer sends no more. Half a request gets a response: the peer may still listen.
void HttpSession::EndReading() {
  if (reader_.is_within_request()) {
    SendError(http::status::bad_request, "The request is incomplete.");
  } else {
    Finish();
  }
}

void HttpSession::RouteRequest() {
  const HttpRequest& request = reader_.request();
  has_said_continue_ = false;
  version_ = request.version();
  keep_alive_ = request.keep_alive();
  is_head_ = request.method() == http::verb::head;
  ++exchange_;
  Routed routed = env_.routes->Route(request, {.is_classic_port = is_classic_port_,
                                               .local_address = transport_->LocalHost(),
                                               .peer_address = peer_address_,
                                               .is_secure = transport_->is_secure()});
  std::visit([this](auto& result) PISTREAM_REQUIRES(thread_) { Take(std::move(result)); }, routed);
}

void HttpSession::Take(HttpResponse response) {
  if (response.status == http::status::bad_request) {
    keep_alive_ = false;
  }
  if (response.is_held) {
    keep_alive_ = false;
    held_ = std::move(response);
    state_ = State::kHolding;
    deadline_ = env_.clock.Now() + kHoldTime;
    return;
  }
  SendResponse(std::move(response), BodyLength::kKnown, AfterResponse());
}

void HttpSession::Take(Upgrade upgrade) {
  HttpResponse response = std::exchange(upgrade.response, {});
  const BodyLength length = upgrade.length;
  upgrade_ = std::move(upgrade);
  keep_alive_ = false;
  SendResponse(std::move(response), length, AfterSending::kBecomeViewer);
}

void HttpSession::Take(Deferred deferred) {
  state_ = State::kAwaitingResponse;
  deadline_ = env_.clock.Now() + kDeferredTimeout;
  cancel_ = std::move(deferred.cancel);
  deferred_fields_ = std::move(deferred.fields);
  deferred.start(Responder(NewLink()));
}

void HttpSession::TakeDeferred(HttpResponse response) {
  AddFields(response, deferred_fields_);
  deferred_fields_.clear();
  Take(std::move(response));
}

void HttpSession::Take(Streamed streamed) {
  length_ = version_ < 11 ? BodyLength::kUntilClose : BodyLength::kChunked;
  keep_alive_ = keep_alive_ && length_ == BodyLength::kChunked;
  if (!is_head_) {
    source_ = std::move(streamed.source);
  }
  SendResponse(std::move(streamed.response), length_,
               is_head_ ? AfterResponse() : AfterSending::kNextPiece);
  if (source_) {
    source_->Start(BodyWaker(NewLink()));
  }
}

void HttpSession::SendContinue() {
  Send({.head = "HTTP/1.1 100 Continue\r\n\r\n", .body = {}, .tail = {}}, AfterSending::kReadBody);
}

void HttpSession::SendError(http::status status, std::string_view line) {
  ++exchange_;
  version_ = 11;
  keep_alive_ = false;
  is_head_ = false;
  Take(TextResponse(status, line));
}

HttpSession::AfterSending HttpSession::AfterResponse() const {
  return keep_alive_ ? AfterSending::kNextRequest : AfterSending::kLinger;
}

void HttpSession::SendResponse(HttpResponse response, BodyLength length, AfterSending after) {
  env_.metrics.Responses(static_cast<int>(response.status)).Increment();
  if (!response.warning.empty()) {
    if (const auto events = env_.warnings.Pass()) {
      log::Warning("{}{}", Printable(response.warning),
                   *events > 1 ? fmt::format(" ({} warnings since the last one)", *events) : "");
    }
  }
  auto serialized = Serialize(
      std::move(response),
      {.version = version_, .keep_alive = keep_alive_, .is_head = is_head_, .length = length},
      std::time(nullptr));
  Send({.head = std::move(serialized.head), .body = std::move(serialized.body), .tail = {}}, after);
}

void HttpSession::Send(Outgoing outgoing, AfterSending after) {
  outgoing_ = std::move(outgoing);
  after_sending_ = after;
  state_ = State::kSending;
  if (after != AfterSending::kReadBody) {  // of an interim response the request's deadline stays
    deadline_ = env_.clock.Now() + kResponseTimeout;
  }
}

bool HttpSession::StepSending() {
  if (awaits_writable_) {
    return false;
  }
  size_t skip = outgoing_.sent;
  size_t room = kMaximumSend;
  std::array<iovec, 3> parts = {Unsent(AsBytes(outgoing_.head), skip, room),
                                Unsent(BytesOf(outgoing_.body), skip, room),
                                Unsent(AsBytes(outgoing_.tail), skip, room)};
  const ssize_t sent = transport_->SendParts(parts);
  if (sent < 0 && errno != EAGAIN) {
    Finish();
    return false;
  }
  if (sent > 0) {
    outgoing_.sent += static_cast<size_t>(sent);
    if (after_sending_ != AfterSending::kReadBody) {
      deadline_ = env_.clock.Now() + kResponseTimeout;  // from the last progress
    }
  }
  if (outgoing_.sent == outgoing_.size()) {
    FinishSending();
    return true;
  }
  if (sent > 0) {
    return true;
  }
  awaits_writable_ = true;
  transport_->AwaitWritable(shared_from_this());
  return false;
}

void HttpSession::FinishSending() {
  outgoing_ = {};
  switch (after_sending_) {
    case AfterSending::kReadBody:
      state_ = State::kReading;
      return;
    case AfterSending::kNextRequest:
      state_ = State::kReading;
      deadline_ = env_.clock.Now() + kRequestTimeout;
      return;
    case AfterSending::kNextPiece:
      state_ = State::kAwaitingBody;
      deadline_ = SteadyTime::max();  // it may take as long as it likes
      return;
    case AfterSending::kBecomeViewer:
      return BecomeViewer();
    case AfterSending::kLinger:
      // Closes our side, and the whole when the peer has closed its own, which it does once it has
      // read the response.
      transport_->ShutdownSend();
      state_ = State::kLingering;
      deadline_ = env_.clock.Now() + kCloseTimeout;
      return;
  }
}

bool HttpSession::StepBody() {
  BodySource::Piece piece = source_->Next();
  const size_t size = BytesOf(piece.bytes).size();
  if (size == 0 && !piece.is_last) {
    return WatchPeer();
  }
  ChunkFraming framing;
  if (length_ == BodyLength::kChunked) {
    framing = FrameChunk(size, piece.is_last);
  }
  if (piece.is_last) {
    EndExchange();
  }
  Send({.head = std::move(framing.head),
        .body = std::move(piece.bytes),
        .tail = std::move(framing.tail)},
       piece.is_last ? AfterResponse() : AfterSending::kNextPiece);
  return true;
}

bool HttpSession::StepLingering() {
  const ssize_t received = transport_->Receive(env_.read_buffer);
  if (received < 0 && errno == EAGAIN) {
    AwaitReadable();
    return false;
  }
  discarded_bytes_ += static_cast<size_t>(std::max<ssize_t>(received, 0));
  if (received <= 0 || discarded_bytes_ > kMaximumDiscarded) {
    Finish();
    return false;
  }
  return true;
}

// While a response or a piece of one is awaited: whether the client still listens.
bool HttpSession::WatchPeer() {
  if (awaits_readable_ || reader_.pending_bytes() > kMaximumEarly) {
    return false;
  }
  const ssize_t received = transport_->Receive(env_.read_buffer);
  if (received > 0) {
    reader_.Append(
        {reinterpret_cast<const char*>(env_.read_buffer.data()), static_cast<size_t>(received)});
    return true;
  }
  if (received < 0 && errno == EAGAIN) {
    AwaitReadable();
  } else if (received < 0 || state_ == State::kAwaitingBody || cancel_) {
    Finish();
  }  // else it only sends no more
  return false;
}

std::shared_ptr<SessionLink> HttpSession::NewLink() {
  link_ = std::make_shared<SessionLink>(env_.io, weak_from_this(), exchange_);
  return link_;
}

void HttpSession::EndExchange() {
  if (link_) {
    link_->Close();
    link_.reset();
  }
  source_.reset();
}

void HttpSession::BecomeViewer() {
  state_ = State::kOver;
  if (awaits_readable_) {
    transport_->Cancel();
  }
  env_.owner.Forget(shared_from_this());
  env_.owner.BecomeViewer(std::move(transport_), *upgrade_, reader_.TakeRest());
}

void HttpSession::AwaitReadable() {
  if (!std::exchange(awaits_readable_, true)) {
    transport_->AwaitReadable(shared_from_this());
  }
}

void HttpSession::Finish() {
  Close();
  env_.owner.Forget(shared_from_this());
}

}  // namespace pistream
