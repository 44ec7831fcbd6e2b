// Our own WebSocket code against an implementation that is not ours.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "tests/integration/server/server_test_base.h"

namespace pistream {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

class BeastClientTest : public ServerTestBase {
 protected:
  void SetUp() override {
    StartServer();
    client_.next_layer().connect({asio::ip::address_v4::loopback(), server_->port()});
    websocket::permessage_deflate deflate;
    deflate.client_enable = true;
    client_.set_option(deflate);
    client_.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
      request.set(beast::http::field::origin, "http://127.0.0.1:1");
    }));
    client_.handshake("127.0.0.1:" + std::to_string(server_->port()), "/stream");
  }

  std::string Read() {
    beast::flat_buffer buffer;
    client_.read(buffer);
    EXPECT_TRUE(client_.got_binary());
    return beast::buffers_to_string(buffer.data());
  }

  asio::io_context io_;
  websocket::stream<asio::ip::tcp::socket> client_{io_};
};

TEST_F(BeastClientTest, Pictures_OfEveryFrameLength_Arrive) {
  EXPECT_EQ(Read(), kJsmpHeader);
  for (const size_t size : {1U, 125U, 126U, 127U, 65535U, 65536U, 500'000U}) {
    const auto picture = Publish(PictureType::kIntra, size);
    EXPECT_EQ(Read(), BytesOf(picture));
  }
}

TEST_F(BeastClientTest, Ping_GetsItsPong) {
  std::string pong;
  client_.control_callback([&](websocket::frame_type type, beast::string_view payload) {
    if (type == websocket::frame_type::pong) {
      pong = payload;
    }
  });
  Read();
  client_.ping("are you there");
  Publish(PictureType::kIntra);
  while (pong.empty()) {
    Publish(PictureType::kPredicted);
    Read();
  }
  EXPECT_EQ(pong, "are you there");
}

TEST_F(BeastClientTest, CloseHandshake_IsClean) {
  Read();
  beast::error_code error;
  client_.close(websocket::close_code::normal, error);
  EXPECT_FALSE(error) << error.message();
  EXPECT_EQ(metrics_.viewers_left_closed.Value(), 1);
}

TEST_F(BeastClientTest, Stop_ClientSeesGoingAway) {
  Read();
  const std::jthread stopping([this] { server_->Stop(); });
  beast::flat_buffer buffer;
  beast::error_code error;
  client_.read(buffer, error);
  EXPECT_EQ(error, websocket::error::closed);
  EXPECT_EQ(client_.reason().code, websocket::close_code::going_away);
}

}  // namespace
}  // namespace pistream
