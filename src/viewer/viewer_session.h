// One viewer, from the response that begins its stream to the end of its connection.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/auth/credential.h"
#include "src/base/clock.h"
#include "src/base/sequence_checker.h"
#include "src/http/mailbox.h"
#include "src/http/stream_protocol.h"
#include "src/media/picture.h"
#include "src/net/socket_options.h"
#include "src/net/transport.h"
#include "src/viewer/control_message.h"
#include "src/viewer/outgoing_message.h"
#include "src/viewer/track_viewers.h"
#include "src/viewer/viewer_end.h"
#include "src/viewer/viewer_line.h"
#include "src/viewer/viewer_receiver.h"
#include "src/viewer/viewer_sender.h"
#include "src/viewer/viewer_table.h"

namespace pistream {

// Belongs to one network thread, which makes all calls. Owns the socket; the table of its track's
// viewers owns the session, for as long as the socket is open. No call fails: a fault of the peer
// ends the session.
//
// The session is about joining, pausing and leaving. What goes out and what comes in are its
// sender's and its receiver's, which know neither each other nor the table. What its line carries
// is its ViewerLine's, which exists while that is in question; the session carries out what that
// decides.
//
// A viewer that moves to another track is in the tables of both: it is sent pictures of the present
// one until the other one has an I picture.
class ViewerSession final : public TransportHandler,
                            public MailboxOwner,
                            public std::enable_shared_from_this<ViewerSession> {
 public:
  // One that was sent nothing for so long gets a ping: proxies cut a connection that is silent
  // (nginx after 60 s), as ours is while the camera is away. Whether a pong comes does not matter:
  // a peer that has vanished does not acknowledge the ping either, and the kernel ends the
  // connection, in a quarter of an hour as Linux is set up. (SO_KEEPALIVE alone: two hours.)
  static constexpr Duration kPingAfter = std::chrono::seconds(20);

  // `home` outlives the session. With a mailbox the viewer's messages come by that, and the
  // connection carries the stream only. `credential` let it in.
  ViewerSession(std::unique_ptr<Transport> transport, StreamProtocol protocol, TrackViewers& home,
                std::shared_ptr<Mailbox> mailbox = nullptr,
                CredentialId credential = CredentialId::kNone);

  CredentialId credential() const { return credential_; }

  // Enters the table, starts to watch, and sends the jsmp header and, unless classic, the pictures
  // since the last I picture. `early` is what the client sent after its request.
  void Start(std::string_view early);

  // The next picture of `from`, for a viewer that cannot be sent to directly, or of another size
  // than the one before.
  void OnPicture(const TrackViewers& from, const PicturePtr& picture, SteadyTime now);

  // As ViewerSender::TakeOver.
  void OnPartialSend(const MessageHead& head, const PicturePtr& picture, ssize_t taken, int error);

  // Pictures were lost on the way here: nothing can be sent before the next I picture.
  void OnPicturesLost(const TrackViewers& from);

  // Each ViewerLine::kSampleInterval while the line is watched closely; false: it is not any more.
  bool SampleLine(SteadyTime now);

  // From time to time: watches the line closely from now on if it seems to be late.
  void LookAtLine(SteadyTime now);

  // Now and then: ends the session if the viewer stalls, or does not finish closing; pings one that
  // was sent nothing for long.
  void Sweep(SteadyTime now);

  // Ends it, as the row of `end` says. Harmless when it has ended, or is about to.
  void End(ViewerEnd end);

  // Closes, whatever is under way.
  void Shutdown();

  void OnReadable() override;
  void OnWritable() override;
  void OnMail() override;

 private:
  enum class State : uint8_t {
    kStreaming,
    kPaused,    // by the viewer: it does not watch
    kClosing,   // no viewer any more: finishes the message under way, then sends the close frame
    kDraining,  // has sent all: waits for the peer to hang up
    kGone,
  };

  bool is_open() const PISTREAM_REQUIRES(thread_) {
    return state_ == State::kStreaming || state_ == State::kPaused;
  }

  void SendGroup(std::span<const PicturePtr> group) PISTREAM_REQUIRES(thread_);
  void Respond(ViewerSender::Small kind, const MessageHead& message) PISTREAM_REQUIRES(thread_);
  void Flush() PISTREAM_REQUIRES(thread_);
  void React(ViewerSender::Outcome outcome) PISTREAM_REQUIRES(thread_);
  void AskForKeyframe() PISTREAM_REQUIRES(thread_);

  void AwaitReadable() PISTREAM_REQUIRES(thread_);
  void Consume(std::span<const uint8_t> bytes) PISTREAM_REQUIRES(thread_);
  void Obey(const ViewerEvent& event) PISTREAM_REQUIRES(thread_);
  void On(const NoViewerEvent& nothing) PISTREAM_REQUIRES(thread_);
  void On(const WebSocketPing& ping) PISTREAM_REQUIRES(thread_);
  void On(const ViewerClose& close) PISTREAM_REQUIRES(thread_);
  void On(const ViewerViolation& violation) PISTREAM_REQUIRES(thread_);
  void On(const ControlMessage& message) PISTREAM_REQUIRES(thread_);
  void On(const UnknownMessage& unknown) PISTREAM_REQUIRES(thread_);
  void On(const PingRequest& ping) PISTREAM_REQUIRES(thread_);
  void On(const KeyframeRequest& request) PISTREAM_REQUIRES(thread_);
  void On(const PauseRequest& request) PISTREAM_REQUIRES(thread_);
  void On(const ResumeRequest& request) PISTREAM_REQUIRES(thread_);
  void On(const QualityRequest& request) PISTREAM_REQUIRES(thread_);
  void On(const ViewerReport& report) PISTREAM_REQUIRES(thread_);

  void OnSeen(uint64_t sequence) PISTREAM_REQUIRES(thread_);
  void WatchLine(const SentLog& sent, SteadyTime now) PISTREAM_REQUIRES(thread_);
  void StopWatchingLine() PISTREAM_REQUIRES(thread_);
  LineContext MakeLineContext() const PISTREAM_REQUIRES(thread_);
  void Follow(const LineControl::Decision& decision) PISTREAM_REQUIRES(thread_);
  void SetLimit(std::optional<int64_t> limit_bps) PISTREAM_REQUIRES(thread_);
  bool TakeSample(SteadyTime now) PISTREAM_REQUIRES(thread_);
  void CountLimited(bool is_limited) PISTREAM_REQUIRES(thread_);
  bool ReportLine(SteadyTime now) PISTREAM_REQUIRES(thread_);
  void BeginMove(VideoScale scale) PISTREAM_REQUIRES(thread_);
  void FinishMove() PISTREAM_REQUIRES(thread_);
  void CancelMove() PISTREAM_REQUIRES(thread_);

  void End(const ViewerEndRow& row, const MessageHead& close, std::string_view detail)
      PISTREAM_REQUIRES(thread_);
  void Leave(const ViewerEndRow& row, std::string_view detail) PISTREAM_REQUIRES(thread_);
  void Close() PISTREAM_REQUIRES(thread_);

  SequenceChecker thread_;
  const std::unique_ptr<Transport> transport_;
  // Whose pictures it is sent, and to which it moves.
  TrackViewers* home_ PISTREAM_GUARDED_BY(thread_);
  TrackViewers* next_ PISTREAM_GUARDED_BY(thread_) = nullptr;
  ViewerEnvironment& env_;
  const StreamProtocol protocol_;
  const std::shared_ptr<Mailbox> mailbox_;  // of a viewer over HTTP
  const CredentialId credential_;
  State state_ PISTREAM_GUARDED_BY(thread_) = State::kStreaming;
  size_t index_ PISTREAM_GUARDED_BY(thread_) = 0;       // in home_'s table, until kGone
  size_t next_index_ PISTREAM_GUARDED_BY(thread_) = 0;  // in next_'s
  ViewerSender sender_ PISTREAM_GUARDED_BY(thread_);
  ViewerReceiver receiver_ PISTREAM_GUARDED_BY(thread_);
  // When it last asked for an I picture after a loss.
  std::optional<SteadyTime> asked_ PISTREAM_GUARDED_BY(thread_);
  Quality quality_ PISTREAM_GUARDED_BY(thread_) = Quality::kAuto;
  // While it is watched closely.
  std::unique_ptr<ViewerLine> line_ PISTREAM_GUARDED_BY(thread_);
  // While it is paused, if its line was limited.
  std::optional<LineControl> control_before_pause_ PISTREAM_GUARDED_BY(thread_);
  Duration minimum_rtt_ PISTREAM_GUARDED_BY(thread_){0};         // as far as known
  bool counts_as_limited_ PISTREAM_GUARDED_BY(thread_) = false;  // in the metrics
  bool is_sampled_ PISTREAM_GUARDED_BY(thread_) = false;         // until SampleLine returns false
  // What its track sends is for others: the line is being drained.
  bool drops_pictures_ PISTREAM_GUARDED_BY(thread_) = false;
  std::optional<int64_t> limit_bps_ PISTREAM_GUARDED_BY(thread_);
  int unsent_mark_ PISTREAM_GUARDED_BY(thread_) = kUnsentBytes;  // the socket's
  // The least time from sending a picture to the viewer's message that has seen it.
  std::optional<Duration> seen_after_ PISTREAM_GUARDED_BY(thread_);
  int64_t switches_ PISTREAM_GUARDED_BY(thread_) = 0;
  std::string line_report_ PISTREAM_GUARDED_BY(thread_);  // the last that was sent
  SteadyTime line_reported_ PISTREAM_GUARDED_BY(thread_);
  SteadyTime close_deadline_ PISTREAM_GUARDED_BY(thread_);
};

}  // namespace pistream
