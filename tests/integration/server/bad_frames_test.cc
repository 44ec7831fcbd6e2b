// What viewers must not send: each case ends that viewer, and no other notices.

#include <ostream>
#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "tests/integration/server/server_test_base.h"

namespace pistream {
namespace {

using namespace std::string_literals;

constexpr std::string_view kV1 = "Sec-WebSocket-Protocol: pistream.v1\r\n";

struct BadFrames {
  const char* name;
  std::string bytes;
  int close_code;
};

void PrintTo(const BadFrames& frames, std::ostream* out) { *out << frames.name; }

class BadFramesTest : public ServerTestWithWitness,
                      public testing::WithParamInterface<BadFrames> {};

TEST_P(BadFramesTest, Sent_ThatViewerIsClosedWithTheCodeAndOthersGoOn) {
  TestClient viewer = TestClient::Viewer(server_->port(), "/stream");
  viewer.ReadBinary();
  viewer.ReadBinary();
  viewer.Send(GetParam().bytes);
  const auto frame = viewer.ReadFrame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->opcode, kCloseFrame);
  EXPECT_EQ(frame->close_code(), GetParam().close_code) << frame->payload;
  EXPECT_FALSE(viewer.ReadFrame());
  EXPECT_EQ(metrics_.viewers_left_protocol.Value(), 1);
  EXPECT_EQ(metrics_.viewers.Value(), 1);
  ExpectWitnessUndisturbed();
}

const BadFrames kBadFrames[] = {
    {"Unmasked", "\x81\x02hi"s, 1002},
    {"ReservedBit1", "\xC1\x82\0\0\0\0hi"s, 1002},
    {"ReservedBit2", "\xA1\x82\0\0\0\0hi"s, 1002},
    {"ReservedBit3", "\x91\x82\0\0\0\0hi"s, 1002},
    {"ReservedOpcode", "\x83\x80\0\0\0\0"s, 1002},
    {"ReservedControlOpcode", "\x8B\x80\0\0\0\0"s, 1002},
    {"FragmentedPing", "\x09\x80\0\0\0\0"s, 1002},
    {"PingOf126Bytes", "\x89\xFE\0\x7E\0\0\0\0"s, 1002},
    {"ContinuationOfNothing", "\x80\x80\0\0\0\0"s, 1002},
    {"NewMessageInsideAnother", "\x01\x80\0\0\0\0\x81\x80\0\0\0\0"s, 1002},
    {"OversizedMessage", "\x82\xFF\0\0\0\0\0\x10\0\0\0\0\0\0"s, 1009},
    {"OversizedBeyond63Bits", "\x82\xFF\x80\0\0\0\0\0\0\0\0\0\0\0"s, 1002},
    {"LengthNotTheShortestForm", "\x82\xFE\0\x05\0\0\0\0hello"s, 1002},
    {"OversizedInFragments",
     "\x02\xFE\x0F\xFF\0\0\0\0"s + std::string(4095, 'a') + "\x80\x82\0\0\0\0aa"s, 1009},
    {"TextThatIsNotUtf8", "\x81\x82\0\0\0\0\xC0\x80"s, 1007},
    {"CloseOfOneByte", "\x88\x81\0\0\0\0\x03"s, 1002},
    {"CloseWithReservedCode", "\x88\x82\0\0\0\0\x03\xED"s, 1002},
};
INSTANTIATE_TEST_SUITE_P(All, BadFramesTest, testing::ValuesIn(kBadFrames),
                         [](const auto& test) { return test.param.name; });

class ViewerBehaviourTest : public ServerTestWithWitness {};

TEST_F(ViewerBehaviourTest, TextAndBinaryGarbage_AreIgnored) {
  for (const std::string_view extra : {std::string_view(), kV1}) {
    TestClient viewer = TestClient::Viewer(server_->port(), "/stream", extra);
    viewer.ReadBinary();
    viewer.ReadBinary();
    for (const std::string text : {"", "{", "[[[[[[[[[[[[[[[[", "{\"type\":7}", "garbage"}) {
      viewer.Send(ClientFrame(kTextFrame, text));
    }
    viewer.Send(ClientFrame(kBinaryFrame, std::string(4096, '\xFF')));
    viewer.Send("\x01\x82\0\0\0\0he"s + ClientFrame(kPingFrame, "inside") + "\x80\x81\0\0\0\0y"s);
    const auto pong = viewer.ReadFrame();
    ASSERT_TRUE(pong);
    EXPECT_EQ(pong->payload, "inside");
  }
  ExpectWitnessUndisturbed();
}

TEST_F(ViewerBehaviourTest, Flood_IsClosedWith1008) {
  TestClient viewer = TestClient::Viewer(server_->port(), "/stream");
  viewer.ReadBinary();
  viewer.ReadBinary();
  std::string flood;
  for (int i = 0; i < 101; ++i) {
    flood += ClientFrame(kTextFrame, "more");
  }
  viewer.Send(flood);
  EXPECT_EQ(viewer.ReadFrame()->close_code(), 1008);
  ExpectWitnessUndisturbed();
}

TEST_F(ViewerBehaviourTest, ManyMessagesOverTime_AreNoFlood) {
  TestClient viewer = TestClient::Viewer(server_->port(), "/stream");
  viewer.ReadBinary();
  viewer.ReadBinary();
  for (int i = 0; i < 300; ++i) {
    viewer.Send(ClientFrame(kPingFrame, std::to_string(i)));
    EXPECT_EQ(viewer.ReadFrame()->payload, std::to_string(i));
    clock_.Advance(std::chrono::milliseconds(20));
  }
}

TEST_F(ViewerBehaviourTest, HalfClosed_IsClosed) {
  TestClient viewer = TestClient::Viewer(server_->port(), "/stream");
  viewer.ReadBinary();
  viewer.ReadBinary();
  viewer.HalfClose();
  EXPECT_FALSE(viewer.ReadFrame());
  EXPECT_EQ(metrics_.viewers_left_closed.Value(), 1);
  ExpectWitnessUndisturbed();
}

TEST_F(ViewerBehaviourTest, CloseThatIsNeverRead_EndsAfterAWhile) {
  TestClient viewer = TestClient::Viewer(server_->port(), "/stream", "", 4096);
  viewer.ReadBinary();
  viewer.ReadBinary();
  Publish(PictureType::kIntra, 4 << 20);
  witness_->ReadBinary();
  viewer.Send(ClientFrame(kCloseFrame, ""));
  ExpectWitnessUndisturbed();
  while (metrics_.viewers_left_closed.Value() == 0) {
    std::this_thread::yield();
  }
  clock_.Advance(std::chrono::seconds(3));
  viewer.AwaitHangUp();
  ExpectWitnessUndisturbed();
}

TEST_F(ViewerBehaviourTest, FiftyComeAndVanish_OthersGoOn) {
  for (int i = 0; i < 50; ++i) {
    TestClient client(server_->port());
    client.Send(UpgradeRequest("/stream"));
    if (i % 2 == 0) {
      client.ReadReply();
    }
  }
  ExpectWitnessUndisturbed();
  while (metrics_.viewers.Value() > 1) {
    std::this_thread::yield();
  }
  ExpectWitnessUndisturbed();
}

}  // namespace
}  // namespace pistream
