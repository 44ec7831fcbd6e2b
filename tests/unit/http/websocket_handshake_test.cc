#include "src/http/websocket_handshake.h"

#include <string>

#include "gtest/gtest.h"

namespace pistream {
namespace {

namespace http = boost::beast::http;

HttpRequest GoodRequest() {
  HttpRequest request(http::verb::get, "/stream", 11);
  request.set(http::field::host, "pi:8082");
  request.set(http::field::upgrade, "WebSocket");
  request.set(http::field::connection, "keep-alive, Upgrade");
  request.set(http::field::sec_websocket_key, "dGhlIHNhbXBsZSBub25jZQ==");
  request.set(http::field::sec_websocket_version, "13");
  return request;
}

int FaultOf(const HttpRequest& request) {
  const auto fault = FindHandshakeFault(request);
  return fault ? static_cast<int>(fault->status) : 0;
}

TEST(AcceptKeyTest, ExampleOfTheRfc) {
  EXPECT_EQ(AcceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(FindHandshakeFaultTest, GoodRequest_HasNone) { EXPECT_EQ(FaultOf(GoodRequest()), 0); }

TEST(FindHandshakeFaultTest, OneThingWrong_IsFound) {
  for (const http::field missing :
       {http::field::upgrade, http::field::connection, http::field::sec_websocket_key}) {
    HttpRequest request = GoodRequest();
    request.erase(missing);
    EXPECT_EQ(FaultOf(request), 400) << missing;
  }
  HttpRequest request = GoodRequest();
  request.method(http::verb::head);
  EXPECT_EQ(FaultOf(request), 400);
  request = GoodRequest();
  request.version(10);
  EXPECT_EQ(FaultOf(request), 400);
}

TEST(FindHandshakeFaultTest, KeyThatIsNot16BytesOfBase64_IsRefused) {
  for (const char* const key : {"", "YQ==", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25j!Q==",
                                "dGhlIHNhbXBsZSBub25jZTEyMw==", "dGhlIHNhbXBsZSBub25jZQ=a"}) {
    HttpRequest request = GoodRequest();
    request.set(http::field::sec_websocket_key, key);
    EXPECT_EQ(FaultOf(request), 400) << key;
  }
  HttpRequest request = GoodRequest();
  request.insert(http::field::sec_websocket_key, "dGhlIHNhbXBsZSBub25jZQ==");
  EXPECT_EQ(FaultOf(request), 400);
}

TEST(FindHandshakeFaultTest, AnotherVersion_IsToldTheOneThatWorks) {
  for (const char* const version : {"", "8", "12", "013", "13, 8"}) {
    HttpRequest request = GoodRequest();
    request.set(http::field::sec_websocket_version, version);
    const auto fault = FindHandshakeFault(request);
    ASSERT_TRUE(fault) << version;
    EXPECT_EQ(static_cast<int>(fault->status), 426);
    EXPECT_EQ(fault->fields[http::field::sec_websocket_version], "13");
  }
}

TEST(AsksForWebSocketTest, OtherUpgrades_AreNone) {
  HttpRequest request(http::verb::get, "/", 11);
  EXPECT_FALSE(AsksForWebSocket(request));
  request.set(http::field::upgrade, "h2c");
  EXPECT_FALSE(AsksForWebSocket(request));
  request.set(http::field::upgrade, "h2c, websocket");
  EXPECT_TRUE(AsksForWebSocket(request));
}

TEST(OffersSubprotocolTest, WholeTokensInAnyLine) {
  HttpRequest request = GoodRequest();
  EXPECT_FALSE(OffersSubprotocol(request, "pistream.v1"));
  request.set(http::field::sec_websocket_protocol, "pistream.v10, xpistream.v1");
  EXPECT_FALSE(OffersSubprotocol(request, "pistream.v1"));
  request.insert(http::field::sec_websocket_protocol, "a,pistream.v1");
  EXPECT_TRUE(OffersSubprotocol(request, "pistream.v1"));
}

}  // namespace
}  // namespace pistream
