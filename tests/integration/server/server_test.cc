// Binding ports, and what can be wrong with them.

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/server/server_test_base.h"

namespace pistream {
namespace {

class ServerTest : public ServerTestBase {
 protected:
  std::string BindError(const ServerConfig& config) {
    const auto server = Server::Bind(config, Context());
    return server ? "" : server.error().message;
  }
};

TEST_F(ServerTest, PortsOfZero_FreeOnesAreBoundAndTold) {
  StartServer();
  EXPECT_NE(server_->port(), 0);
  ASSERT_TRUE(server_->ws_port());
  EXPECT_NE(*server_->ws_port(), server_->port());
}

TEST_F(ServerTest, NoWsPort_NoneIsBound) {
  StartServer({.ws_port = std::nullopt});
  EXPECT_FALSE(server_->ws_port());
  EXPECT_EQ(Get("/index.html").status, 200);
}

TEST_F(ServerTest, PortInUse_SaysWhichAndWhatToDo) {
  StartServer();
  const uint16_t taken = server_->port();
  EXPECT_EQ(BindError({.port = taken, .ws_port = std::nullopt}),
            "port " + std::to_string(taken) +
                " of 127.0.0.1 is in use by another program: choose another with --port");
  EXPECT_EQ(BindError({.port = 0, .ws_port = taken}),
            "port " + std::to_string(taken) +
                " of 127.0.0.1 is in use by another program: choose another with --ws-port");
}

TEST_F(ServerTest, SamePortTwice_SaysSo) {
  EXPECT_EQ(BindError({.port = 8082, .ws_port = 8082}),
            "--port and --ws-port are both 8082: choose another for one, or --ws-port off");
}

TEST_F(ServerTest, NoAddress_SaysSo) {
  EXPECT_EQ(BindError({.address = "somewhere"}),
            "'somewhere' is not an IP address: give --address 127.0.0.1, 0.0.0.0 or ::");
  EXPECT_EQ(BindError({.address = "192.0.2.1", .port = 0, .ws_port = 0}),
            "192.0.2.1 is not an address of this machine: choose another with --address");
}

TEST_F(ServerTest, WebRootThatIsNotThere_SaysSo) {
  EXPECT_THAT(BindError({.port = 0, .ws_port = 0, .web_root = "/nonexistent"}),
              testing::HasSubstr("cannot open the directory /nonexistent of --web-root"));
}

TEST_F(ServerTest, BoundButNotServing_PicturesAndStopAreHarmless) {
  auto server = Server::Bind({.port = 0, .ws_port = 0}, Context());
  ASSERT_TRUE(server);
  for (int i = 0; i < 1000; ++i) {
    Publish(PictureType::kPredicted);
  }
  (*server)->Stop();
}

}  // namespace
}  // namespace pistream
