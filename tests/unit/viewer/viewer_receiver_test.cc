#include "src/viewer/viewer_receiver.h"

#include <chrono>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "src/base/fake_clock.h"
#include "tests/unit/wire/client_frames.h"

namespace pistream {
namespace {

using wire::ClientFrame;
using wire::Opcode;
using wire::ToBytes;

std::string TextOf(std::span<const uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

struct Describe {
  std::string operator()(const NoViewerEvent&) const { return ""; }
  std::string operator()(const WebSocketPing& ping) const { return "ping " + TextOf(ping.payload); }
  std::string operator()(const ViewerClose& close) const {
    return "close of " + std::to_string(close.code.size());
  }
  std::string operator()(const ViewerViolation& violation) const {
    return "violation " + std::to_string(static_cast<int>(violation.code));
  }
  std::string operator()(const ControlMessage& message) const {
    return "control " + std::to_string(message.index());
  }
};

using Events = std::vector<std::string>;

// What comes of `bytes`, which arrive in pieces: one ends at `cut`.
Events EventsOf(ViewerReceiver& receiver, std::span<const uint8_t> bytes, size_t cut = 0) {
  Events events;
  for (std::span<const uint8_t> piece : {bytes.first(cut), bytes.subspan(cut)}) {
    while (!piece.empty()) {
      const ViewerEvent event = receiver.Next(piece);
      if (!std::holds_alternative<NoViewerEvent>(event)) {
        events.push_back(std::visit(Describe(), event));
      }
    }
  }
  return events;
}

class ViewerReceiverTest : public testing::Test {
 protected:
  FakeClock clock_;
  ViewerReceiver plain_{StreamProtocol::kPlain, clock_};
  ViewerReceiver v1_{StreamProtocol::kV1, clock_};
};

const std::vector<ClientFrame> kConversation = {
    {.opcode = Opcode::kPing, .payload = "one"},
    {.opcode = Opcode::kText, .payload = R"({"type":)", .final = false},
    {.opcode = Opcode::kPong, .payload = "unasked"},
    {.opcode = Opcode::kPing, .payload = ""},
    {.opcode = Opcode::kContinuation, .payload = R"("pause"})"},
    {.opcode = Opcode::kBinary, .payload = "means nothing"},
    {.opcode = Opcode::kText, .payload = R"({"type":"ping","id":1})"},
    {.opcode = Opcode::kClose,
     .payload = "\x03\xE8"
                "bye"},
};

TEST_F(ViewerReceiverTest, CutAtEachByte_SameEvents) {
  const auto bytes = ToBytes(kConversation);
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    ViewerReceiver receiver(StreamProtocol::kV1, clock_);
    EXPECT_EQ(EventsOf(receiver, bytes, cut),
              (Events{"ping one", "ping ", "control 3", "control 1", "close of 2"}))
        << cut;
  }
}

TEST_F(ViewerReceiverTest, WithoutPictureHeaders_TextMeansNothing) {
  EXPECT_EQ(EventsOf(plain_, ToBytes(kConversation)), (Events{"ping one", "ping ", "close of 2"}));
}

TEST_F(ViewerReceiverTest, CloseWithoutACode_HasNone) {
  EXPECT_EQ(EventsOf(plain_, ToBytes(ClientFrame{.opcode = Opcode::kClose, .payload = ""})),
            (Events{"close of 0"}));
}

TEST_F(ViewerReceiverTest, UnmaskedFrame_IsAViolation) {
  const std::vector<uint8_t> bytes = {0x81, 0x02, 'h', 'i'};
  std::span<const uint8_t> rest = bytes;
  const ViewerEvent event = v1_.Next(rest);
  ASSERT_TRUE(std::holds_alternative<ViewerViolation>(event));
  EXPECT_EQ(std::get<ViewerViolation>(event).code, wire::CloseCode::kProtocolError);
  EXPECT_NE(std::get<ViewerViolation>(event).what, "");
}

TEST_F(ViewerReceiverTest, MessagesOfAnyKindInOneSecond_AreLimited) {
  for (const Opcode opcode : {Opcode::kPing, Opcode::kPong, Opcode::kText, Opcode::kBinary}) {
    ViewerReceiver receiver(StreamProtocol::kPlain, clock_);
    const auto message = ToBytes(ClientFrame{.opcode = opcode, .payload = "x"});
    Events events;
    for (int i = 0; i < ViewerReceiver::kMaximumMessagesPerSecond; ++i) {
      events = EventsOf(receiver, message);
      EXPECT_NE(events, (Events{"violation 1008"})) << i;
    }
    EXPECT_EQ(EventsOf(receiver, message), (Events{"violation 1008"}));
  }
}

TEST_F(ViewerReceiverTest, TextByAnotherWay_MeansTheSameAndCounts) {
  ViewerReceiver chunked(StreamProtocol::kV1Chunked, clock_);
  EXPECT_EQ(std::visit(Describe(), chunked.TakeText(R"({"type":"pause"})")), "control 3");
  EXPECT_EQ(std::visit(Describe(), plain_.TakeText(R"({"type":"pause"})")), "");
  for (int i = 1; i < ViewerReceiver::kMaximumMessagesPerSecond; ++i) {
    EXPECT_EQ(std::visit(Describe(), chunked.TakeText("{}")), "control 0");
  }
  EXPECT_EQ(std::visit(Describe(), chunked.TakeText("{}")), "violation 1008");
}

TEST_F(ViewerReceiverTest, AsManyInTheNextSecond_AreNoFlood) {
  const auto message = ToBytes(ClientFrame{.opcode = Opcode::kPing, .payload = "x"});
  for (int second = 0; second < 3; ++second) {
    for (int i = 0; i < ViewerReceiver::kMaximumMessagesPerSecond; ++i) {
      ASSERT_EQ(EventsOf(plain_, message), (Events{"ping x"})) << second << " s, " << i;
    }
    clock_.Advance(std::chrono::seconds(1));
  }
}

TEST_F(ViewerReceiverTest, CloseFrame_IsNoFlood) {
  const auto message = ToBytes(ClientFrame{.opcode = Opcode::kPing, .payload = "x"});
  for (int i = 0; i < ViewerReceiver::kMaximumMessagesPerSecond; ++i) {
    EventsOf(plain_, message);
  }
  EXPECT_EQ(EventsOf(plain_, ToBytes(ClientFrame{.opcode = Opcode::kClose, .payload = ""})),
            (Events{"close of 0"}));
}

}  // namespace
}  // namespace pistream
