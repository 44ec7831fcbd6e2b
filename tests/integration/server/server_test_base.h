// A server on free ports, with pictures made by hand and time that stands still.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "src/auth/authenticator.h"
#include "src/base/fake_clock.h"
#include "src/http/http_metrics.h"
#include "src/media/picture.h"
#include "src/metrics/metrics.h"
#include "src/net/listener.h"
#include "src/server/server.h"
#include "src/stream/fake_stream.h"
#include "src/stream/stream_registry.h"
#include "src/viewer/viewer_metrics.h"
#include "tests/integration/server/test_client.h"

namespace pistream {

inline constexpr Size kSize{.width = 64, .height = 48};
inline constexpr std::string_view kPage = "<!doctype html><title>embedded</title>";
inline constexpr std::string_view kJsmpHeader{"jsmp\0\x40\0\x30", 8};

class ServerTestBase : public testing::Test {
 protected:
  ServerTestBase() { streams_.Replace({stream_}); }

  void StartServer(ServerConfig config = {}) {
    config.port = 0;
    config.host_names = {"a", "pi"};
    if (config.ws_port) {
      config.ws_port = 0;
    }
    auto server = Server::Bind(config, Context());
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    server_->Serve();
  }

  ServerContext Context() {
    return {.assets = assets_,
            .streams = streams_,
            .metrics = registry_,
            .clock = *server_clock_,
            .authenticator = authenticator_.get(),
            .make_transport = make_transport_};
  }

  Track& track() { return *stream_->video(); }

  prometheus::Gauge& ThreadViewers(const std::string& thread) {
    return ThreadViewersGauge(registry_, thread);
  }

  // A picture of `size` bytes that tells its sequence.
  PicturePtr MakePicture(PictureType type, size_t size = 1000, Size of = kSize) {
    auto picture = std::make_shared<Picture>();
    picture->bytes.assign(size, static_cast<uint8_t>(sequence_));
    picture->type = type;
    picture->size = of;
    picture->sequence = sequence_++;
    picture->captured = clock_.Now() - std::chrono::milliseconds(5);
    picture->encoded = clock_.Now();
    return picture;
  }

  // The same, handed to all network threads.
  PicturePtr Publish(PictureType type, size_t size = 1000, Size of = kSize) {
    const PicturePtr picture = MakePicture(type, size, of);
    track().Publish(picture);
    return picture;
  }

  static std::string BytesOf(const PicturePtr& picture) {
    return {picture->bytes.begin(), picture->bytes.end()};
  }

  // A viewer of /stream that has been told the size.
  TestClient JoinedViewer(std::string_view extra = "", int receive_buffer = 0) {
    TestClient viewer = TestClient::Viewer(server_->port(), "/stream", extra, receive_buffer);
    EXPECT_EQ(viewer.ReadBinary(), kJsmpHeader);
    return viewer;
  }

  // The same of one over HTTP.
  TestClient JoinedHttpViewer(std::string_view extra = "", int receive_buffer = 0) {
    TestClient viewer =
        TestClient::HttpViewer(server_->port(), "/stream.v1", extra, receive_buffer);
    EXPECT_EQ(viewer.ReadBinary(), kJsmpHeader);
    return viewer;
  }

  // Sends control messages for such a viewer.
  HttpReply Post(std::string_view session, std::string_view body, std::string_view extra = "") {
    TestClient client(server_->port());
    client.Send("POST /stream.v1?session=" + std::string(session) +
                " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n" + std::string(extra) + "\r\n" + std::string(body));
    return client.ReadReply().value_or(HttpReply{});
  }

  HttpReply Get(std::string_view path, std::string_view extra = "") {
    TestClient client(server_->port());
    client.Send("GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost:1\r\n" +
                std::string(extra) + "\r\n");
    return client.ReadReply().value_or(HttpReply{});
  }

  FakeClock clock_;
  Clock* server_clock_ = &clock_;
  std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>(
      "garden", VideoFormat{.size = kSize, .framerate = {24, 1}}, clock_);
  StreamRegistry streams_;
  Metrics registry_;
  ViewerMetrics metrics_{registry_, "garden"};
  HttpMetrics http_metrics_{registry_};
  prometheus::Counter& accept_errors_ = AcceptErrorsCounter(registry_);
  std::vector<Asset> assets_ = {{"/index.html",
                                 "text/html; charset=utf-8",
                                 {reinterpret_cast<const uint8_t*>(kPage.data()), kPage.size()}}};
  uint64_t sequence_ = 0;
  std::unique_ptr<Authenticator> authenticator_;  // null: everybody may do everything
  Listener::MakeTransport make_transport_;        // null: plain TCP
  std::unique_ptr<Server> server_;
};

// With a viewer that behaves, to see that nothing disturbs it.
class ServerTestWithWitness : public ServerTestBase {
 protected:
  void SetUp() override {
    StartServer();
    witness_.emplace(JoinedViewer());
    Publish(PictureType::kIntra);
    witness_->ReadBinary();
  }

  void ExpectWitnessUndisturbed() {
    for (const PictureType type : {PictureType::kPredicted, PictureType::kIntra}) {
      const PicturePtr picture = Publish(type);
      EXPECT_EQ(witness_->ReadBinary(), BytesOf(picture));
    }
  }

  std::optional<TestClient> witness_;
};

}  // namespace pistream
