#include "src/http/chunked_decoder.h"

#include <algorithm>
#include <optional>

#include "src/http/text.h"

namespace pistream {
namespace {

// More have no meaning for sizes that fit into 64 bits.
constexpr int kMaximumDigits = 16;

}  // namespace

ChunkedDecoder::Outcome ChunkedDecoder::Feed(std::string_view bytes, std::string& body) {
  size_t consumed = 0;
  while (consumed < bytes.size()) {
    if (state_ == State::kData) {
      const auto size = std::min<uint64_t>(size_, bytes.size() - consumed);
      body.append(bytes.substr(consumed, size));
      consumed += size;
      size_ -= size;
      state_ = size_ == 0 ? State::kDataCr : State::kData;
      continue;
    }
    const Status status = Take(bytes[consumed++]);
    if (status != Status::kNeedMore) {
      return {status, consumed};
    }
  }
  return {Status::kNeedMore, consumed};
}

ChunkedDecoder::Status ChunkedDecoder::Take(char c) {
  switch (state_) {
    case State::kSize:
      return TakeSize(c);
    case State::kExtension:
      return Skip(c, State::kSizeEnd);
    case State::kSizeEnd:
      return EndSize(c);
    case State::kDataCr:
      return Expect(c == '\r', State::kDataLf);
    case State::kDataLf:
      return Expect(c == '\n', State::kSize);
    case State::kTrailerStart:
      if (c == '\r') {
        return Expect(true, State::kLastLf);
      }
      state_ = State::kTrailer;
      return Skip(c, State::kTrailerEnd);
    case State::kTrailer:
      return Skip(c, State::kTrailerEnd);
    case State::kTrailerEnd:
      return Expect(c == '\n', State::kTrailerStart);
    case State::kLastLf:
      return c == '\n' ? Status::kDone : Status::kMalformed;
    case State::kData:
      break;  // Feed takes it
  }
  return Status::kMalformed;
}

ChunkedDecoder::Status ChunkedDecoder::TakeSize(char c) {
  if (const auto digit = HexDigit(c)) {
    size_ = size_ << 4 | static_cast<uint64_t>(*digit);
    return ++digits_ <= kMaximumDigits ? Status::kNeedMore : Status::kMalformed;
  }
  if (digits_ == 0) {
    return Status::kMalformed;
  }
  if (size_ > maximum_body_ - total_) {
    return Status::kTooLarge;
  }
  if (c == '\r') {
    return Expect(true, State::kSizeEnd);
  }
  return Expect(c == ';' || c == ' ' || c == '\t', State::kExtension);
}

ChunkedDecoder::Status ChunkedDecoder::EndSize(char c) {
  digits_ = 0;
  total_ += size_;
  return Expect(c == '\n', size_ == 0 ? State::kTrailerStart : State::kData);
}

ChunkedDecoder::Status ChunkedDecoder::Skip(char c, State at_line_end) {
  if (c == '\r') {
    return Expect(true, at_line_end);
  }
  if (IsControl(c)) {
    return Status::kMalformed;
  }
  return ++skipped_ <= kMaximumSkipped ? Status::kNeedMore : Status::kTooLarge;
}

ChunkedDecoder::Status ChunkedDecoder::Expect(bool is_expected, State next) {
  state_ = next;
  return is_expected ? Status::kNeedMore : Status::kMalformed;
}

}  // namespace pistream
