#include "src/viewer/viewer_session.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "src/base/log.h"
#include "src/net/socket_options.h"

namespace pistream {

using wire::Opcode;

namespace {

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
      home_(home),
      env_(home.environment()),
      protocol_(protocol),
      sender_(*transport_, protocol, env_.clock, home.counts()),
      receiver_(protocol, env_.clock) {
  transport_->PrepareForViewer();
}

void ViewerSession::Start(std::string_view early) {
  thread_.Check();
  const std::vector<PicturePtr> group = home_.StartWatching();
  home_.table().Add({.transport = transport_.get(),
                     .protocol = protocol_,
                     .can_send_directly = false,
                     .index = &index_,
                     .session = shared_from_this()});
  home_.metrics().viewers.Increment();
  home_.metrics().viewers_joined.Increment();
  sender_.PutSize(home_.picture_size());
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
  for (const PicturePtr& picture : group) {
    OnPicture(picture, now);
  }
}

void ViewerSession::OnPicture(const PicturePtr& picture, SteadyTime now) {
  thread_.Check();
  if (state_ != State::kStreaming) {
    return;
  }
  if (sender_.Push(picture, now)) {
    AskForKeyframe();
  }
  Flush();
}

void ViewerSession::OnPartialSend(const MessageHead& head, const PicturePtr& picture, ssize_t taken,
                                  int error) {
  thread_.Check();
  React(sender_.TakeOver(head, picture, taken, error));
}

void ViewerSession::OnPicturesLost() {
  thread_.Check();
  if (state_ == State::kStreaming) {
    sender_.Lose();
    Flush();
  }
}

void ViewerSession::Respond(ViewerSender::Small kind, const MessageHead& message) {
  sender_.Put(kind, message);
  Flush();
}

void ViewerSession::Flush() {
  if (state_ != State::kGone) {
    React(sender_.Flush());
  }
}

// After whatever the sender has done: the only place that reacts to its outcome and updates the
// slot.
void ViewerSession::React(ViewerSender::Outcome outcome) {
  home_.TellMetrics();
  home_.table()[index_].can_send_directly = sender_.can_send_directly();
  switch (outcome) {
    case ViewerSender::Outcome::kIdle:
    case ViewerSender::Outcome::kStillFull:
      return;
    case ViewerSender::Outcome::kFull:
      return transport_->AwaitWritable(shared_from_this());
    case ViewerSender::Outcome::kSizeChanged:
      return End(ViewerEnd::kSizeChanged);
    case ViewerSender::Outcome::kCloseSent:
      transport_->ShutdownSend();
      state_ = State::kDraining;
      return;
    case ViewerSender::Outcome::kBroken:
      return End(ViewerEnd::kConnectionLost);
  }
}

void ViewerSession::OnWritable() {
  thread_.Check();
  if (state_ != State::kGone) {
    React(sender_.OnWritable());
    AskForKeyframe();
  }
}

// After a loss it need not wait for the group's end, but all viewers pay for an I picture. So it
// asks only while it takes something, and one that falls behind again and again does without.
void ViewerSession::AskForKeyframe() {
  const SteadyTime now = env_.clock.Now();
  if (state_ == State::kStreaming && !sender_.is_full() && sender_.awaits_keyframe() &&
      (!asked_ || now - *asked_ >= kAskInterval)) {
    asked_ = now;
    home_.RequestKeyframe();
  }
}

void ViewerSession::Sweep(SteadyTime now) {
  thread_.Check();
  if (!is_open()) {
    if (now >= close_deadline_) {
      transport_->AbortOnClose();
      Close();
    }
    return;
  }
  if (sender_.is_full()) {
    if (now - sender_.last_progress() > env_.stall_limit) {
      End(ViewerEnd::kStalled);
    }
    return;
  }
  const SteadyTime last_sent = sender_.can_send_directly()
                                   ? std::max(sender_.last_progress(), home_.last_sent())
                                   : sender_.last_progress();
  if (now - last_sent >= kPingAfter) {
    Respond(ViewerSender::Small::kPing, SmallMessage(Opcode::kPing, {}));
  }
}

void ViewerSession::AwaitReadable() {
  if (state_ != State::kGone) {
    transport_->AwaitReadable(shared_from_this());
  }
}

void ViewerSession::OnReadable() {
  thread_.Check();
  if (state_ == State::kGone) {
    return;
  }
  const ssize_t received = transport_->Receive(env_.read_buffer);
  if (received == 0 || (received < 0 && errno != EAGAIN)) {
    // Half-closed is closed: a WebSocket peer that sends no more has left.
    return End(ViewerEnd::kConnectionLost);
  }
  Consume(std::span(env_.read_buffer).first(static_cast<size_t>(std::max<ssize_t>(received, 0))));
  AwaitReadable();
}

void ViewerSession::Consume(std::span<const uint8_t> bytes) {
  while (!bytes.empty() && is_open()) {
    const ViewerEvent event = receiver_.Next(bytes);
    std::visit([this](const auto& it) PISTREAM_REQUIRES(thread_) { On(it); }, event);
  }
}

void ViewerSession::On(const NoViewerEvent&) {}

void ViewerSession::On(const WebSocketPing& ping) {
  Respond(ViewerSender::Small::kPong, SmallMessage(Opcode::kPong, ping.payload));
}

// Responds with the peer's own code (RFC 6455, 5.5.1); none if it gave none.
void ViewerSession::On(const ViewerClose& close) {
  End(RowOf(ViewerEnd::kClosedByViewer), SmallMessage(Opcode::kClose, close.code), "");
}

void ViewerSession::On(const ViewerViolation& violation) {
  End(RowOf(ViewerEnd::kViolation), CloseMessage(violation.code, violation.what), violation.what);
}

void ViewerSession::On(const ControlMessage& message) {
  std::visit([this](const auto& it) PISTREAM_REQUIRES(thread_) { On(it); }, message);
}

void ViewerSession::On(const UnknownMessage&) {}

void ViewerSession::On(const PingRequest& ping) {
  const std::string pong = MakePong(ping.id, env_.clock.Now());
  Respond(ViewerSender::Small::kReply, SmallMessage(Opcode::kText, AsBytes(pong)));
}

// All viewers pay for an I picture, so one that is paused gets none: resuming requests it if
// needed.
void ViewerSession::On(const KeyframeRequest&) {
  if (state_ == State::kStreaming) {
    home_.RequestKeyframe();
  }
}

// What is under way is finished; what waits is dropped, and is no loss.
void ViewerSession::On(const PauseRequest&) {
  if (state_ != State::kStreaming) {
    return;
  }
  home_.StopWatching();
  state_ = State::kPaused;
  home_.metrics().viewers_paused.Increment();
  sender_.Restart();
  Flush();
}

// As one that joins.
void ViewerSession::On(const ResumeRequest&) {
  if (state_ != State::kPaused) {
    return;
  }
  const std::vector<PicturePtr> group = home_.StartWatching();
  if (state_ != State::kPaused) {  // the stream turned out to be removed, and this has ended
    return home_.StopWatching();
  }
  state_ = State::kStreaming;
  home_.metrics().viewers_paused.Decrement();
  SendGroup(group);
}

void ViewerSession::On(const ViewerReport& report) { CountReport(report, home_.metrics()); }

void ViewerSession::End(ViewerEnd end) {
  thread_.Check();
  const ViewerEndRow& row = RowOf(end);
  End(row, CloseMessage(row.code, row.close_reason), "");
}

// All that ends a session leads here.
void ViewerSession::End(const ViewerEndRow& row, const MessageHead& close,
                        std::string_view detail) {
  const bool was_open = is_open();
  if (was_open) {
    Leave(row, detail);
  }
  switch (row.manner) {
    case ViewerEndRow::Manner::kHandshake:
      if (was_open) {
        state_ = State::kClosing;
        close_deadline_ = env_.clock.Now() + kCloseTimeout;
        sender_.PutClose(close);
        Flush();
      }
      return;
    case ViewerEndRow::Manner::kAbort:
      transport_->AbortOnClose();
      return Close();
    case ViewerEndRow::Manner::kClose:
      return Close();
  }
}

// Once for each that joined: no viewer any more, whatever becomes of its connection.
void ViewerSession::Leave(const ViewerEndRow& row, std::string_view detail) {
  env_.viewers.Decrement();
  if (state_ == State::kStreaming) {
    home_.StopWatching();
  } else {
    home_.metrics().viewers_paused.Decrement();
  }
  home_.metrics().viewers.Decrement();
  row.counter(home_.metrics()).Increment();
  if (row.lines != nullptr) {
    if (const auto events = (env_.*row.lines).Pass()) {
      log::Info("closed {} {}{}", *events, row.line, detail);
    }
  }
}

void ViewerSession::Shutdown() {
  thread_.Check();
  End(ViewerEnd::kServerStops);
  if (state_ != State::kGone) {
    // What the peer sent and we did not read would turn the close into a reset.
    transport_->Receive(env_.read_buffer);
    Close();
  }
}

// The table releases the session: the caller, or a handler that is still to run, holds it.
void ViewerSession::Close() {
  if (std::exchange(state_, State::kGone) != State::kGone) {
    home_.table().Remove(index_);
    transport_->Close();
  }
}

}  // namespace pistream
