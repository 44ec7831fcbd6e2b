// Listening and responding otherwise while viewers are connected.

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/server/server_test_base.h"

namespace pistream {
namespace {

class ReconfigureTest : public ServerTestWithWitness {
 protected:
  static int ThreadsCalled(const std::string& name) {
    int threads = 0;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
      std::string line;
      std::ifstream comm(thread.path() / "comm");
      threads += std::getline(comm, line) && line == name ? 1 : 0;
    }
    return threads;
  }

  // As it was started, with the ports that it got.
  static ServerConfig Config() { return {.port = 0, .ws_port = 0}; }
};

TEST_F(ReconfigureTest, OtherWsPort_LeavesTheMainPortAlone) {
  TestClient waiting(server_->port());  // in the backlog, or accepted
  const uint16_t port = server_->port();
  ServerConfig config = Config();
  config.ws_port = std::nullopt;
  ASSERT_TRUE(server_->Reconfigure(config));
  EXPECT_EQ(server_->port(), port);
  EXPECT_FALSE(server_->ws_port());
  waiting.Send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(waiting.ReadReply().value_or(HttpReply{}).status, 200);
  ExpectWitnessUndisturbed();
}

TEST_F(ReconfigureTest, OtherPort_ListensThereAndViewersStay) {
  const uint16_t before = server_->port();
  uint16_t free_port = 0;
  {
    const auto other = Server::Bind(Config(), Context());
    ASSERT_TRUE(other);
    free_port = (*other)->port();
  }
  ServerConfig config = Config();
  config.port = free_port;
  ASSERT_TRUE(server_->Reconfigure(config));
  EXPECT_EQ(server_->port(), free_port);
  EXPECT_NE(server_->port(), before);
  EXPECT_EQ(Get("/healthz").status, 200);
  ExpectWitnessUndisturbed();
}

TEST_F(ReconfigureTest, WsPortInUse_ChangesNothing) {
  const auto other = Server::Bind(Config(), Context());
  ASSERT_TRUE(other);
  const uint16_t port = server_->port();
  const auto ws_port = server_->ws_port();
  ServerConfig config = Config();
  config.ws_port = (*other)->port();
  const auto reconfigured = server_->Reconfigure(config);
  ASSERT_FALSE(reconfigured);
  EXPECT_THAT(reconfigured.error().message, testing::HasSubstr("is in use"));
  EXPECT_TRUE(server_->is_listening());
  EXPECT_EQ(server_->port(), port);
  EXPECT_EQ(server_->ws_port(), ws_port);
  EXPECT_EQ(Get("/healthz").status, 200);
  ExpectWitnessUndisturbed();
}

// Example failure: one more thread, with its cache, for each change.
TEST_F(ReconfigureTest, ManyTimesWithAWebRoot_OneThreadReadsFiles) {
  ServerConfig config = Config();
  config.web_root = testing::TempDir();
  for (int i = 0; i < 5; ++i) {
    config.allowed_origins = {"http://host-" + std::to_string(i)};
    ASSERT_TRUE(server_->Reconfigure(config));
    EXPECT_EQ(Get("/nothing.txt").status, 404);
  }
  EXPECT_EQ(ThreadsCalled("files"), 1);
  ExpectWitnessUndisturbed();
}

}  // namespace
}  // namespace pistream
