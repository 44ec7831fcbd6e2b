// Viewers and the pictures they get, through real sockets.

#include <array>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/wire/classic_trailer.h"
#include "src/wire/picture_message.h"
#include "tests/integration/server/server_test_base.h"

namespace pistream {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::SizeIs;

constexpr std::string_view kV1 = "Sec-WebSocket-Protocol: other, pistream.v1\r\n";
// More than the kernel's buffers at both ends hold together.
constexpr size_t kHugePicture = 4 << 20;

const std::string kTrailer(wire::ClassicTrailer().begin(), wire::ClassicTrailer().end());

class ViewersTest : public ServerTestBase {
 protected:
  void SetUp() override { StartServer(); }

  // Its thread counts what it sent when the last viewer has it. By the pong that is done.
  static void AwaitCounted(TestClient& viewer) {
    viewer.Send(ClientFrame(kPingFrame, ""));
    EXPECT_EQ(viewer.ReadFrame()->opcode, kPongFrame);
  }

  static wire::PictureHeader TakePictureHeader(std::string& message) {
    const auto header = wire::ParsePictureHeader(
        {reinterpret_cast<const uint8_t*>(message.data()), message.size()});
    EXPECT_TRUE(header);
    message.erase(0, wire::kPictureHeaderSize);
    return header.value_or(wire::PictureHeader{});
  }
};

TEST_F(ViewersTest, Join_NothingCached_StartsWithNextIPictureAndAsksForIt) {
  TestClient viewer = JoinedViewer();
  EXPECT_EQ(metrics_.viewers.Value(), 1);
  EXPECT_TRUE(track().TakeKeyframeRequest());
  Publish(PictureType::kPredicted);
  const auto intra = Publish(PictureType::kIntra);
  const auto predicted = Publish(PictureType::kPredicted);
  EXPECT_EQ(viewer.ReadBinary(), BytesOf(intra));
  EXPECT_EQ(viewer.ReadBinary(), BytesOf(predicted));
  EXPECT_EQ(metrics_.pictures_dropped_behind.Value(), 0);
}

TEST_F(ViewersTest, Join_GroupCached_GetsItAtOnce) {
  TestClient first = JoinedViewer();
  std::vector<PicturePtr> group;
  for (int i = 0; i < 30; ++i) {
    group.push_back(Publish(i == 0 ? PictureType::kIntra : PictureType::kPredicted));
    first.ReadBinary();
  }
  TestClient late = JoinedViewer();
  for (const auto& picture : group) {
    EXPECT_EQ(late.ReadBinary(), BytesOf(picture));
  }
  EXPECT_FALSE(track().TakeKeyframeRequest());
  const auto next = Publish(PictureType::kPredicted);
  EXPECT_EQ(late.ReadBinary(), BytesOf(next));
}

TEST_F(ViewersTest, Join_GroupLargerThanTheSocketTakes_GetsAllOfIt) {
  TestClient first = JoinedViewer();
  std::vector<PicturePtr> group;
  for (int i = 0; i < 4; ++i) {
    group.push_back(Publish(i == 0 ? PictureType::kIntra : PictureType::kPredicted, 200'000));
    first.ReadBinary();
  }
  TestClient late = JoinedViewer("", 4096);
  for (const auto& picture : group) {
    EXPECT_EQ(late.ReadBinary(), BytesOf(picture));
  }
}

TEST_F(ViewersTest, JoinAfterPause_OldGroup_IsNotSent) {
  TestClient first = JoinedViewer();
  Publish(PictureType::kIntra);
  first.ReadBinary();
  track().Pause();
  TestClient late = JoinedViewer();
  const auto fresh = Publish(PictureType::kIntra);
  EXPECT_EQ(late.ReadBinary(), BytesOf(fresh));
}

TEST_F(ViewersTest, JoinClassic_GroupCached_WaitsForNextIPicture) {
  TestClient first = JoinedViewer();
  Publish(PictureType::kIntra);
  first.ReadBinary();
  for (const uint16_t port : {server_->port(), *server_->ws_port()}) {
    TestClient classic = TestClient::Viewer(port, "/");
    EXPECT_EQ(classic.ReadBinary(), kJsmpHeader);
    EXPECT_TRUE(track().TakeKeyframeRequest());
    clock_.Advance(Track::kKeyframeInterval);
    Publish(PictureType::kPredicted);
    const auto intra = Publish(PictureType::kIntra);
    EXPECT_EQ(classic.ReadBinary(), BytesOf(intra));
    EXPECT_EQ(classic.ReadBinary(), kTrailer);
  }
}

TEST_F(ViewersTest, Classic_EveryPicture_IsFollowedByTheTrailer) {
  TestClient classic = TestClient::Viewer(*server_->ws_port(), "/");
  EXPECT_EQ(classic.ReadBinary(), kJsmpHeader);
  TestClient plain = JoinedViewer();
  for (int i = 0; i < 20; ++i) {
    const auto picture = Publish(i % 5 == 0 ? PictureType::kIntra : PictureType::kPredicted);
    EXPECT_EQ(classic.ReadBinary(), BytesOf(picture));
    EXPECT_EQ(classic.ReadBinary(), kTrailer);
    EXPECT_EQ(plain.ReadBinary(), BytesOf(picture));
  }
  AwaitCounted(plain);
  EXPECT_EQ(metrics_.pictures_sent.Value(), 40);
}

TEST_F(ViewersTest, ClassicThatReadsSlowly_MessagesStayWhole) {
  TestClient classic = TestClient::Viewer(*server_->ws_port(), "/", "", 4096);
  EXPECT_EQ(classic.ReadBinary(), kJsmpHeader);
  std::vector<PicturePtr> pictures;
  for (const size_t size : {size_t{300'000}, size_t{100'000}, size_t{100'000}}) {
    pictures.push_back(
        Publish(pictures.empty() ? PictureType::kIntra : PictureType::kPredicted, size));
  }
  for (const auto& picture : pictures) {
    EXPECT_EQ(classic.ReadBinary(), BytesOf(picture));
    EXPECT_EQ(classic.ReadBinary(), kTrailer);
  }
}

TEST_F(ViewersTest, PictureHeader_AskedFor_TellsThePicture) {
  TestClient viewer = JoinedViewer(kV1);
  const auto intra = Publish(PictureType::kIntra);
  std::string message = viewer.ReadBinary();
  wire::PictureHeader header = TakePictureHeader(message);
  EXPECT_EQ(message, BytesOf(intra));
  EXPECT_EQ(header.type, PictureType::kIntra);
  EXPECT_TRUE(header.discontinuity);
  EXPECT_EQ(header.sequence, intra->sequence);
  EXPECT_EQ(header.captured, intra->captured);
  EXPECT_EQ(header.sent, clock_.Now());

  const auto predicted = Publish(PictureType::kPredicted);
  message = viewer.ReadBinary();
  header = TakePictureHeader(message);
  EXPECT_EQ(message, BytesOf(predicted));
  EXPECT_EQ(header.type, PictureType::kPredicted);
  EXPECT_FALSE(header.discontinuity);
}

TEST_F(ViewersTest, SizeChange_PlainViewer_IsClosedWith1012) {
  TestClient viewer = JoinedViewer();
  Publish(PictureType::kIntra);
  viewer.ReadBinary();
  Publish(PictureType::kIntra, 1000, {32, 32});
  const auto frame = viewer.ReadFrame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->opcode, kCloseFrame);
  EXPECT_EQ(frame->close_code(), 1012);
  EXPECT_FALSE(viewer.ReadFrame());
  EXPECT_EQ(metrics_.viewers_left_resized.Value(), 1);
  EXPECT_EQ(metrics_.viewers.Value(), 0);
}

TEST_F(ViewersTest, SizeChange_ViewerWithPictureHeaders_IsToldAndGoesOn) {
  TestClient viewer = JoinedViewer(kV1);
  Publish(PictureType::kIntra);
  viewer.ReadBinary();
  const auto smaller = Publish(PictureType::kIntra, 1000, {32, 16});
  const auto next = Publish(PictureType::kPredicted, 1000, {32, 16});
  EXPECT_EQ(viewer.ReadBinary(), (std::string{"jsmp\0\x20\0\x10", 8}));
  for (const auto& picture : {smaller, next}) {
    std::string message = viewer.ReadBinary();
    EXPECT_EQ(TakePictureHeader(message).sequence, picture->sequence);
    EXPECT_EQ(message, BytesOf(picture));
  }
  TestClient late = TestClient::Viewer(server_->port(), "/stream");
  EXPECT_EQ(late.ReadBinary(), (std::string{"jsmp\0\x20\0\x10", 8}));
}

TEST_F(ViewersTest, JoinWhileAllOthersHavePaused_SizeIsTheStreams) {
  TestClient paused = JoinedViewer(kV1);
  paused.Send(ClientFrame(kTextFrame, R"({"type":"pause"})") +
              ClientFrame(kTextFrame, R"({"type":"ping","id":7})"));
  ASSERT_TRUE(paused.ReadFrame());  // the pong: it has paused
  stream_->SetFormat({.size = {32, 16}, .framerate = {24, 1}});
  TestClient late = TestClient::Viewer(server_->port(), "/stream");
  EXPECT_EQ(late.ReadBinary(), (std::string{"jsmp\0\x20\0\x10", 8}));
}

TEST_F(ViewersTest, SixtyViewersOnTwoThreads_EachGetsEveryPicture) {
  server_.reset();
  StartServer({.threads = 2});
  std::vector<TestClient> viewers;
  for (int i = 0; i < 60; ++i) {
    viewers.push_back(JoinedViewer(i % 3 == 0 ? kV1 : ""));
  }
  EXPECT_EQ(metrics_.viewers.Value(), 60);
  for (int i = 0; i < 50; ++i) {
    const auto picture = Publish(i % 12 == 0 ? PictureType::kIntra : PictureType::kPredicted, 5000);
    for (auto& viewer : viewers) {
      EXPECT_THAT(viewer.ReadBinary(), testing::EndsWith(BytesOf(picture)));
    }
  }
  for (auto& viewer : viewers) {
    AwaitCounted(viewer);
  }
  EXPECT_EQ(metrics_.pictures_sent.Value(), 60 * 50);
}

TEST_F(ViewersTest, ThreadHasLostItsViewers_NewOnesGoThere) {
  server_.reset();
  StartServer({.threads = 2});
  prometheus::Gauge& first_thread = ThreadViewers("net-0");
  prometheus::Gauge& second_thread = ThreadViewers("net-1");
  std::vector<TestClient> of_first;
  std::vector<TestClient> of_second;
  const auto join = [&] {
    const double before = first_thread.Value();
    TestClient viewer = JoinedViewer();
    (first_thread.Value() > before ? of_first : of_second).push_back(std::move(viewer));
  };
  for (int i = 0; i < 6; ++i) {
    join();
  }
  EXPECT_EQ(first_thread.Value(), 3);
  EXPECT_EQ(second_thread.Value(), 3);
  for (TestClient& leaving : of_first) {
    leaving.Send(ClientFrame(kCloseFrame, ""));
    leaving.ReadFrame();  // the server's own: by now it has left
  }
  EXPECT_EQ(first_thread.Value(), 0);
  for (int i = 0; i < 3; ++i) {
    join();
  }
  EXPECT_EQ(first_thread.Value(), 3);
  EXPECT_EQ(second_thread.Value(), 3);
}

TEST_F(ViewersTest, ViewerThatNeverReads_OthersGetEveryPictureAndItIsClosed) {
  TestClient stalled = JoinedViewer("", 4096);
  std::vector<TestClient> healthy;
  for (int i = 0; i < 5; ++i) {
    healthy.push_back(JoinedViewer());
  }
  for (int i = 0; i < 100; ++i) {
    const auto picture =
        Publish(i % 10 == 0 ? PictureType::kIntra : PictureType::kPredicted, 100'000);
    for (auto& viewer : healthy) {
      ASSERT_EQ(viewer.ReadBinary(), BytesOf(picture));
    }
  }
  EXPECT_GT(metrics_.pictures_dropped_behind.Value(), 0);
  EXPECT_EQ(metrics_.viewers_left_stalled.Value(), 0);
  clock_.Advance(ServerConfig().stall_limit + std::chrono::seconds(1));
  stalled.AwaitHangUp();
  EXPECT_EQ(metrics_.viewers_left_stalled.Value(), 1);
  EXPECT_EQ(metrics_.viewers.Value(), 5);
}

TEST_F(ViewersTest, ViewerThatFellBehind_ReadsAgain_ResumesAtAnIPicture) {
  TestClient slow = JoinedViewer(kV1, 4096);
  TestClient healthy = JoinedViewer();
  for (int i = 0; i < 60; ++i) {
    Publish(i % 10 == 0 ? PictureType::kIntra : PictureType::kPredicted, 100'000);
    healthy.ReadBinary();
  }
  ASSERT_GT(metrics_.pictures_dropped_behind.Value(), 0);
  uint64_t expected = 0;
  bool has_resumed = false;
  while (expected < 60) {
    std::string message = slow.ReadBinary();
    const wire::PictureHeader header = TakePictureHeader(message);
    if (header.sequence != expected) {
      EXPECT_TRUE(header.discontinuity);
      EXPECT_EQ(header.type, PictureType::kIntra);
      has_resumed = true;
    }
    expected = header.sequence + 1;
  }
  EXPECT_TRUE(has_resumed);
  const auto live = Publish(PictureType::kPredicted);
  std::string message = slow.ReadBinary();
  EXPECT_EQ(TakePictureHeader(message).sequence, live->sequence);
}

// An I picture is dear to all: only who can take one may ask.
TEST_F(ViewersTest, ViewerThatFellBehind_AsksForAnIPictureOnlyWhenItReadsAgain) {
  TestClient slow = JoinedViewer("", 4096);
  TestClient healthy = JoinedViewer();
  const auto huge = Publish(PictureType::kIntra, kHugePicture);
  healthy.ReadBinary();
  const double asked = metrics_.keyframe_requests.Value();
  for (int i = 0; i < 20; ++i) {
    Publish(PictureType::kPredicted, 100'000);
    healthy.ReadBinary();
  }
  ASSERT_GT(metrics_.pictures_dropped_behind.Value(), 0);
  EXPECT_EQ(metrics_.keyframe_requests.Value(), asked);

  EXPECT_EQ(slow.ReadBinary(), BytesOf(huge));
  slow.Send(ClientFrame(kPingFrame, "are you through?"));
  slow.ReadFrame();
  EXPECT_EQ(metrics_.keyframe_requests.Value(), asked + 1);
}

TEST_F(ViewersTest, PingWhileAPictureIsHalfSent_PongFollowsThePicture) {
  TestClient viewer = JoinedViewer("", 4096);
  TestClient healthy = JoinedViewer();
  const auto huge = Publish(PictureType::kIntra, kHugePicture);
  healthy.ReadBinary();  // it is sent the picture after the other one
  viewer.Send(ClientFrame(kPingFrame, "first"));
  viewer.Send(ClientFrame(kPingFrame, "second"));
  EXPECT_EQ(viewer.ReadBinary(), BytesOf(huge));
  std::string last_pong;
  while (last_pong != "second") {  // the first may go unanswered: RFC 6455, 5.5.3
    const auto pong = viewer.ReadFrame();
    ASSERT_TRUE(pong);
    EXPECT_EQ(pong->opcode, kPongFrame);
    last_pong = pong->payload;
  }
  const auto next = Publish(PictureType::kPredicted);
  EXPECT_EQ(viewer.ReadBinary(), BytesOf(next));
}

TEST_F(ViewersTest, PingRightBehindTheRequest_IsAnswered) {
  TestClient viewer(server_->port());
  viewer.Send(UpgradeRequest("/stream") + ClientFrame(kPingFrame, "early"));
  EXPECT_EQ(viewer.ReadReply()->status, 101);
  EXPECT_EQ(viewer.ReadBinary(), kJsmpHeader);
  EXPECT_EQ(viewer.ReadFrame()->payload, "early");
}

TEST_F(ViewersTest, ControlMessages_WithPictureHeaders_AreAnswered) {
  TestClient viewer = JoinedViewer(kV1);
  EXPECT_TRUE(track().TakeKeyframeRequest());  // the joiner's
  clock_.Advance(Track::kKeyframeInterval);
  viewer.Send(ClientFrame(kTextFrame, R"({"type":"keyframe"})"));
  viewer.Send(ClientFrame(kTextFrame, R"({"type":"later version's"})"));
  viewer.Send(ClientFrame(kTextFrame, R"({"type":"ping","id":7})"));
  const auto pong = viewer.ReadFrame();
  ASSERT_TRUE(pong);
  EXPECT_EQ(pong->opcode, kTextFrame);
  EXPECT_THAT(pong->payload, HasSubstr(R"("id":7)"));
  EXPECT_THAT(pong->payload,
              HasSubstr("\"" + std::to_string(clock_.Now().time_since_epoch().count()) + "\""));
  EXPECT_TRUE(track().TakeKeyframeRequest());
}

TEST_F(ViewersTest, Report_OnlyWithPictureHeaders_IsCounted) {
  const auto report = ClientFrame(
      kTextFrame,
      R"({"type":"report","received":120,"decoded":119,"shown":118,"dropped":1,"delay_p50_ms":5,)"
      R"("delay_p95_ms":40,"decode_p50_ms":-1})");
  TestClient plain = JoinedViewer();
  plain.Send(report);
  TestClient viewer = JoinedViewer(kV1);
  viewer.Send(report + ClientFrame(kTextFrame, R"({"type":"ping","id":1})"));
  EXPECT_TRUE(viewer.ReadFrame());  // the pong: by now the report was read
  plain.Send(ClientFrame(kPingFrame, ""));
  EXPECT_TRUE(plain.ReadFrame());
  EXPECT_EQ(metrics_.viewer_reports.Value(), 1);
  EXPECT_EQ(metrics_.viewer_pictures_received.Value(), 120);
  EXPECT_EQ(metrics_.viewer_pictures_decoded.Value(), 119);
  EXPECT_EQ(metrics_.viewer_pictures_shown.Value(), 118);
  EXPECT_EQ(metrics_.viewer_pictures_dropped.Value(), 1);
  const std::string text = registry_.Text();
  const std::string bucket = R"(pistream_viewer_delay_seconds_bucket{percentile=)";
  EXPECT_THAT(text, HasSubstr(bucket + R"("50",stream="garden",le="0.004"} 0)"));
  EXPECT_THAT(text, HasSubstr(bucket + R"("50",stream="garden",le="0.008"} 1)"));
  EXPECT_THAT(text, HasSubstr(bucket + R"("95",stream="garden",le="0.033"} 0)"));
  EXPECT_THAT(text, HasSubstr(bucket + R"("95",stream="garden",le="0.05"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(pistream_viewer_decode_seconds_count{stream="garden"} 0)"));
}

TEST_F(ViewersTest, CloseFrame_IsEchoedAndConnectionClosed) {
  TestClient viewer = JoinedViewer();
  viewer.Send(ClientFrame(kCloseFrame, {"\x03\xE8", 2}));
  const auto echo = viewer.ReadFrame();
  ASSERT_TRUE(echo);
  EXPECT_EQ(echo->close_code(), 1000);
  EXPECT_FALSE(viewer.ReadFrame());
  EXPECT_EQ(metrics_.viewers_left_closed.Value(), 1);
  EXPECT_EQ(metrics_.viewers.Value(), 0);
  EXPECT_EQ(metrics_.viewers.Value(), 0);
}

TEST_F(ViewersTest, Stop_ViewersConnected_EachIsToldAndItReturns) {
  TestClient viewer = JoinedViewer();
  TestClient classic = TestClient::Viewer(*server_->ws_port(), "/");
  classic.ReadBinary();
  TestClient stalled = JoinedViewer("", 4096);
  TestClient half_request(server_->port());
  half_request.Send("GET / HT");
  Publish(PictureType::kIntra, kHugePicture);
  viewer.ReadBinary();
  classic.ReadBinary();
  EXPECT_EQ(classic.ReadBinary(), kTrailer);
  server_->Stop();
  for (TestClient* const told : {&viewer, &classic}) {
    const auto frame = told->ReadFrame();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->close_code(), 1001);
    EXPECT_FALSE(told->ReadFrame());
  }
  EXPECT_FALSE(stalled.ReadFrame());
  EXPECT_EQ(half_request.ReadAll(), "");
  EXPECT_EQ(metrics_.viewers_left_shutdown.Value(), 3);
  EXPECT_EQ(metrics_.viewers.Value(), 0);
  server_->Stop();
}

TEST_F(ViewersTest, PicturesFasterThanTheThreadTakesThem_ViewersResumeAtAnIPicture) {
  TestClient viewer = JoinedViewer();
  Publish(PictureType::kIntra);
  viewer.ReadBinary();
  for (int i = 0; i < 5000; ++i) {
    Publish(PictureType::kPredicted, 10);
  }
  const auto intra = Publish(PictureType::kIntra, 20'000);
  uint8_t expected = 1;  // the sequence's lowest byte: with no gap until the I picture
  std::string received;
  while ((received = viewer.ReadBinary()) != BytesOf(intra)) {
    ASSERT_EQ(received, std::string(10, static_cast<char>(expected++)));
  }
}

}  // namespace
}  // namespace pistream
