// The whole way in one process: simulated camera, encoder, server, and a viewer that hands what it
// receives to libavformat and libavcodec.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "sim/simulated_camera.h"
#include "sim/stamp.h"
#include "src/base/clock.h"
#include "src/encode/mpeg1/mpeg1_encoder_factory.h"
#include "src/metrics/metrics.h"
#include "src/server/server.h"
#include "src/stream/camera_stream.h"
#include "src/stream/stream_registry.h"
#include "tests/integration/encode/mpeg1_decoder.h"
#include "tests/integration/server/test_client.h"
#include "tests/support/mpeg1.h"

namespace pistream {
namespace {

using testing::IsEmpty;

constexpr VideoFormat kFormat{.size = {.width = 320, .height = 240}, .framerate = {60, 1}};

class StreamTest : public testing::Test {
 protected:
  void SetUp() override {
    streams_.Replace({stream_});
    const ServerContext context{
        .assets = {}, .streams = streams_, .metrics = metrics_, .clock = clock_};
    auto server = Server::Bind({.port = 0, .ws_port = std::nullopt}, context);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    const auto format = stream_->Start();
    ASSERT_TRUE(format) << format.error().message;
    server_->Serve();
  }

  void TearDown() override { stream_->Stop(); }

  static CameraStreamConfig Config() {
    return {.camera = {.format = kFormat}, .video = {.bitrate_bps = 800'000, .gop_pictures = 20}};
  }

  // A viewer's messages after the header.
  static std::vector<std::string> Pictures(TestClient& viewer, size_t count) {
    EXPECT_EQ(viewer.ReadBinary().substr(0, 4), "jsmp");
    std::vector<std::string> pictures;
    while (pictures.size() < count) {
      pictures.push_back(viewer.ReadBinary());
    }
    return pictures;
  }

  Clock& clock_ = Clock::Real();
  Metrics metrics_;
  StreamRegistry streams_;
  std::shared_ptr<CameraStream> stream_ =
      std::make_shared<CameraStream>("garden", Config(), sim::MakeSimulatedSource({}, clock_),
                                     MakeMpeg1EncoderFactory(clock_), metrics_, clock_);
  std::unique_ptr<Server> server_;
};

std::span<const uint8_t> AsBytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::vector<uint16_t> FramesIn(const DecodedVideo& video) {
  std::vector<uint16_t> frames;
  for (const auto& luma : video.luma) {
    const auto stamp = sim::ReadStamp(video.size, luma.data(), video.size.width);
    EXPECT_TRUE(stamp) << "picture " << frames.size() << " has no readable stamp";
    frames.push_back(stamp ? stamp->frame : 0);
  }
  return frames;
}

// Each message one picture; all of them joined decode without a warning, every frame once and in
// order.
void ExpectGoodStream(const std::vector<std::string>& pictures) {
  std::string joined;
  for (const std::string& picture : pictures) {
    EXPECT_TRUE(wire::SummarizePicture(AsBytes(picture))) << "not exactly one picture";
    joined += picture;
  }
  const auto video = Decode(AsBytes(joined));
  ASSERT_TRUE(video) << video.error().message;
  EXPECT_THAT(video->complaints, IsEmpty());
  EXPECT_EQ(video->size, kFormat.size);
  EXPECT_EQ(video->luma.size(), pictures.size());
  const std::vector<uint16_t> frames = FramesIn(*video);
  for (size_t i = 1; i < frames.size(); ++i) {
    EXPECT_GT(static_cast<int16_t>(frames[i] - frames[i - 1]), 0) << "at picture " << i;
  }
}

TEST_F(StreamTest, JoinedMessages_DecodeWithoutAWarning) {
  TestClient viewer = TestClient::Viewer(server_->port(), "/stream");
  ExpectGoodStream(Pictures(viewer, 100));
}

TEST_F(StreamTest, JoinerInTheMiddleOfAGroup_GetsAStreamThatDecodesFromItsFirstByte) {
  TestClient first = TestClient::Viewer(server_->port(), "/stream");
  Pictures(first, 30);
  TestClient second = TestClient::Viewer(server_->port(), "/stream");
  ExpectGoodStream(Pictures(second, 40));
}

}  // namespace
}  // namespace pistream
