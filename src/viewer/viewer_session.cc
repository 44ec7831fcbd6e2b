#include "src/viewer/viewer_session.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "src/base/log.h"
#include "src/net/socket_options.h"

namespace pistream {

using wire::CloseCode;
using wire::Opcode;

namespace {

// A player sends a ping a second and a report every few.
constexpr int kMaximumMessagesPerSecond = 100;
constexpr Duration kAskInterval = std::chrono::seconds(10);

std::span<const uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

void CountReport(const ViewerReport& report, ViewerMetrics& metrics) {
  const auto count = [](std::optional<double> pictures, prometheus::Counter& counter) {
    counter.Increment(pictures.value_or(0));
  };
  const auto observe = [](std::optional<double> milliseconds, prometheus::Histogram& seconds) {
    if (milliseconds) {
      seconds.Observe(*milliseconds / 1000);
    }
  };
  metrics.viewer_reports.Increment();
  count(report.received, metrics.viewer_pictures_received);
  count(report.decoded, metrics.viewer_pictures_decoded);
  count(report.shown, metrics.viewer_pictures_shown);
  count(report.dropped, metrics.viewer_pictures_dropped);
  observe(report.delay_p50_ms, metrics.viewer_delay_p50_seconds);
  observe(report.delay_p95_ms, metrics.viewer_delay_p95_seconds);
  observe(report.decode_p50_ms, metrics.viewer_decode_seconds);
}

}  // namespace

ViewerSession::ViewerSession(std::unique_ptr<Transport> transport, StreamProtocol protocol,
                             TrackViewers& home)
    : transport_(std::move(transport)),
      protocol_(protocol),
      home_(home),
      env_(home.environment()),
      last_progress_(env_.clock.Now()),
      messages_since_(last_progress_) {
  transport_->PrepareForViewer();
}

void ViewerSession::Start(std::string_view early) {
  const std::vector<PicturePtr> group = home_.StartWatching();
  home_.table().Add({.transport = transport_.get(),
                     .protocol = protocol_,
                     .can_send_directly = false,
                     .index = &index_,
                     .session = shared_from_this()});
  home_.metrics().viewers.Increment();
  home_.metrics().viewers_joined.Increment();
  told_size_ = home_.picture_size();
  size_message_ = SizeMessage(told_size_);
  SendGroup(group);
  Consume(AsBytes(early));
  AwaitReadable();
}

// What a viewer begins with. The classic player cannot catch up: it begins with the next I picture.
void ViewerSession::SendGroup(std::span<const PicturePtr> group) {
  if (protocol_ == StreamProtocol::kClassic) {
    group = {};
  }
  if (group.empty()) {
    home_.RequestKeyframe();
  }
  Flush();
  const SteadyTime now = env_.clock.Now();
  std::ranges::for_each(group, [&](const PicturePtr& picture) { OnPicture(picture, now); });
}

void ViewerSession::OnPicture(const PicturePtr& picture, SteadyTime now) {
  if (state_ != State::kStreaming) {
    return;
  }
  Enqueue(picture, now);
  Flush();
}

void ViewerSession::Enqueue(const PicturePtr& picture, SteadyTime now) {
  if (awaits_first_picture_ && picture->type != PictureType::kIntra) {
    return;  // before its time: nothing is lost
  }
  awaits_first_picture_ = false;
  const ViewerQueue::Outcome outcome = queue_.Push(picture, now);
  CountLost(outcome.dropped);
  if (outcome.needs_keyframe) {
    AskToResume();
  }
}

void ViewerSession::CountLost(uint64_t pictures) {
  if (pictures > 0) {
    home_.metrics().pictures_dropped_behind.Increment(static_cast<double>(pictures));
    is_discontinuity_ = true;
  }
}

void ViewerSession::OnPartialSend(const MessageHead& head, const PicturePtr& picture, ssize_t sent,
                                  int error) {
  if (sent < 0 && error != EAGAIN) {
    return Abandon(home_.metrics().viewers_left_closed);
  }
  in_flight_ = InFlight{.head = head,
                        .picture = picture,
                        .trailer = PictureTrailer(),
                        .sent = static_cast<size_t>(std::max<ssize_t>(sent, 0))};
  last_progress_ = env_.clock.Now();
  AwaitWritable();
}

void ViewerSession::OnPicturesLost() {
  if (state_ != State::kStreaming) {
    return;
  }
  CountLost(queue_.AwaitKeyframe());
  is_discontinuity_ = true;
  UpdateSlot();
}

void ViewerSession::Sweep(SteadyTime now) {
  if (!is_open()) {
    if (now >= close_deadline_) {
      transport_->AbortOnClose();
      Close();
    }
    return;
  }
  if (awaits_writable_ && now - last_progress_ > env_.stall_limit) {
    if (const auto events = env_.stall_lines.Pass()) {
      log::Info("closed {} stalled viewer(s): no data accepted for too long", *events);
    }
    transport_->AbortOnClose();
    Abandon(home_.metrics().viewers_left_stalled);
  }
}

void ViewerSession::BeginGoingAway(std::string_view reason) {
  if (is_open()) {
    BeginClose(CloseCode::kGoingAway, reason, home_.metrics().viewers_left_shutdown);
  }
}

void ViewerSession::Shutdown() {
  BeginGoingAway("the server stops");
  if (state_ != State::kGone) {
    // What the peer sent and we did not read would turn the close into a reset.
    transport_->Receive(env_.read_buffer);
    Close();
  }
}

// Sends what there is to send, until the socket is full.
void ViewerSession::Flush() {
  while (!awaits_writable_ && state_ != State::kGone && (in_flight_ || ComposeNext())) {
    SendInFlight();
  }
  UpdateSlot();
}

// Takes the next message, if there is one: small ones first, for they are answers.
bool ViewerSession::ComposeNext() {
  last_progress_ = env_.clock.Now();
  for (auto* const small : {&size_message_, &pong_, &reply_}) {
    if (*small) {
      in_flight_ = InFlight{.head = *std::exchange(*small, std::nullopt)};
      return true;
    }
  }
  if (close_) {
    in_flight_ = InFlight{.head = *std::exchange(close_, std::nullopt), .is_close = true};
    return true;
  }
  return state_ == State::kStreaming && !queue_.empty() && ComposePicture();
}

// Precondition: a picture is queued.
bool ViewerSession::ComposePicture() {
  const Size size = queue_.front()->size;
  if (size != told_size_ && protocol_ != StreamProtocol::kV1) {
    BeginClose(CloseCode::kServiceRestart, "the picture's size has changed",
               home_.metrics().viewers_left_resized);
    return false;  // BeginClose has seen to the rest
  }
  if (size != told_size_) {
    told_size_ = size;
    in_flight_ = InFlight{.head = SizeMessage(size)};
    return true;
  }
  PicturePtr picture = queue_.Pop();
  const bool is_discontinuity = std::exchange(is_discontinuity_, false);
  const MessageHead head = protocol_ == StreamProtocol::kV1
                               ? DescribedPictureHead(*picture, is_discontinuity, env_.clock.Now())
                               : PlainPictureHead(*picture);
  in_flight_ = InFlight{.head = head, .picture = std::move(picture), .trailer = PictureTrailer()};
  return true;
}

std::span<const uint8_t> ViewerSession::PictureTrailer() const {
  return protocol_ == StreamProtocol::kClassic ? ClassicTrailerMessage()
                                               : std::span<const uint8_t>();
}

// One write: afterwards it is finished, or the session waits or has ended.
void ViewerSession::SendInFlight() {
  size_t skip = in_flight_->sent;
  const auto unsent = [&](std::span<const uint8_t> bytes) {
    const size_t skipped = std::min(skip, bytes.size());
    skip -= skipped;
    return Part(bytes.subspan(skipped));
  };
  const auto picture = in_flight_->picture ? std::span<const uint8_t>(in_flight_->picture->bytes)
                                           : std::span<const uint8_t>();
  std::array<iovec, 3> parts = {unsent(in_flight_->head.bytes()), unsent(picture),
                                unsent(in_flight_->trailer)};
  const ssize_t sent = transport_->SendParts(parts);
  if (sent < 0 && errno != EAGAIN) {
    return Abandon(home_.metrics().viewers_left_closed);
  }
  if (sent > 0) {
    in_flight_->sent += static_cast<size_t>(sent);
    home_.metrics().sent_bytes.Increment(static_cast<double>(sent));
    last_progress_ = env_.clock.Now();
  }
  if (in_flight_->sent < in_flight_->size()) {
    AwaitWritable();
  } else {
    FinishInFlight();
  }
}

void ViewerSession::FinishInFlight() {
  const InFlight finished = *std::exchange(in_flight_, std::nullopt);
  if (finished.picture) {
    home_.metrics().pictures_sent.Increment();
  }
  if (finished.is_close) {
    transport_->ShutdownSend();
    state_ = State::kDraining;
  }
}

void ViewerSession::UpdateSlot() {
  if (state_ != State::kGone) {
    home_.table()[index_].can_send_directly = state_ == State::kStreaming && !awaits_writable_ &&
                                              !in_flight_ && queue_.empty() && !is_discontinuity_;
  }
}

void ViewerSession::AwaitWritable() {
  awaits_writable_ = true;
  UpdateSlot();
  transport_->AwaitWritable(shared_from_this());
}

void ViewerSession::OnWritable() {
  awaits_writable_ = false;
  Flush();
  AskToResume();
}

// After a loss it need not wait for the group's end, but all viewers pay for an I picture. So it
// asks only while it takes something, and one that falls behind again and again does without.
void ViewerSession::AskToResume() {
  const SteadyTime now = env_.clock.Now();
  if (state_ == State::kStreaming && !awaits_writable_ && queue_.awaits_keyframe() &&
      (!asked_ || now - *asked_ >= kAskInterval)) {
    asked_ = now;
    home_.RequestKeyframe();
  }
}

void ViewerSession::AwaitReadable() {
  if (state_ != State::kGone) {
    transport_->AwaitReadable(shared_from_this());
  }
}

void ViewerSession::OnReadable() {
  if (state_ == State::kGone) {
    return;
  }
  const ssize_t received = transport_->Receive(env_.read_buffer);
  if (received == 0 || (received < 0 && errno != EAGAIN)) {
    // Half-closed is closed: a WebSocket peer that sends no more has left.
    return Abandon(home_.metrics().viewers_left_closed);
  }
  Consume(std::span(env_.read_buffer).first(static_cast<size_t>(std::max<ssize_t>(received, 0))));
  AwaitReadable();
}

void ViewerSession::Consume(std::span<const uint8_t> bytes) {
  while (!bytes.empty() && is_open()) {
    const auto event = parser_.Feed(bytes);
    bytes = bytes.subspan(event.consumed);
    if (event.status == wire::ClientFrameParser::Status::kError) {
      return FailProtocol(event.close_code, event.error);
    }
    if (event.status == wire::ClientFrameParser::Status::kMessage) {
      OnMessage(event.opcode, event.payload);
    }
  }
}

void ViewerSession::OnMessage(Opcode opcode, std::span<const uint8_t> payload) {
  if (opcode == Opcode::kClose) {
    return OnCloseFrame(payload);
  }
  if (IsFlood()) {
    return FailProtocol(CloseCode::kPolicyViolation, "too many messages");
  }
  if (opcode == Opcode::kPing) {
    pong_ = SmallMessage(Opcode::kPong, payload);
    Flush();
  } else if (opcode == Opcode::kText && protocol_ == StreamProtocol::kV1) {
    OnControl(ParseControlMessage({reinterpret_cast<const char*>(payload.data()), payload.size()}));
  }  // anything else means nothing here, and is no fault
}

void ViewerSession::OnControl(const ControlMessage& message) {
  if (const auto* const ping = std::get_if<PingRequest>(&message)) {
    reply_ = SmallMessage(Opcode::kText, AsBytes(MakePong(ping->id, env_.clock.Now())));
    Flush();
  } else if (std::holds_alternative<KeyframeRequest>(message)) {
    home_.RequestKeyframe();
  } else if (std::holds_alternative<PauseRequest>(message)) {
    Pause();
  } else if (std::holds_alternative<ResumeRequest>(message)) {
    Resume();
  } else if (const auto* const report = std::get_if<ViewerReport>(&message)) {
    CountReport(*report, home_.metrics());
  }
}

// What is under way is finished; what waits is dropped, and is no loss.
void ViewerSession::Pause() {
  if (state_ != State::kStreaming) {
    return;
  }
  home_.StopWatching();
  state_ = State::kPaused;
  home_.metrics().viewers_paused.Increment();
  queue_.AwaitKeyframe();
  UpdateSlot();
}

// As one that joins.
void ViewerSession::Resume() {
  if (state_ != State::kPaused) {
    return;
  }
  const std::vector<PicturePtr> group = home_.StartWatching();
  state_ = State::kStreaming;
  home_.metrics().viewers_paused.Decrement();
  awaits_first_picture_ = true;
  is_discontinuity_ = true;
  SendGroup(group);
}

// Responds with the peer's own code (RFC 6455, 5.5.1); none if it gave none.
void ViewerSession::OnCloseFrame(std::span<const uint8_t> payload) {
  const auto code = payload.first(std::min<size_t>(payload.size(), 2));
  BeginCloseWith(SmallMessage(Opcode::kClose, code), home_.metrics().viewers_left_closed);
}

bool ViewerSession::IsFlood() {
  const SteadyTime now = env_.clock.Now();
  if (now - messages_since_ >= std::chrono::seconds(1)) {
    messages_since_ = now;
    messages_ = 0;
  }
  return ++messages_ > kMaximumMessagesPerSecond;
}

void ViewerSession::FailProtocol(CloseCode code, std::string_view reason) {
  if (const auto events = env_.protocol_lines.Pass()) {
    log::Info("closed {} viewer(s) that broke the WebSocket protocol, the last one: {}", *events,
              reason);
  }
  BeginClose(code, reason, home_.metrics().viewers_left_protocol);
}

void ViewerSession::BeginClose(CloseCode code, std::string_view reason,
                               prometheus::Counter& cause) {
  BeginCloseWith(CloseMessage(code, reason), cause);
}

void ViewerSession::BeginCloseWith(const MessageHead& close, prometheus::Counter& cause) {
  Depart(cause);
  state_ = State::kClosing;
  close_deadline_ = env_.clock.Now() + kCloseTimeout;
  close_ = close;
  Flush();
}

// Once for each that joined: every way out of kStreaming and kPaused leads here.
void ViewerSession::Depart(prometheus::Counter& cause) {
  env_.viewers.Decrement();
  if (state_ == State::kStreaming) {
    home_.StopWatching();
  } else {
    home_.metrics().viewers_paused.Decrement();
  }
  home_.metrics().viewers.Decrement();
  cause.Increment();
}

void ViewerSession::Abandon(prometheus::Counter& cause) {
  if (is_open()) {
    Depart(cause);
  }
  Close();
}

// The table releases the session: the caller, or a handler that is still to run, holds it.
void ViewerSession::Close() {
  state_ = State::kGone;
  home_.table().Remove(index_);
  transport_->Close();
}

}  // namespace pistream
