// A decoder of chunked request bodies (RFC 9112, 7.1), without I/O. Fuzzed with RequestReader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pistream {

// Decodes one body. Works byte by byte, so that the result does not depend on how the bytes are
// split.
class ChunkedDecoder {
 public:
  // The limit for chunk extensions and trailer fields together, which are skipped.
  static constexpr size_t kMaximumSkipped = 4096;

  explicit ChunkedDecoder(size_t maximum_body) : maximum_body_(maximum_body) {}

  enum class Status {
    kNeedMore,
    kDone,
    kMalformed,
    kTooLarge,  // the body, the extensions or the trailer fields
  };
  struct Outcome {
    Status status;
    size_t consumed;  // bytes that belong to this body
  };
  // Appends the body's part of `bytes` to `body`. Must not be called again unless it returns
  // kNeedMore.
  Outcome Feed(std::string_view bytes, std::string& body);

 private:
  enum class State {
    kSize,
    kExtension,
    kSizeEnd,  // the line feed after the chunk's size
    kData,
    kDataCr,
    kDataLf,
    kTrailerStart,  // of a line
    kTrailer,
    kTrailerEnd,
    kLastLf,
  };

  Status Take(char c);
  Status TakeSize(char c);
  Status EndSize(char c);
  Status Skip(char c, State at_line_end);
  Status Expect(bool is_expected, State next);

  const size_t maximum_body_;
  State state_ = State::kSize;
  uint64_t size_ = 0;  // of the chunk, or what is left of it
  int digits_ = 0;
  size_t total_ = 0;
  size_t skipped_ = 0;
};

}  // namespace pistream
