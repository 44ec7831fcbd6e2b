// Viewers that get the stream over HTTP, through real sockets.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/wire/picture_message.h"
#include "tests/integration/server/server_test_base.h"

namespace pistream {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

class HttpStreamTest : public ServerTestBase {
 protected:
  void SetUp() override { StartServer(); }

  static wire::PictureHeader HeaderOf(const std::string& message) {
    const auto header = wire::ParsePictureHeader(
        {reinterpret_cast<const uint8_t*>(message.data()), message.size()});
    EXPECT_TRUE(header);
    return header.value_or(wire::PictureHeader{});
  }

  static void ExpectPicture(TestClient& viewer, const PicturePtr& picture) {
    const std::string message = viewer.ReadBinary();
    EXPECT_EQ(HeaderOf(message).sequence, picture->sequence);
    EXPECT_EQ(message.substr(wire::kPictureHeaderSize), BytesOf(picture));
  }

  // By the pong the server has done what it was told before.
  void AwaitPong(TestClient& viewer) {
    EXPECT_EQ(Post(viewer.session(), R"({"type":"ping","id":7})").status, 204);
    const auto pong = viewer.ReadFrame();
    ASSERT_TRUE(pong);
    EXPECT_EQ(pong->opcode, kTextFrame);
    EXPECT_THAT(pong->payload, HasSubstr(R"("id":7)"));
  }
};

TEST_F(HttpStreamTest, Join_GetsTheGroupAndThenEachPicture) {
  TestClient witness = JoinedViewer("Sec-WebSocket-Protocol: pistream.v1\r\n");
  std::vector<PicturePtr> pictures;
  for (int i = 0; i < 5; ++i) {
    pictures.push_back(Publish(i == 0 ? PictureType::kIntra : PictureType::kPredicted));
    ExpectPicture(witness, pictures.back());
  }
  TestClient viewer = JoinedHttpViewer();
  EXPECT_EQ(metrics_.viewers.Value(), 2);
  EXPECT_EQ(metrics_.viewers_by_http.Value(), 1);
  for (const size_t size :
       {1U, 90U, 91U, 100U, 4000U, 70'000U}) {  // of all lengths of frame headers
    pictures.push_back(Publish(PictureType::kPredicted, size));
    ExpectPicture(witness, pictures.back());
  }
  for (const PicturePtr& picture : pictures) {
    ExpectPicture(viewer, picture);
  }
}

TEST_F(HttpStreamTest, PicturesLargerThanTheSocketTakes_StayWhole) {
  TestClient slow = JoinedHttpViewer("", 4096);
  std::vector<PicturePtr> pictures;
  for (const size_t size : {300'000U, 100'000U, 100'000U}) {
    pictures.push_back(
        Publish(pictures.empty() ? PictureType::kIntra : PictureType::kPredicted, size));
  }
  for (const PicturePtr& picture : pictures) {
    ExpectPicture(slow, picture);
  }
}

TEST_F(HttpStreamTest, SizeChange_IsToldAndItGoesOn) {
  TestClient viewer = JoinedHttpViewer();
  ExpectPicture(viewer, Publish(PictureType::kIntra));
  const auto smaller = Publish(PictureType::kIntra, 1000, {32, 16});
  EXPECT_EQ(viewer.ReadBinary(), (std::string{"jsmp\0\x20\0\x10", 8}));
  ExpectPicture(viewer, smaller);
}

TEST_F(HttpStreamTest, ControlMessages_AreObeyed) {
  TestClient viewer = JoinedHttpViewer();
  EXPECT_TRUE(track().TakeKeyframeRequest());  // the joiner's
  clock_.Advance(Track::kKeyframeInterval);
  ExpectPicture(viewer, Publish(PictureType::kIntra));
  EXPECT_EQ(Post(viewer.session(), R"({"type":"keyframe"})").status, 204);
  AwaitPong(viewer);
  EXPECT_TRUE(track().TakeKeyframeRequest());

  EXPECT_EQ(Post(viewer.session(), R"({"type":"pause"})").status, 204);
  AwaitPong(viewer);
  EXPECT_EQ(metrics_.viewers_paused.Value(), 1);
  EXPECT_FALSE(track().demand().is_watched);
  Publish(PictureType::kPredicted);
  EXPECT_EQ(Post(viewer.session(), R"({"type":"resume"})").status, 204);
  AwaitPong(viewer);
  EXPECT_EQ(metrics_.viewers_paused.Value(), 0);
  const auto intra = Publish(PictureType::kIntra);
  const std::string message = viewer.ReadBinary();
  EXPECT_EQ(HeaderOf(message).sequence, intra->sequence);
  EXPECT_TRUE(HeaderOf(message).discontinuity);
}

TEST_F(HttpStreamTest, SeveralControlMessagesInOneRequest_AreObeyedInOrder) {
  TestClient viewer = JoinedHttpViewer();
  EXPECT_EQ(Post(viewer.session(),
                 "{\"type\":\"report\",\"shown\":3}\n{\"type\":\"report\",\"shown\":4}\n"
                 "{\"type\":\"pause\"}\n{\"type\":\"resume\"}\n{\"type\":\"pause\"}")
                .status,
            204);
  AwaitPong(viewer);
  EXPECT_EQ(metrics_.viewer_pictures_shown.Value(), 7);
  EXPECT_EQ(metrics_.viewers_paused.Value(), 1);
}

TEST_F(HttpStreamTest, ControlMessages_ReachOnlyTheirViewer) {
  TestClient first = JoinedHttpViewer();
  TestClient second = JoinedHttpViewer();
  EXPECT_NE(first.session(), second.session());
  EXPECT_EQ(Post(first.session(), R"({"type":"pause"})").status, 204);
  AwaitPong(first);
  ExpectPicture(second, Publish(PictureType::kIntra));
}

TEST_F(HttpStreamTest, UnknownOrEndedSession_IsNotFound) {
  std::string session;
  {
    TestClient viewer = JoinedHttpViewer();
    session = viewer.session();
    EXPECT_EQ(Post(session.substr(0, 31), "{}").status, 404);
    EXPECT_EQ(Post(session + "0", "{}").status, 404);
    EXPECT_EQ(Post("", "{}").status, 404);
    AwaitPong(viewer);
  }
  while (metrics_.viewers.Value() > 0) {  // the server learns of it by and by
    std::this_thread::yield();
  }
  EXPECT_EQ(Post(session, "{}").status, 404);
  EXPECT_EQ(metrics_.viewers_left_closed.Value(), 1);
  EXPECT_EQ(metrics_.viewers_by_http.Value(), 0);
}

TEST_F(HttpStreamTest, ForeignOrigin_MayNeitherWatchNorControl) {
  TestClient viewer = JoinedHttpViewer("Origin: http://localhost:5000\r\n");
  constexpr std::string_view kForeign = "Origin: http://evil.example\r\n";
  EXPECT_EQ(Get("/stream.v1", kForeign).status, 403);
  EXPECT_EQ(Post(viewer.session(), R"({"type":"pause"})", kForeign).status, 403);
  const HttpReply own = Post(viewer.session(), "{}", "Origin: http://localhost:5000\r\n");
  EXPECT_EQ(own.status, 204);
  EXPECT_EQ(own.fields.at("access-control-allow-origin"), "http://localhost:5000");
  AwaitPong(viewer);
  EXPECT_EQ(metrics_.viewers_paused.Value(), 0);
}

TEST_F(HttpStreamTest, ImageOfAnotherSite_MakesNoViewer) {
  EXPECT_EQ(Get("/stream.v1").status, 403);
  EXPECT_EQ(Get("/streams/garden/stream.v1", "Referer: http://evil.example/\r\n").status, 403);
  EXPECT_EQ(metrics_.viewers_joined.Value(), 0);
}

TEST_F(HttpStreamTest, Flood_IsClosedWith1008) {
  TestClient viewer = JoinedHttpViewer();
  std::string flood;
  for (int i = 0; i < 101; ++i) {
    flood += "{}\n";
  }
  EXPECT_EQ(Post(viewer.session(), flood).status, 204);
  const auto close = viewer.ReadFrame();
  ASSERT_TRUE(close);
  EXPECT_EQ(close->close_code(), 1008);
  EXPECT_EQ(viewer.ReadChunk(), "");
  EXPECT_EQ(viewer.ReadAll(), "");
  EXPECT_EQ(Post(viewer.session(), "{}").status, 404);
  EXPECT_EQ(metrics_.viewers_left_protocol.Value(), 1);
}

TEST_F(HttpStreamTest, Head_HasTheHeadersOnly) {
  TestClient client(server_->port());
  client.Send(
      "HEAD /stream.v1 HTTP/1.1\r\nHost: a\r\nPistream-Client: 1\r\n\r\nGET /healthz "
      "HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto head = client.ReadReply(true);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->fields.at("transfer-encoding"), "chunked");
  EXPECT_FALSE(head->fields.contains("pistream-session"));
  EXPECT_EQ(client.ReadReply()->status, 200);
  EXPECT_EQ(metrics_.viewers_joined.Value(), 0);
}

TEST_F(HttpStreamTest, Http10_GetsTheFramesWithoutChunks) {
  TestClient client(server_->port());
  client.Send("GET /stream.v1 HTTP/1.0\r\nPistream-Client: 1\r\n\r\n");
  const auto reply = client.ReadReply();
  EXPECT_EQ(reply->status, 200);
  EXPECT_FALSE(reply->fields.contains("transfer-encoding"));
  EXPECT_EQ(client.ReadBinary(), kJsmpHeader);
  ExpectPicture(client, Publish(PictureType::kIntra));
  const std::string& session = reply->fields.at("pistream-session");
  EXPECT_EQ(Post(session, R"({"type":"ping","id":1})").status, 204);
  EXPECT_EQ(client.ReadFrame()->opcode, kTextFrame);
  server_->Stop();
  EXPECT_EQ(client.ReadFrame()->close_code(), 1001);
  EXPECT_EQ(client.ReadAll(), "");
}

TEST_F(HttpStreamTest, Stop_TellsTheViewerAndEndsTheBody) {
  TestClient viewer = JoinedHttpViewer();
  ExpectPicture(viewer, Publish(PictureType::kIntra));
  server_->Stop();
  const auto close = viewer.ReadFrame();
  ASSERT_TRUE(close);
  EXPECT_EQ(close->close_code(), 1001);
  EXPECT_EQ(viewer.ReadChunk(), "");
  EXPECT_EQ(viewer.ReadAll(), "");
  EXPECT_EQ(metrics_.viewers_left_shutdown.Value(), 1);
}

TEST_F(HttpStreamTest, StreamsOwnAddress_Plays) {
  TestClient viewer = TestClient::HttpViewer(server_->port(), "/streams/garden/stream.v1");
  EXPECT_EQ(viewer.ReadBinary(), kJsmpHeader);
  ExpectPicture(viewer, Publish(PictureType::kIntra));
  EXPECT_EQ(Get("/streams/nobody/stream.v1").status, 404);
}

// Control messages come on another thread than the viewer's half of the time.
TEST_F(HttpStreamTest, TwoThreads_EachViewerGetsItsPictures) {
  server_.reset();
  StartServer({.threads = 2});
  std::vector<TestClient> viewers;
  for (int i = 0; i < 20; ++i) {
    viewers.push_back(i % 4 == 0 ? JoinedViewer("Sec-WebSocket-Protocol: pistream.v1\r\n")
                                 : JoinedHttpViewer());
  }
  EXPECT_EQ(ThreadViewers("net-0").Value(), 10);
  EXPECT_EQ(metrics_.viewers_by_http.Value(), 15);
  for (int round = 0; round < 10; ++round) {
    const auto picture = Publish(round == 0 ? PictureType::kIntra : PictureType::kPredicted);
    for (TestClient& viewer : viewers) {
      EXPECT_THAT(viewer.ReadBinary(), EndsWith(BytesOf(picture)));
      if (!viewer.session().empty()) {
        AwaitPong(viewer);
      }
    }
  }
}

// A client's message may be there before its viewer has come to its own thread.
TEST_F(HttpStreamTest, TwoThreads_MessagesAtOnceAfterTheHead_AreObeyed) {
  server_.reset();
  StartServer({.threads = 2});
  std::vector<TestClient> viewers;
  for (int i = 0; i < 50; ++i) {
    viewers.push_back(TestClient::HttpViewer(server_->port(), "/stream.v1"));
    EXPECT_EQ(Post(viewers.back().session(), R"({"type":"ping","id":1})").status, 204);
  }
  for (TestClient& viewer : viewers) {
    EXPECT_EQ(viewer.ReadBinary(), kJsmpHeader);
    EXPECT_EQ(viewer.ReadFrame()->opcode, kTextFrame);
  }
}

TEST_F(HttpStreamTest, StopWhileMessagesCome_Ends) {
  server_.reset();
  StartServer({.threads = 2});
  std::vector<TestClient> viewers;
  for (int i = 0; i < 4; ++i) {
    viewers.push_back(JoinedHttpViewer());
  }
  const uint16_t port = server_->port();
  std::atomic<bool> is_over = false;
  std::vector<std::thread> clients;
  for (const TestClient& viewer : viewers) {
    // Connected here: later there may be no server.
    clients.emplace_back(
        [&is_over, client = TestClient(port), session = viewer.session()]() mutable {
          while (!is_over) {
            client.Send("POST /stream.v1?session=" + session +
                        " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");
            if (!client.ReadReply()) {
              return;
            }
          }
        });
  }
  server_->Stop();
  is_over = true;
  for (std::thread& client : clients) {
    client.join();
  }
  EXPECT_EQ(metrics_.viewers.Value(), 0);
}

}  // namespace
}  // namespace pistream
