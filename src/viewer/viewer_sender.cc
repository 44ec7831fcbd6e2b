#include "src/viewer/viewer_sender.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "src/net/socket_options.h"

namespace pistream {

namespace {

constexpr Duration kSmallPeriod = std::chrono::seconds(1);

}  // namespace

ViewerSender::ViewerSender(Transport& transport, StreamProtocol protocol, Clock& clock,
                           SendCounts& counts)
    : transport_(transport),
      protocol_(protocol),
      clock_(clock),
      counts_(&counts),
      last_progress_(clock.Now()) {}

bool ViewerSender::can_send_directly() const {
  return continuity_ == Continuity::kWhole && !is_full_ && !in_flight_ && queue_.empty() &&
         std::ranges::none_of(small_, [](const auto& one) { return one.has_value(); });
}

ViewerSender::Outcome ViewerSender::TakeOver(const MessageHead& head, const PicturePtr& picture,
                                             ssize_t taken, int error) {
  in_flight_ = InFlight{.head = head, .picture = picture, .trailer = PictureTrailer(protocol_)};
  last_progress_ = clock_.Now();
  return Keep(taken, error);
}

void ViewerSender::Put(Small kind, const MessageHead& message) {
  small_[static_cast<size_t>(kind)] = Packed(protocol_, message);
}

void ViewerSender::PutSize(Size size) {
  told_size_ = size;
  Put(Small::kSize, SizeMessage(size));
}

void ViewerSender::PutClose(const MessageHead& close) {
  Restart();
  small_[static_cast<size_t>(Small::kClose)] = PackedLast(protocol_, close);
}

bool ViewerSender::Push(const PicturePtr& picture, SteadyTime now) {
  if (continuity_ == Continuity::kNone) {
    if (picture->type != PictureType::kIntra) {
      return false;  // before its time: nothing is lost
    }
    continuity_ = Continuity::kBroken;
  }
  const ViewerQueue::Outcome outcome = queue_.Push(picture, now);
  CountDropped(outcome.dropped);
  return outcome.needs_keyframe;
}

void ViewerSender::CountDropped(uint64_t pictures) {
  if (pictures > 0) {
    counts_->dropped += pictures;
    continuity_ = Continuity::kBroken;
  }
}

void ViewerSender::Lose() {
  CountDropped(queue_.AwaitKeyframe());
  if (continuity_ == Continuity::kWhole) {
    continuity_ = Continuity::kBroken;
  }
}

void ViewerSender::Restart() {
  queue_.AwaitKeyframe();
  continuity_ = Continuity::kNone;
}

ViewerSender::Outcome ViewerSender::OnWritable() {
  is_full_ = false;
  return Flush();
}

ViewerSender::Outcome ViewerSender::Flush() {
  if (is_full_) {
    return Outcome::kStillFull;
  }
  while (in_flight_ || ComposeNext()) {
    const Outcome outcome = SendInFlight();
    if (outcome != Outcome::kIdle) {
      return outcome;
    }
  }
  if (is_full_) {
    return Outcome::kFull;
  }
  // A picture that could not be composed has another size.
  return queue_.empty() ? Outcome::kIdle : Outcome::kSizeChanged;
}

// Takes the next message, if there is one.
bool ViewerSender::ComposeNext() {
  if (!ComposeSmall() && !ComposePicture()) {
    return false;
  }
  last_progress_ = clock_.Now();
  return true;
}

bool ViewerSender::ComposeSmall() {
  const auto next = std::ranges::find_if(small_, [](const auto& one) { return one.has_value(); });
  if (next == small_.end()) {
    return false;
  }
  const bool is_close = next == small_.begin() + static_cast<ptrdiff_t>(Small::kClose);
  in_flight_ = InFlight{.head = *std::exchange(*next, std::nullopt), .is_close = is_close};
  const SteadyTime now = clock_.Now();
  if (now - small_since_ >= kSmallPeriod) {
    small_bytes_before_ = now - small_since_ < 2 * kSmallPeriod ? small_bytes_ : 0;
    small_bytes_ = 0;
    small_since_ = now;
  }
  small_bytes_ += in_flight_->size();
  return true;
}

size_t ViewerSender::small_bytes(SteadyTime now) const {
  const Duration since = now - small_since_;
  if (since >= 2 * kSmallPeriod) {
    return 0;
  }
  return since >= kSmallPeriod ? small_bytes_ : small_bytes_ + small_bytes_before_;
}

bool ViewerSender::ComposePicture() {
  if (queue_.empty()) {
    return false;
  }
  const Size size = queue_.front()->size;
  if (size != told_size_ && !IsV1(protocol_)) {
    return false;
  }
  // send() takes far more than the mark of unsent bytes says: asked before each picture, less is
  // in front of the next one (docs/decisions/0011).
  if (!transport_.IsWritable()) {
    is_full_ = true;
    return false;
  }
  if (std::exchange(told_size_, size) != size) {
    in_flight_ = InFlight{.head = Packed(protocol_, SizeMessage(size))};
    return true;
  }
  PicturePtr picture = queue_.Pop();
  const bool is_discontinuity =
      std::exchange(continuity_, Continuity::kWhole) != Continuity::kWhole;
  const MessageHead head = PictureHead(protocol_, *picture, is_discontinuity, clock_.Now());
  in_flight_ =
      InFlight{.head = head, .picture = std::move(picture), .trailer = PictureTrailer(protocol_)};
  if (log_ != nullptr) {
    log_->Add(*in_flight_->picture, in_flight_->size(), clock_.Now());
  }
  return true;
}

// One write. kIdle: the message is finished.
ViewerSender::Outcome ViewerSender::SendInFlight() {
  size_t skip = in_flight_->sent;
  const auto unsent = [&](std::span<const uint8_t> bytes) {
    const size_t skipped = std::min(skip, bytes.size());
    skip -= skipped;
    return Part(bytes.subspan(skipped));
  };
  const bool is_picture = in_flight_->picture != nullptr;
  const auto picture = is_picture ? std::span<const uint8_t>(in_flight_->picture->bytes)
                                  : std::span<const uint8_t>();
  std::array<iovec, 3> parts = {unsent(in_flight_->head.bytes()), unsent(picture),
                                unsent(in_flight_->trailer)};
  const ssize_t taken = transport_.SendParts(parts);
  const int error = errno;
  const size_t left = in_flight_->size() - in_flight_->sent;
  return Count(*counts_, taken, left, is_picture) ? Finish() : Keep(taken, error);
}

ViewerSender::Outcome ViewerSender::Finish() {
  last_progress_ = clock_.Now();
  const bool is_close = in_flight_->is_close;
  in_flight_.reset();
  return is_close ? Outcome::kCloseSent : Outcome::kIdle;
}

// What the socket did not take of the message in flight.
ViewerSender::Outcome ViewerSender::Keep(ssize_t taken, int error) {
  if (taken < 0 && error != EAGAIN) {
    return Outcome::kBroken;
  }
  if (taken > 0) {
    in_flight_->sent += static_cast<size_t>(taken);
    last_progress_ = clock_.Now();
  }
  is_full_ = true;
  return Outcome::kFull;
}

}  // namespace pistream
