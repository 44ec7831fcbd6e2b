// What one viewer is sent, in order and whole: the message that its socket has taken a part of,
// small messages that wait, and pictures that wait.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "src/base/clock.h"
#include "src/http/stream_protocol.h"
#include "src/media/picture.h"
#include "src/media/video_format.h"
#include "src/net/transport.h"
#include "src/stream/viewer_queue.h"
#include "src/viewer/outgoing_message.h"
#include "src/viewer/sent_log.h"

namespace pistream {

// What the viewers of one track were sent on one thread, since the metrics were told. Plain
// numbers: a picture that is sent to a thousand viewers costs the metrics one addition.
struct SendCounts {
  uint64_t bytes = 0;     // that sockets took
  uint64_t pictures = 0;  // that sockets took to the last byte
  uint64_t dropped = 0;   // pictures not sent to a viewer that could not keep up
};

// Belongs to one network thread. Knows its socket and nothing of other viewers.
//
// A picture goes out in one of two ways. While can_send_directly(), whoever sends to all viewers
// writes it to the socket itself, counts that with Count() and, if the socket did not take all of
// it, hands the rest over with TakeOver(). Otherwise it is pushed here and goes out with Flush().
class ViewerSender {
 public:
  // Small messages, in the order in which they go out; all go before pictures, for most are
  // responses. At most one of each kind waits: a newer one takes its place.
  enum class Small : uint8_t { kSize, kPong, kReply, kLine, kPing, kClose };

  enum class Outcome : uint8_t {
    kIdle,         // all there is has been sent
    kFull,         // as of now: call OnWritable once the socket is writable
    kStillFull,    // as before
    kSizeChanged,  // the next picture has another size, which this protocol cannot say
    kCloseSent,    // the close frame, after which there is nothing
    kBroken,       // the connection
  };

  // `transport`, `clock` and `counts` outlive the sender.
  ViewerSender(Transport& transport, StreamProtocol protocol, Clock& clock, SendCounts& counts);

  // Counts one write, of a whole message or of the rest of one that had `left` bytes to go: `taken`
  // is what Transport::Send returned. True if that was all of it.
  static bool Count(SendCounts& counts, ssize_t taken, size_t left, bool is_picture) {
    counts.bytes += taken > 0 ? static_cast<uint64_t>(taken) : 0;
    if (taken != static_cast<ssize_t>(left)) {
      return false;
    }
    counts.pictures += is_picture ? 1 : 0;
    return true;
  }

  // The next picture can be written to the socket straight away: nothing waits, the socket takes
  // more, and the picture follows the one before.
  bool can_send_directly() const;

  // The rest of a picture's message that was written to the socket directly: of `head`, `picture`
  // and the trailer of its protocol only `taken` bytes (-1: none, with `error`). It is counted.
  Outcome TakeOver(const MessageHead& head, const PicturePtr& picture, ssize_t taken, int error);

  // These wait for Flush.

  void Put(Small kind, const MessageHead& message);
  // The first message. What later pictures are compared with.
  void PutSize(Size size);
  // The last message. Pictures that wait are dropped.
  void PutClose(const MessageHead& close);
  // The next picture. True if nothing can be sent before an I picture comes: one should be asked
  // for.
  bool Push(const PicturePtr& picture, SteadyTime now);

  // Pictures were lost on the way here: the next one is an I picture.
  void Lose();

  // The viewer is sent another track, whose pictures `counts` counts, from an I picture on.
  void SwitchTo(SendCounts& counts) {
    counts_ = &counts;
    Restart();
  }

  // Where each picture that goes out with Flush is noted; null: nowhere.
  void SetLog(SentLog* log) { log_ = log; }
  // Of small messages, which are in no log, what the socket may still hold: those of the last
  // second or two.
  size_t small_bytes(SteadyTime now) const;
  // Of the message in flight, what the socket has not taken.
  size_t unsent_bytes() const { return in_flight_ ? in_flight_->size() - in_flight_->sent : 0; }
  // How long a picture may wait.
  void SetAgeLimit(Duration age) { queue_.SetAgeLimit(age); }

  // A picture that is not for this viewer, whose line is being drained. Counts as dropped.
  void Drop() { CountDropped(1); }

  // Begins again, as for a viewer that joins: pictures that wait are dropped, and that is no loss.
  void Restart();

  // Sends what there is to send, until the socket is full. Not after kBroken or kCloseSent.
  Outcome Flush();
  Outcome OnWritable();

  bool is_full() const { return is_full_; }
  // Nothing but an I picture can be sent.
  bool awaits_keyframe() const { return queue_.awaits_keyframe(); }
  // When the socket last took something, or the message in flight began. Of direct sends only those
  // that were taken over.
  SteadyTime last_progress() const { return last_progress_; }

 private:
  // How the next picture follows those sent before.
  enum class Continuity : uint8_t {
    kNone,    // it is the first: what comes before an I picture is no loss
    kBroken,  // it does not, and says so
    kWhole,
  };

  // What belongs together of which the socket has not yet taken everything.
  struct InFlight {
    MessageHead head;
    PicturePtr picture = nullptr;           // null: `head` is all
    std::span<const uint8_t> trailer = {};  // behind a picture; of static storage
    bool is_close = false;
    size_t sent = 0;

    size_t size() const {
      return head.size() + (picture ? picture->bytes.size() : 0) + trailer.size();
    }
  };

  static constexpr size_t kSmallKinds = static_cast<size_t>(Small::kClose) + 1;

  void CountDropped(uint64_t pictures);
  bool ComposeNext();
  bool ComposeSmall();
  bool ComposePicture();
  Outcome SendInFlight();
  Outcome Finish();
  Outcome Keep(ssize_t taken, int error);

  Transport& transport_;
  const StreamProtocol protocol_;
  Clock& clock_;
  SendCounts* counts_;
  SentLog* log_ = nullptr;
  std::optional<InFlight> in_flight_;
  std::array<std::optional<MessageHead>, kSmallKinds> small_;
  // Since `small_since_`, and in the second before it.
  size_t small_bytes_ = 0;
  size_t small_bytes_before_ = 0;
  SteadyTime small_since_;
  ViewerQueue queue_{ViewerQueue::Limits{}};
  Continuity continuity_ = Continuity::kNone;
  bool is_full_ = false;
  SteadyTime last_progress_;
  Size told_size_;
};

}  // namespace pistream
