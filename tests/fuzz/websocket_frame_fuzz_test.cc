// Feeds a viewer's bytes to the frame parser twice: at once, and split as the input's first byte
// determines. Both must produce the same events.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <span>
#include <vector>

#include "src/wire/websocket_frame.h"

namespace pistream::wire {
namespace {

using Status = ClientFrameParser::Status;
using Bytes = std::span<const uint8_t>;

struct Seen {
  Status status;
  Opcode opcode;
  CloseCode close_code;
  std::vector<uint8_t> payload;
  size_t at;  // bytes consumed since the start

  bool operator==(const Seen&) const = default;
};

void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void CheckMessage(const ClientFrameParser::Event& event) {
  const bool is_control = static_cast<uint8_t>(event.opcode) >= 0x8;
  Require(event.opcode != Opcode::kContinuation);
  Require(event.payload.size() <=
          (is_control ? kMaximumControlPayload : ClientFrameParser::kMaximumMessage));
}

class Feeder {
 public:
  // Returns whether the parser accepts more bytes.
  bool Feed(Bytes bytes) {
    while (!bytes.empty()) {
      const auto event = parser_.Feed(bytes);
      Require(event.consumed > 0 && event.consumed <= bytes.size());
      at_ += event.consumed;
      bytes = bytes.subspan(event.consumed);
      if (event.status == Status::kNeedMore) {
        Require(bytes.empty());
        continue;
      }
      seen_.push_back({event.status,
                       event.opcode,
                       event.close_code,
                       {event.payload.begin(), event.payload.end()},
                       at_});
      if (event.status == Status::kError) {
        CheckStaysFailed(event);
        return false;
      }
      CheckMessage(event);
    }
    return true;
  }

  const std::vector<Seen>& seen() const { return seen_; }

 private:
  void CheckStaysFailed(const ClientFrameParser::Event& event) {
    Require(!event.error.empty());
    const uint8_t more = 0x81;
    const auto again = parser_.Feed({&more, 1});
    Require(again.status == Status::kError && again.close_code == event.close_code);
  }

  ClientFrameParser parser_;
  std::vector<Seen> seen_;
  size_t at_ = 0;
};

std::vector<Seen> FeedWhole(Bytes bytes) {
  Feeder feeder;
  feeder.Feed(bytes);
  return feeder.seen();
}

// Pieces of 1 to `longest` + 1 bytes.
std::vector<Seen> FeedInPieces(Bytes bytes, uint8_t longest) {
  std::minstd_rand random(longest);
  Feeder feeder;
  while (!bytes.empty()) {
    const size_t size = std::min<size_t>(bytes.size(), 1 + random() % (size_t{longest} + 1));
    if (!feeder.Feed(bytes.first(size))) {
      break;
    }
    bytes = bytes.subspan(size);
  }
  return feeder.seen();
}

}  // namespace
}  // namespace pistream::wire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pistream::wire;  // NOLINT(google-build-using-namespace)
  if (size > 0) {
    const Bytes bytes(data + 1, size - 1);
    Require(FeedInPieces(bytes, data[0]) == FeedWhole(bytes));
  }
  return 0;
}
