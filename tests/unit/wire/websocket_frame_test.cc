#include "src/wire/websocket_frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/unit/wire/client_frames.h"

namespace pistream::wire {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

using Bytes = std::vector<uint8_t>;
using Status = ClientFrameParser::Status;

// The server's own frames.

struct HeaderCase {
  std::string name;
  uint64_t payload_bytes = 0;
  Bytes header;
};

void PrintTo(const HeaderCase& one, std::ostream* out) { *out << one.name; }

class FrameHeaderTest : public testing::TestWithParam<HeaderCase> {};

TEST_P(FrameHeaderTest, Make_AnyLength_IsInItsShortestForm) {
  const FrameHeader header = MakeFrameHeader(Opcode::kBinary, GetParam().payload_bytes);
  EXPECT_THAT(header.span(), ElementsAreArray(GetParam().header));
}

INSTANTIATE_TEST_SUITE_P(
    Lengths, FrameHeaderTest,
    testing::Values(HeaderCase{"Zero", 0, {0x82, 0}}, HeaderCase{"LongestShort", 125, {0x82, 125}},
                    HeaderCase{"Shortest16", 126, {0x82, 126, 0, 126}},
                    HeaderCase{"Longest16", 65535, {0x82, 126, 0xFF, 0xFF}},
                    HeaderCase{"Shortest64", 65536, {0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0}},
                    HeaderCase{"Big", 0x0102030405060708, {0x82, 127, 1, 2, 3, 4, 5, 6, 7, 8}}),
    [](const auto& info) { return info.param.name; });

TEST(FrameHeaderTest, Make_EachOpcode_IsFinalWithThatOpcode) {
  EXPECT_EQ(MakeFrameHeader(Opcode::kText, 1).bytes[0], 0x81);
  EXPECT_EQ(MakeFrameHeader(Opcode::kPong, 1).bytes[0], 0x8A);
}

TEST(CloseFrameTest, Make_CodeAndReason_AreInThePayload) {
  EXPECT_THAT(MakeCloseFrame(CloseCode::kServiceRestart, "ok").span(),
              ElementsAre(0x88, 4, 0x03, 0xF4, 'o', 'k'));
}

TEST(CloseFrameTest, Make_NoReason_IsTheCodeAlone) {
  EXPECT_THAT(MakeCloseFrame(CloseCode::kGoingAway, "").span(), ElementsAre(0x88, 2, 0x03, 0xE9));
}

TEST(CloseFrameTest, Make_LongReason_IsCutBetweenCharacters) {
  const std::string reason = std::string(122, 'x') + "\xC3\xA9";
  const CloseFrame frame = MakeCloseFrame(CloseCode::kNormal, reason);
  EXPECT_EQ(frame.bytes[1], 124);
  EXPECT_EQ(frame.size, 126U);
  EXPECT_EQ(frame.bytes[frame.size - 1], 'x');
}

// What clients send. Each case is fed whole, byte by byte, and cut in two at every place (long
// ones at many).

struct Seen {
  Status status = Status::kNeedMore;
  Opcode opcode = Opcode::kText;
  std::string payload;
  std::optional<CloseCode> close_code;
  size_t at = 0;  // bytes consumed since the start

  bool operator==(const Seen&) const = default;
};

void PrintTo(const Seen& seen, std::ostream* out) {
  *out << (seen.status == Status::kError ? "error " : "message ")
       << static_cast<int>(seen.close_code.value_or(CloseCode{})) << " opcode "
       << static_cast<int>(seen.opcode) << " '" << seen.payload << "' at " << seen.at;
}

// Ends with the first error.
class Feeder {
 public:
  void Feed(std::span<const uint8_t> bytes) {
    while (!bytes.empty() && !failed_) {
      const auto event = parser_.Feed(bytes);
      ASSERT_LE(event.consumed, bytes.size());
      at_ += event.consumed;
      bytes = bytes.subspan(event.consumed);
      if (event.status == Status::kNeedMore) {
        ASSERT_TRUE(bytes.empty());
      } else if (event.status == Status::kMessage) {
        seen_.push_back({event.status,
                         event.opcode,
                         {event.payload.begin(), event.payload.end()},
                         std::nullopt,
                         at_});
      } else {
        failed_ = true;
        EXPECT_FALSE(event.error.empty());
        seen_.push_back({event.status, Opcode::kText, "", event.close_code, at_});
      }
    }
  }

  const std::vector<Seen>& seen() const { return seen_; }

 private:
  ClientFrameParser parser_;
  std::vector<Seen> seen_;
  size_t at_ = 0;
  bool failed_ = false;
};

std::vector<Seen> FeedWhole(const Bytes& bytes) {
  Feeder feeder;
  feeder.Feed(bytes);
  return feeder.seen();
}

std::vector<Seen> FeedByteByByte(const Bytes& bytes) {
  Feeder feeder;
  for (const uint8_t& byte : bytes) {
    feeder.Feed({&byte, 1});
  }
  return feeder.seen();
}

std::vector<Seen> FeedInTwo(const Bytes& bytes, size_t cut) {
  Feeder feeder;
  feeder.Feed(std::span(bytes).first(cut));
  feeder.Feed(std::span(bytes).subspan(cut));
  return feeder.seen();
}

void ExpectSameHoweverCut(const Bytes& bytes) {
  const auto whole = FeedWhole(bytes);
  EXPECT_EQ(FeedByteByByte(bytes), whole);
  const size_t step = 1 + bytes.size() / 512;
  for (size_t cut = 0; cut < bytes.size(); cut += step) {
    ASSERT_EQ(FeedInTwo(bytes, cut), whole) << "cut at " << cut;
  }
}

struct MessageCase {
  std::string name;
  std::vector<ClientFrame> frames;
  std::vector<std::pair<Opcode, std::string>> messages;
};

void PrintTo(const MessageCase& one, std::ostream* out) { *out << one.name; }

class ClientMessagesTest : public testing::TestWithParam<MessageCase> {};

TEST_P(ClientMessagesTest, Feed_ValidFrames_GivesTheMessages) {
  const Bytes bytes = ToBytes(GetParam().frames);
  std::vector<std::pair<Opcode, std::string>> messages;
  for (const Seen& seen : FeedWhole(bytes)) {
    ASSERT_EQ(seen.status, Status::kMessage) << testing::PrintToString(seen);
    messages.emplace_back(seen.opcode, seen.payload);
  }
  EXPECT_EQ(messages, GetParam().messages);
  ExpectSameHoweverCut(bytes);
}

const std::string kLongest(ClientFrameParser::kMaximumMessage, 'x');
const std::string kHalf(ClientFrameParser::kMaximumMessage / 2, 'x');
const std::string k125(125, 'c');
const std::string k126(126, 'd');

INSTANTIATE_TEST_SUITE_P(
    All, ClientMessagesTest,
    testing::Values(
        MessageCase{"Text", {{.payload = "hello"}}, {{Opcode::kText, "hello"}}},
        MessageCase{"Binary", {{Opcode::kBinary, "\xFF\xFE"}}, {{Opcode::kBinary, "\xFF\xFE"}}},
        MessageCase{"EmptyText", {{.payload = ""}}, {{Opcode::kText, ""}}},
        MessageCase{"Length125", {{.payload = k125}}, {{Opcode::kText, k125}}},
        MessageCase{"Length126", {{.payload = k126}}, {{Opcode::kText, k126}}},
        MessageCase{"Longest", {{.payload = kLongest}}, {{Opcode::kText, kLongest}}},
        MessageCase{"LongestInFragments",
                    {{Opcode::kBinary, kHalf, false}, {Opcode::kContinuation, kHalf}},
                    {{Opcode::kBinary, kLongest}}},
        MessageCase{"MaskOfZeros",
                    {{.payload = "plain", .mask = {0, 0, 0, 0}}},
                    {{Opcode::kText, "plain"}}},
        MessageCase{"SeveralInOneGo",
                    {{.payload = "a"}, {Opcode::kBinary, "b"}, {.payload = "c"}},
                    {{Opcode::kText, "a"}, {Opcode::kBinary, "b"}, {Opcode::kText, "c"}}},
        MessageCase{"Fragments",
                    {{Opcode::kText, "one ", false},
                     {Opcode::kContinuation, "", false},
                     {Opcode::kContinuation, "two ", false},
                     {Opcode::kContinuation, "three"}},
                    {{Opcode::kText, "one two three"}}},
        MessageCase{"ControlAmongFragments",
                    {{Opcode::kText, "one ", false},
                     {Opcode::kPing, "ping"},
                     {Opcode::kContinuation, "two", false},
                     {Opcode::kPong, ""},
                     {Opcode::kContinuation, ""}},
                    {{Opcode::kPing, "ping"}, {Opcode::kPong, ""}, {Opcode::kText, "one two"}}},
        MessageCase{"CharacterAcrossFragments",
                    {{Opcode::kText, "\xE2", false},
                     {Opcode::kPing, "\xFF"},
                     {Opcode::kContinuation, "\x82", false},
                     {Opcode::kContinuation, "\xAC"}},
                    {{Opcode::kPing, "\xFF"}, {Opcode::kText, "\xE2\x82\xAC"}}},
        MessageCase{"LongestControl", {{Opcode::kPing, k125}}, {{Opcode::kPing, k125}}},
        MessageCase{"CloseOfNothing", {{Opcode::kClose, ""}}, {{Opcode::kClose, ""}}},
        MessageCase{
            "CloseWithCode", {{Opcode::kClose, "\x03\xE8"}}, {{Opcode::kClose, "\x03\xE8"}}},
        MessageCase{"CloseWithReason",
                    {{Opcode::kClose, "\x03\xE9h\xC3\xA9"}},
                    {{Opcode::kClose, "\x03\xE9h\xC3\xA9"}}},
        MessageCase{"CloseAmongFragments",
                    {{Opcode::kText, "one ", false}, {Opcode::kClose, ""}},
                    {{Opcode::kClose, ""}}},
        MessageCase{"AnythingAfterClose",
                    {{Opcode::kClose, ""}, {.payload = "late"}, {Opcode::kContinuation, "odd"}},
                    {{Opcode::kClose, ""}}}),
    [](const auto& info) { return info.param.name; });

struct FaultCase {
  std::string name;
  Bytes bytes;
  CloseCode code = CloseCode::kProtocolError;
  size_t known_after = 0;  // bytes
};

void PrintTo(const FaultCase& one, std::ostream* out) { *out << one.name; }

class ClientFaultTest : public testing::TestWithParam<FaultCase> {};

TEST_P(ClientFaultTest, Feed_BrokenFrame_FailsAsEarlyAsItIsKnown) {
  const auto seen = FeedWhole(GetParam().bytes);
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back(),
            (Seen{Status::kError, Opcode::kText, "", GetParam().code, GetParam().known_after}));
  ExpectSameHoweverCut(GetParam().bytes);
}

// A mask of zeros, so that payloads can be read.
Bytes Raw(std::initializer_list<uint8_t> header, std::string_view payload = "") {
  Bytes bytes(header);
  bytes.insert(bytes.end(), 4, 0);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

Bytes Then(Bytes first, const Bytes& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

// The first frame of an empty message, and more continuation frames than allowed.
std::vector<uint8_t> EndlessFragments() {
  std::vector<uint8_t> bytes = Raw({0x01, 0x80});
  for (size_t i = 0; i < ClientFrameParser::kMaximumFragments; ++i) {
    bytes = Then(bytes, Raw({0x00, 0x80}));
  }
  return bytes;
}

INSTANTIATE_TEST_SUITE_P(
    Headers, ClientFaultTest,
    testing::Values(
        FaultCase{"Unmasked", {0x81, 0x02, 'h', 'i'}, CloseCode::kProtocolError, 2},
        FaultCase{"ReservedBit1", Raw({0xC1, 0x80}), CloseCode::kProtocolError, 1},
        FaultCase{"ReservedBit2", Raw({0xA1, 0x80}), CloseCode::kProtocolError, 1},
        FaultCase{"ReservedBit3", Raw({0x91, 0x80}), CloseCode::kProtocolError, 1},
        FaultCase{"Opcode3", Raw({0x83, 0x80}), CloseCode::kProtocolError, 1},
        FaultCase{"Opcode7", Raw({0x87, 0x80}), CloseCode::kProtocolError, 1},
        FaultCase{"OpcodeB", Raw({0x8B, 0x80}), CloseCode::kProtocolError, 1},
        FaultCase{"OpcodeF", Raw({0x8F, 0x80}), CloseCode::kProtocolError, 1},
        FaultCase{"FragmentedPing", Raw({0x09, 0x80}), CloseCode::kProtocolError, 1},
        FaultCase{"FragmentedClose", Raw({0x08, 0x80}), CloseCode::kProtocolError, 1},
        FaultCase{"OversizePing", Raw({0x89, 0xFE, 0, 126}), CloseCode::kProtocolError, 2},
        FaultCase{"OversizeClose", Raw({0x88, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0}),
                  CloseCode::kProtocolError, 2},
        FaultCase{"ContinuationOfNothing", Raw({0x80, 0x80}), CloseCode::kProtocolError, 1},
        FaultCase{"ContinuationAfterWholeMessage", Then(Raw({0x81, 0x80}), Raw({0x80, 0x80})),
                  CloseCode::kProtocolError, 7},
        FaultCase{"TextInsideFragments", Then(Raw({0x01, 0x80}), Raw({0x81, 0x80})),
                  CloseCode::kProtocolError, 7},
        FaultCase{"EndlessFragments", EndlessFragments(), CloseCode::kPolicyViolation, 390},
        FaultCase{"BinaryInsideFragments", Then(Raw({0x01, 0x80}), Raw({0x02, 0x80})),
                  CloseCode::kProtocolError, 7}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Lengths, ClientFaultTest,
    testing::Values(
        FaultCase{"Length16NotShortest", Raw({0x82, 0xFE, 0, 125}), CloseCode::kProtocolError, 4},
        FaultCase{"Length64NotShortest", Raw({0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}),
                  CloseCode::kProtocolError, 10},
        FaultCase{"Length64TopBit", Raw({0x82, 0xFF, 0x80, 0, 0, 0, 0, 1, 0, 0}),
                  CloseCode::kProtocolError, 10},
        FaultCase{"Length64Largest", Raw({0x82, 0xFF, 0x7F, 255, 255, 255, 255, 255, 255, 255}),
                  CloseCode::kMessageTooBig, 10},
        FaultCase{"OneOverMaximum", Raw({0x82, 0xFE, 0x10, 0x01}), CloseCode::kMessageTooBig, 4},
        FaultCase{"OneOverMaximumInFragments",
                  Then(ToBytes({Opcode::kBinary, kLongest, false}), Raw({0x80, 0x81}, "x")),
                  CloseCode::kMessageTooBig, kLongest.size() + 8 + 2},
        FaultCase{"SumOverflows",
                  Then(ToBytes({Opcode::kBinary, "x", false}),
                       Raw({0x80, 0xFF, 0x7F, 255, 255, 255, 255, 255, 255, 255})),
                  CloseCode::kMessageTooBig, 7 + 10}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Payloads, ClientFaultTest,
    testing::Values(
        FaultCase{"TextNotUtf8", Raw({0x81, 0x83}, "a\xFFz"), CloseCode::kInvalidPayload, 8},
        FaultCase{"TextEndsInsideCharacter", Raw({0x81, 0x82}, "\xE2\x82"),
                  CloseCode::kInvalidPayload, 8},
        FaultCase{"CharacterBrokenAcrossFragments",
                  Then(Raw({0x01, 0x81}, "\xE2"), Raw({0x80, 0x81}, "a")),
                  CloseCode::kInvalidPayload, 14},
        FaultCase{"LastFragmentEmptyInsideCharacter",
                  Then(Raw({0x01, 0x81}, "\xE2"), Raw({0x80, 0x80})), CloseCode::kInvalidPayload,
                  13},
        FaultCase{"CloseWithHalfACode", Raw({0x88, 0x81}, "\x03"), CloseCode::kProtocolError, 7},
        FaultCase{"CloseReasonNotUtf8", Raw({0x88, 0x83}, "\x03\xE8\xFF"),
                  CloseCode::kInvalidPayload, 9},
        FaultCase{"CloseReasonEndsInsideCharacter", Raw({0x88, 0x83}, "\x03\xE8\xC3"),
                  CloseCode::kInvalidPayload, 9}),
    [](const auto& info) { return info.param.name; });

class CloseCodeTest : public testing::TestWithParam<std::pair<int, bool>> {};

TEST_P(CloseCodeTest, Feed_CloseFrame_TakesOnlyCodesThatMayBeSent) {
  const auto [code, valid] = GetParam();
  const std::string payload = {static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  const auto seen = FeedWhole(ToBytes({Opcode::kClose, payload}));
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].status == Status::kMessage, valid);
  if (!valid) {
    EXPECT_EQ(seen[0].close_code, CloseCode::kProtocolError);
  }
}

INSTANTIATE_TEST_SUITE_P(All, CloseCodeTest,
                         testing::Values(std::pair{0, false}, std::pair{999, false},
                                         std::pair{1000, true}, std::pair{1003, true},
                                         std::pair{1004, false}, std::pair{1005, false},
                                         std::pair{1006, false}, std::pair{1007, true},
                                         std::pair{1014, true}, std::pair{1015, false},
                                         std::pair{1016, false}, std::pair{2999, false},
                                         std::pair{3000, true}, std::pair{4999, true},
                                         std::pair{5000, false}, std::pair{65535, false}),
                         [](const auto& info) { return std::to_string(info.param.first); });

TEST(ClientFrameParserTest, Feed_Nothing_NeedsMore) {
  ClientFrameParser parser;
  const auto event = parser.Feed({});
  EXPECT_EQ(event.status, Status::kNeedMore);
  EXPECT_EQ(event.consumed, 0U);
}

TEST(ClientFrameParserTest, Feed_AfterAnError_SaysTheSameAgain) {
  ClientFrameParser parser;
  const auto first = parser.Feed(Bytes{0xC1});
  const auto again = parser.Feed(ToBytes({.payload = "fine"}));
  EXPECT_EQ(again.status, Status::kError);
  EXPECT_EQ(again.close_code, first.close_code);
  EXPECT_EQ(again.error, first.error);
}

TEST(ClientFrameParserTest, Feed_MessageEnds_LeavesTheRest) {
  ClientFrameParser parser;
  const Bytes bytes = ToBytes({{.payload = "one"}, {.payload = "two"}});
  const auto event = parser.Feed(bytes);
  EXPECT_EQ(event.status, Status::kMessage);
  EXPECT_EQ(event.consumed, bytes.size() / 2);
}

TEST(ClientFrameParserTest, Feed_AfterClose_ConsumesEverything) {
  ClientFrameParser parser;
  ASSERT_EQ(parser.Feed(ToBytes({Opcode::kClose, ""})).status, Status::kMessage);
  const Bytes late = ToBytes({.payload = "late"});
  const auto event = parser.Feed(late);
  EXPECT_EQ(event.status, Status::kNeedMore);
  EXPECT_EQ(event.consumed, late.size());
}

}  // namespace
}  // namespace pistream::wire
