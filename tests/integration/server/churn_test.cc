// Viewers that come, go, stall and break off, many at once, while two watch: made for the
// sanitizers, where it runs for the seconds of PISTREAM_CHURN_SECONDS (.bazelrc); elsewhere some
// rounds are enough.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/server/server_test_base.h"

namespace pistream {
namespace {

constexpr int kChurners = 4;
constexpr int kRounds = 40;
constexpr size_t kKeptStalled = 6;  // a churner
constexpr int kTinyBuffer = 4096;

// Until when churners go on, whatever their rounds; long past where nothing was asked for.
SteadyTime ChurnEnd() {
  const char* const seconds = std::getenv("PISTREAM_CHURN_SECONDS");
  return std::chrono::steady_clock::now() +
         std::chrono::seconds(seconds == nullptr ? 0 : std::atoi(seconds));
}

// One thread's worth of bad company. Whatever the server answers is right, but for an answer that
// breaks the protocol.
class Churner {
 public:
  Churner(uint16_t port, uint16_t classic_port) : port_(port), classic_port_(classic_port) {}

  void Round(int round) {
    switch (round % 8) {
      case 0:
        return WatchAndClose(port_, "/stream", "");
      case 1:
        return WatchAndClose(port_, "/stream", "Sec-WebSocket-Protocol: pistream.v1\r\n");
      case 2:
        return WatchAndClose(classic_port_, "/", "");
      case 3:
        return Stall();
      case 4:
        return SendAndVanish(UpgradeRequest("/stream").substr(0, 40));
      case 5:
        return SendAndVanish(UpgradeRequest("/stream"));
      case 6:
        return SendAndVanish(UpgradeRequest("/stream") + "\x82\x05not masked");
      default:
        return PauseAndReadOn();
    }
  }

 private:
  void WatchAndClose(uint16_t port, std::string_view path, std::string_view extra) {
    TestClient viewer(port);
    viewer.Send(UpgradeRequest(path, extra));
    if (viewer.ReadReply()) {
      ReadFrames(viewer, 8);
      viewer.Send(ClientFrame(kPingFrame, "ping") + ClientFrame(kCloseFrame, ""));
      viewer.ReadAll();
    }
  }

  // Until it is thrown out, or others take its place.
  void Stall() {
    stalled_.emplace_back(port_, kTinyBuffer);
    stalled_.back().Send(UpgradeRequest("/stream"));
    if (stalled_.size() > kKeptStalled) {
      stalled_.pop_front();
    }
  }

  void PauseAndReadOn() {
    if (!stalled_.empty()) {
      stalled_.front().ReadReply();
      ReadFrames(stalled_.front(), 30);
      stalled_.pop_front();
    }
  }

  void SendAndVanish(std::string_view bytes) { TestClient(port_).Send(bytes); }

  static void ReadFrames(TestClient& viewer, int count) {
    while (count > 0 && viewer.ReadFrame()) {
      --count;
    }
  }

  const uint16_t port_;
  const uint16_t classic_port_;
  std::deque<TestClient> stalled_;
};

class ChurnTest : public ServerTestBase {
 protected:
  void StartChurners() {
    const SteadyTime end = ChurnEnd();
    for (int i = 0; i < kChurners; ++i) {
      churners_.emplace_back([this, i, end] {
        Churner churner(server_->port(), *server_->ws_port());
        for (int round = i;
             !is_over_ && (round < i + kRounds || std::chrono::steady_clock::now() < end);
             ++round) {
          churner.Round(round);
        }
        ++finished_;
      });
    }
  }

  void PublishToWitnesses(int i, std::array<TestClient, 2>& witnesses) {
    // Big ones now and then: stalled viewers' sockets are full after a few.
    const auto picture = Publish(i % 12 == 0 ? PictureType::kIntra : PictureType::kPredicted,
                                 i % 12 == 0 ? 60'000 : 5'000);
    for (TestClient& witness : witnesses) {
      ASSERT_EQ(witness.ReadBinary(), BytesOf(picture));
    }
    if (i % 100 == 99) {
      clock_.Advance(ServerConfig().stall_limit + std::chrono::seconds(1));
    }
  }

  double Left() {
    double left = 0;
    for (auto* const cause : {&metrics_.viewers_left_closed, &metrics_.viewers_left_stalled,
                              &metrics_.viewers_left_protocol, &metrics_.viewers_left_resized,
                              &metrics_.viewers_left_shutdown, &metrics_.viewers_left_session}) {
      left += cause->Value();
    }
    return left;
  }

  // Also after a failure: what churners wait for ends with the server.
  void TearDown() override {
    is_over_ = true;
    if (server_) {
      server_->Stop();
    }
    churners_.clear();
  }

  std::atomic<bool> is_over_ = false;
  std::atomic<int> finished_ = 0;
  std::vector<std::jthread> churners_;
};

TEST_F(ChurnTest, ViewersComeAndGo_WitnessesGetEveryPictureAndAllAreCounted) {
  StartServer({.threads = 2});
  std::array<TestClient, 2> witnesses = {JoinedViewer(), JoinedViewer()};
  StartChurners();
  for (int i = 0; finished_ < kChurners; ++i) {
    PublishToWitnesses(i, witnesses);
    ASSERT_FALSE(HasFatalFailure());
  }
  churners_.clear();
  server_->Stop();
  EXPECT_GT(metrics_.viewers_joined.Value(), kChurners * kRounds / 4);
  EXPECT_EQ(Left(), metrics_.viewers_joined.Value());
  EXPECT_EQ(metrics_.viewers.Value(), 0);
  EXPECT_EQ(metrics_.viewers.Value(), 0);
}

}  // namespace
}  // namespace pistream
