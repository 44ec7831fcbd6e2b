#include "src/http/forwarded.h"

#include <array>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace pistream {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view kFor = "X-Forwarded-For";
constexpr std::string_view kHost = "X-Forwarded-Host";
constexpr std::string_view kProto = "X-Forwarded-Proto";

class ForwardedTest : public testing::Test {
 protected:
  Sender OfProxy() const { return SenderOf(request_, "127.0.0.1", false, proxies_); }

  std::string AddressFor(std::string_view value) {
    request_.set(kFor, value);
    return OfProxy().address;
  }

  HttpRequest request_{http::verb::get, "/", 11};
  const std::array<AddressRange, 1> proxies_ = {*ParseAddressRange("127.0.0.0/8")};
};

TEST_F(ForwardedTest, AnyOtherPeer_IsNotBelieved) {
  request_.set(kFor, "10.0.0.1");
  request_.set(kHost, "evil.example");
  request_.set(kProto, "https");
  const Sender expected{.address = "192.168.1.7", .host = std::nullopt};
  EXPECT_EQ(SenderOf(request_, "192.168.1.7", false, proxies_), expected);
  EXPECT_EQ(SenderOf(request_, "192.168.1.7", false, {}), expected);
  EXPECT_TRUE(SenderOf(request_, "192.168.1.7", true, {}).is_secure);
}

TEST_F(ForwardedTest, TrustedProxy_IsBelieved) {
  request_.set(kFor, "10.0.0.1");
  request_.set(kHost, "cam.example");
  request_.set(kProto, "https");
  EXPECT_EQ(OfProxy(), (Sender{.address = "10.0.0.1", .is_secure = true, .host = "cam.example"}));
}

TEST_F(ForwardedTest, ProxyThatSaysNothing_HasItsOwnHost) {
  EXPECT_EQ(OfProxy(),
            (Sender{.address = "127.0.0.1", .host = std::nullopt, .has_host_of_proxy = true}));
  request_.set(kHost, " ");
  EXPECT_TRUE(OfProxy().has_host_of_proxy);
}

TEST_F(ForwardedTest, LastElementOfTheLastLine_IsTheProxysOwn) {
  request_.insert(kFor, "1.1.1.1");
  request_.insert(kFor, "2.2.2.2, 3.3.3.3 , 4.4.4.4");
  request_.insert(kHost, "evil.example");
  request_.insert(kHost, "evil.example, cam.example");
  request_.insert(kProto, "https, http");
  EXPECT_EQ(OfProxy(), (Sender{.address = "4.4.4.4", .host = "cam.example"}));
}

TEST_F(ForwardedTest, Address_MayHaveAPort) {
  EXPECT_EQ(AddressFor("10.0.0.1:5678"), "10.0.0.1");
  EXPECT_EQ(AddressFor("[2001:db8::1]:5678"), "2001:db8::1");
  EXPECT_EQ(AddressFor("[2001:db8::1]"), "2001:db8::1");
  EXPECT_EQ(AddressFor("2001:db8::1"), "2001:db8::1");
}

// Example failure is a line of the log that a client has written.
TEST_F(ForwardedTest, WhatIsNoAddress_LeavesTheProxys) {
  for (const char* const value : {"", "unknown", "_hidden", "10.0.0.1,", "10.0.0.1, x", "[", "[]",
                                  "10.0.0.1 from 10.0.0.2", "::1]"}) {
    EXPECT_EQ(AddressFor(value), "127.0.0.1") << value;
  }
}

TEST_F(ForwardedTest, Protocol_IsThatOfTheClient) {
  for (const char* const value : {"https", "HTTPS", "wss"}) {
    request_.set(kProto, value);
    EXPECT_TRUE(OfProxy().is_secure) << value;
  }
  request_.set(kProto, "http");
  EXPECT_FALSE(SenderOf(request_, "127.0.0.1", true, proxies_).is_secure);
  request_.erase(kProto);
  EXPECT_TRUE(SenderOf(request_, "127.0.0.1", true, proxies_).is_secure);
}

}  // namespace
}  // namespace pistream
