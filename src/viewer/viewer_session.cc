#include "src/viewer/viewer_session.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "src/base/log.h"

namespace pistream {

using wire::Opcode;

namespace {

constexpr Duration kAskInterval = std::chrono::seconds(10);

// A line whose oldest byte waits for longer is watched closely, as is that of a viewer that has
// seen nothing newer for longer.
constexpr Duration kWatchLate = std::chrono::milliseconds(60);
// While a viewer is limited, a picture is worth sending for that long only.
constexpr Duration kLimitedAge = std::chrono::milliseconds(150);
constexpr Duration kUsualAge = std::chrono::milliseconds(500);
constexpr Duration kReportInterval = std::chrono::seconds(1);
// The mark of unsent bytes is that of 200 ms, half of which counts (SetUnsentMark).
constexpr int64_t kUnsentShare = 5;
constexpr int kLeastUnsentBytes = 4 << 10;
// The least time from a picture to its acknowledgement follows a route that has become longer.
constexpr int kSeenMemory = 64;
constexpr Duration kLongestSeenAfter = std::chrono::seconds(2);

std::span<const uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// The most that a viewer of the track wants; INT64_MAX: there is one without a limit.
int64_t WantedOf(const Track& track) {
  const TrackDemand demand = track.demand();
  return demand.is_watched ? demand.max_bitrate_bps.value_or(INT64_MAX) : 0;
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
                             TrackViewers& home, std::shared_ptr<Mailbox> mailbox,
                             CredentialId credential)
    : transport_(std::move(transport)),
      home_(&home),
      env_(home.environment()),
      protocol_(protocol),
      mailbox_(std::move(mailbox)),
      credential_(credential),
      sender_(*transport_, protocol, env_.clock, home.counts()),
      receiver_(protocol, env_.clock) {
  transport_->PrepareForViewer();
  ViewerSocketsCounter(env_.metrics, transport_->GetCongestionControl()).Increment();
}

void ViewerSession::Start(std::string_view early) {
  thread_.Check();
  const std::vector<PicturePtr> group = home_->StartWatching();
  home_->Add({.transport = transport_.get(),
              .protocol = protocol_,
              .can_send_directly = false,
              .index = &index_,
              .session = shared_from_this()});
  home_->metrics().viewers.Increment();
  home_->metrics().viewers_joined.Increment();
  if (mailbox_) {
    home_->metrics().viewers_by_http.Increment();
  }
  sender_.PutSize(home_->picture_size());
  WatchLine({}, env_.clock.Now());
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
    home_->RequestKeyframe();
  }
  Flush();
  const SteadyTime now = env_.clock.Now();
  for (const PicturePtr& picture : group) {
    OnPicture(*home_, picture, now);
  }
}

void ViewerSession::OnPicture(const TrackViewers& from, const PicturePtr& picture, SteadyTime now) {
  thread_.Check();
  if (&from == next_ && picture->type == PictureType::kIntra && limit_bps_ != 0) {
    FinishMove();
  }
  if (state_ != State::kStreaming || &from != home_) {
    return;
  }
  if (!line_) {  // the picture has another size, for which a limit may be wrong
    WatchLine({}, now);
  }
  if (drops_pictures_) {
    sender_.Drop();
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
  WatchLine(home_->sent_log(), env_.clock.Now());
  React(sender_.TakeOver(head, picture, taken, error));
}

void ViewerSession::OnPicturesLost(const TrackViewers& from) {
  thread_.Check();
  if (state_ == State::kStreaming && &from == home_) {
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
  home_->TellMetrics();
  home_->table()[index_].can_send_directly = !line_ && sender_.can_send_directly();
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
  // While it moves, or what its track sends is for others, it would not be sent that picture.
  const bool is_for_it = !next_ && !drops_pictures_;
  if (state_ == State::kStreaming && is_for_it && !sender_.is_full() && sender_.awaits_keyframe() &&
      (!asked_ || now - *asked_ >= kAskInterval)) {
    asked_ = now;
    home_->RequestKeyframe();
  }
}

// One system call, for a viewer that is sent to directly.
void ViewerSession::LookAtLine(SteadyTime now) {
  thread_.Check();
  if (state_ != State::kStreaming || line_) {
    return;
  }
  const size_t bytes = transport_->GetUnacknowledgedBytes();
  const auto oldest =
      OldestUnacknowledged(home_->sent_log(), bytes - std::min(sender_.small_bytes(now), bytes));
  if (oldest && now - *oldest > kWatchLate + minimum_rtt_) {
    WatchLine(home_->sent_log(), now);
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
                                   ? std::max(sender_.last_progress(), home_->last_sent())
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
    // Half-closed is closed: a peer that sends no more has left.
    return End(ViewerEnd::kConnectionLost);
  }
  Consume(std::span(env_.read_buffer).first(static_cast<size_t>(std::max<ssize_t>(received, 0))));
  AwaitReadable();
}

void ViewerSession::OnMail() {
  thread_.Check();
  for (const std::string& text : mailbox_->Take()) {
    if (is_open()) {
      Obey(receiver_.TakeText(text));
    }
  }
}

void ViewerSession::Consume(std::span<const uint8_t> bytes) {
  if (mailbox_ && !bytes.empty() && is_open()) {
    return On(ViewerViolation{.code = wire::CloseCode::kPolicyViolation,
                              .what = "bytes after its request"});
  }
  while (!bytes.empty() && is_open()) {
    Obey(receiver_.Next(bytes));
  }
}

void ViewerSession::Obey(const ViewerEvent& event) {
  std::visit([this](const auto& it) PISTREAM_REQUIRES(thread_) { On(it); }, event);
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
  if (ping.seen) {
    OnSeen(*ping.seen);
  }
  const std::string pong = MakePong(ping.id, env_.clock.Now());
  Respond(ViewerSender::Small::kReply, SmallMessage(Opcode::kText, AsBytes(pong)));
}

// All viewers pay for an I picture, so one that is paused gets none: resuming requests it if
// needed.
void ViewerSession::On(const KeyframeRequest&) {
  if (state_ == State::kStreaming) {
    home_->RequestKeyframe();
  }
}

// What is under way is finished; what waits is dropped, and is no loss.
void ViewerSession::On(const PauseRequest&) {
  if (state_ != State::kStreaming) {
    return;
  }
  if (line_ && line_->control().is_limited()) {
    control_before_pause_ = line_->control();
  }
  CancelMove();
  StopWatchingLine();
  SetLimit(0);
  home_->StopWatching();
  state_ = State::kPaused;
  home_->metrics().viewers_paused.Increment();
  sender_.Restart();
  Flush();
}

// As one that joins.
void ViewerSession::On(const ResumeRequest&) {
  if (state_ != State::kPaused) {
    return;
  }
  const std::vector<PicturePtr> group = home_->StartWatching();
  if (state_ != State::kPaused) {  // the stream turned out to be removed, and this has ended
    return home_->StopWatching();
  }
  state_ = State::kStreaming;
  home_->metrics().viewers_paused.Decrement();
  SetLimit(control_before_pause_ ? control_before_pause_->limit_bps() : std::nullopt);
  WatchLine({}, env_.clock.Now());
  SendGroup(group);
}

void ViewerSession::On(const QualityRequest& request) {
  quality_ = request.quality;
  if (state_ == State::kStreaming) {
    WatchLine(home_->sent_log(), env_.clock.Now());
  }
}

void ViewerSession::On(const ViewerReport& report) { CountReport(report, home_->metrics()); }

void ViewerSession::OnSeen(uint64_t sequence) {
  const SentLog& log = line_ ? line_->log() : home_->sent_log();
  const auto index = log.Find(sequence);
  if (state_ != State::kStreaming || !index) {
    return;
  }
  const SteadyTime now = env_.clock.Now();
  const Duration after = now - log[*index].at;
  const Duration least = seen_after_.value_or(after);
  seen_after_ = std::min<Duration>(after < least ? after : least + (after - least) / kSeenMemory,
                                   kLongestSeenAfter);
  if (after > *seen_after_ + kWatchLate) {
    WatchLine(home_->sent_log(), now);
  }
  if (line_) {
    line_->OnSeen(sequence, *seen_after_, now);
  }
}

// `sent`: what it was sent until now; empty where that does not matter.
void ViewerSession::WatchLine(const SentLog& sent, SteadyTime now) {
  if (line_) {
    return;
  }
  const Stream& stream = *home_->stream();
  LineControl control = control_before_pause_.value_or(LineControl(now));
  control.NotePause(now);
  control_before_pause_.reset();
  line_ = std::make_unique<ViewerLine>(sent, stream.format().framerate.FrameTime(),
                                       stream.bitrate_bps(), control);
  sender_.SetLog(&line_->log());
  home_->table()[index_].can_send_directly = false;
  if (!std::exchange(is_sampled_, true)) {
    env_.watch_line(shared_from_this());
  }
}

void ViewerSession::StopWatchingLine() {
  CountLimited(false);
  sender_.SetLog(nullptr);
  line_.reset();
  drops_pictures_ = false;
}

bool ViewerSession::SampleLine(SteadyTime now) {
  thread_.Check();
  is_sampled_ = state_ == State::kStreaming && line_ && TakeSample(now);
  return is_sampled_;
}

bool ViewerSession::TakeSample(SteadyTime now) {
  auto account = transport_->GetLineAccount();
  if (!account) {
    StopWatchingLine();
    SetLimit(std::nullopt);
    return false;
  }
  minimum_rtt_ = account->minimum_rtt;
  account->unacknowledged_bytes -=
      std::min(sender_.small_bytes(now), account->unacknowledged_bytes);
  const LineControl::Decision decision =
      line_->Sample(*account, sender_.unsent_bytes(), MakeLineContext(), now);
  // A line that is drained takes nothing, so the socket is not full when it is dead.
  if (decision.limit_bps == 0 && now - line_->last_progress() > env_.stall_limit) {
    End(ViewerEnd::kStalled);
    return false;
  }
  Follow(decision);
  if (state_ != State::kStreaming) {
    return false;
  }
  const bool is_reported = ReportLine(now);
  if (state_ != State::kStreaming) {
    return false;
  }
  if (!next_ && is_reported && line_->control().IsUninteresting(now)) {
    StopWatchingLine();
    Flush();
    return false;
  }
  return true;
}

LineContext ViewerSession::MakeLineContext() const {
  const Stream& stream = *home_->stream();
  LineContext context{.scale = (next_ ? next_ : home_)->scale(),
                      .can_change_scale = IsV1(protocol_),
                      .quality = quality_,
                      .bitrate_bps = stream.bitrate_bps()};
  for (const VideoScale scale : kVideoScales) {
    context.sufficient_bps[static_cast<size_t>(scale)] = stream.sufficient_bitrate_bps(scale);
  }
  context.is_moving = next_ != nullptr;
  if (limit_bps_) {
    context.others_want_bps = (next_ ? next_ : home_)->OthersWant(*limit_bps_);
    context.shares_pictures = home_->OthersWant(*limit_bps_) > 0;
  }
  if (context.scale != VideoScale::kFull) {
    const auto larger = static_cast<VideoScale>(static_cast<int>(context.scale) - 1);
    context.larger_wants_bps = WantedOf(*stream.video(larger));
  }
  return context;
}

void ViewerSession::Follow(const LineControl::Decision& decision) {
  const bool has_drained = limit_bps_ == 0 && decision.limit_bps != 0;
  if (decision.scale != (next_ ? next_ : home_)->scale()) {
    CancelMove();
    BeginMove(decision.scale);
    if (state_ != State::kStreaming) {
      return;  // what it has not been sent yet ended it
    }
  }
  SetLimit(decision.limit_bps);
  sender_.SetAgeLimit(line_->control().is_limited() ? kLimitedAge : kUsualAge);
  if (decision.drops_pictures && !drops_pictures_) {
    sender_.Lose();
  }
  drops_pictures_ = decision.drops_pictures;
  // The I picture of a smaller track may have come while the line was drained.
  if (has_drained && next_ && next_->scale() > home_->scale()) {
    next_->RequestKeyframe();
  }
  // After an outage, for example, there is an I picture to wait for.
  AskForKeyframe();
}

void ViewerSession::SetLimit(std::optional<int64_t> limit_bps) {
  if (std::exchange(limit_bps_, limit_bps) == limit_bps) {
    return;
  }
  // A smaller track that it leaves is not to grow for it: others there may have thin lines.
  if (limit_bps || !next_ || next_->scale() > home_->scale()) {
    home_->SetLimit(index_, limit_bps);
  }
  if (next_) {
    next_->SetLimit(next_index_, limit_bps);
  }
  const int64_t bytes = limit_bps.value_or(INT64_MAX) / 8 / kUnsentShare;
  const auto mark = static_cast<int>(std::clamp<int64_t>(bytes, kLeastUnsentBytes, kUnsentBytes));
  if (limit_bps != 0 && std::exchange(unsent_mark_, mark) != mark) {
    transport_->SetUnsentMark(mark);
  }
}

void ViewerSession::BeginMove(VideoScale scale) {
  if (scale == home_->scale()) {
    return;
  }
  next_ = &env_.viewers_of(home_->stream(), scale);
  next_->Add({.transport = transport_.get(),
              .protocol = protocol_,
              .limit_bps = limit_bps_,
              .index = &next_index_,
              .session = shared_from_this()});
  next_->StartWatching();
  // Others are not to pay for a move to a larger track: its next I picture comes by itself. (If
  // nobody watches the track, its first picture is one.)
  if (next_ && scale > home_->scale()) {
    next_->RequestKeyframe();
  }
}

void ViewerSession::FinishMove() {
  TrackViewers& before = *home_;
  home_ = std::exchange(next_, nullptr);
  const size_t index_before = std::exchange(index_, next_index_);
  home_->table()[index_].index = &index_;
  before.Remove(index_before);
  before.StopWatching();
  sender_.SwitchTo(home_->counts());
  drops_pictures_ = false;
  ++switches_;
  home_->metrics().SwitchesTo(home_->scale()).Increment();
}

void ViewerSession::CancelMove() {
  if (TrackViewers* const cancelled = std::exchange(next_, nullptr)) {
    cancelled->Remove(next_index_);
    cancelled->StopWatching();
  }
}

void ViewerSession::CountLimited(bool is_limited) {
  if (std::exchange(counts_as_limited_, is_limited) != is_limited) {
    home_->metrics().viewers_limited.Increment(is_limited ? 1 : -1);
  }
}

// False if there is something to be said, and it is too early.
bool ViewerSession::ReportLine(SteadyTime now) {
  const LineControl& control = line_->control();
  CountLimited(control.is_limited());
  const bool is_worth_it = control.is_limited() || switches_ > 0 || !line_report_.empty();
  if (!is_worth_it) {
    return true;
  }
  if (now - line_reported_ < kReportInterval) {
    return false;
  }
  line_reported_ = now;
  const LineState state = line_->state();
  if (control.is_limited()) {
    home_->metrics().line_bits_per_second.Observe(static_cast<double>(state.rate_bps.value_or(0)));
    home_->metrics().line_delay_seconds.Observe(Seconds(state.standing_delay));
  }
  std::string report = MakeLineMessage({.rate_bps = state.rate_bps,
                                        .delay = state.standing_delay,
                                        .scale = home_->scale(),
                                        .switches = switches_,
                                        .reason = control.reason()});
  if (IsV1(protocol_) && report != line_report_) {
    line_report_ = std::move(report);
    Respond(ViewerSender::Small::kLine, SmallMessage(Opcode::kText, AsBytes(line_report_)));
  }
  return true;
}

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
    // Before anybody can see that it has ended, and lets time pass.
    close_deadline_ = env_.clock.Now() + kCloseTimeout;
    Leave(row, detail);
  }
  switch (row.manner) {
    case ViewerEndRow::Manner::kHandshake:
      if (was_open) {
        state_ = State::kClosing;
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
  if (mailbox_) {
    mailbox_->Close();
    home_->metrics().viewers_by_http.Decrement();
  }
  CancelMove();
  StopWatchingLine();
  SetLimit(0);
  if (state_ == State::kStreaming) {
    home_->StopWatching();
  } else {
    home_->metrics().viewers_paused.Decrement();
  }
  home_->metrics().viewers.Decrement();
  row.counter(home_->metrics()).Increment();
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
    home_->Remove(index_);
    transport_->Close();
  }
}

}  // namespace pistream
