#include "src/http/access_policy.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pistream {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

namespace http = boost::beast::http;

HttpRequest RequestOf(const std::string& host, const std::string& origin = "",
                      const std::string& referer = "") {
  HttpRequest request(http::verb::get, "/index.html", 11);
  request.set(http::field::host, host);
  if (!origin.empty()) {
    request.set(http::field::origin, origin);
  }
  if (!referer.empty()) {
    request.set(http::field::referer, referer);
  }
  return request;
}

class AccessPolicyTest : public testing::Test {
 protected:
  std::string ResourcePolicy(const HttpRequest& request) {
    return policy_.HeadersFor(request)["Cross-Origin-Resource-Policy"];
  }
  std::string AllowedOrigin(const HttpRequest& request) {
    return policy_.HeadersFor(request)[http::field::access_control_allow_origin];
  }

  const AccessPolicy policy_{{"http://Dash.local:80/", "not an origin"}};
};

TEST_F(AccessPolicyTest, PageOfTheSameHostOrAnAllowedOne_MayWatch) {
  EXPECT_TRUE(policy_.MayWatch(RequestOf("pi:8082")));
  EXPECT_TRUE(policy_.MayWatch(RequestOf("pi:8082", "http://pi:5000")));
  EXPECT_TRUE(policy_.MayWatch(RequestOf("pi:8082", "http://dash.local")));
  EXPECT_FALSE(policy_.MayWatch(RequestOf("pi:8082", "http://dash.local:81")));
  EXPECT_FALSE(policy_.MayWatch(RequestOf("pi:8082", "http://evil.example")));
  EXPECT_FALSE(policy_.MayWatch(RequestOf("pi:8082", "null")));
  HttpRequest twice = RequestOf("pi:8082", "http://pi:5000");
  twice.insert(http::field::origin, "http://pi:5000");
  EXPECT_FALSE(policy_.MayWatch(twice));
}

TEST_F(AccessPolicyTest, PageThatMayWatch_MayReadWhatItIsSent) {
  EXPECT_EQ(AllowedOrigin(RequestOf("pi:8082", "http://pi:5000")), "http://pi:5000");
  EXPECT_EQ(AllowedOrigin(RequestOf("pi:8082", "http://dash.local")), "http://dash.local");
  EXPECT_EQ(AllowedOrigin(RequestOf("pi:8082", "http://evil.example")), "");
  EXPECT_EQ(AllowedOrigin(RequestOf("pi:8082")), "");
  EXPECT_EQ(policy_.HeadersFor(RequestOf("pi:8082"))[http::field::vary], "Origin");
}

TEST_F(AccessPolicyTest, PageThatMayWatch_MayLoadScripts) {
  EXPECT_EQ(ResourcePolicy(RequestOf("pi:8082", "http://dash.local")), "cross-origin");
  EXPECT_EQ(ResourcePolicy(RequestOf("pi:8082", "", "http://dash.local/panel")), "cross-origin");
  EXPECT_EQ(ResourcePolicy(RequestOf("pi:8082", "", "http://pi:5000/")), "cross-origin");
  EXPECT_EQ(ResourcePolicy(RequestOf("pi:8082", "http://evil.example")), "same-origin");
  EXPECT_EQ(ResourcePolicy(RequestOf("pi:8082", "", "http://evil.example/")), "same-origin");
  EXPECT_EQ(ResourcePolicy(RequestOf("pi:8082")), "same-site");
}

TEST_F(AccessPolicyTest, PageThatMayWatch_MayShowOursInAFrame) {
  const std::string policy = policy_.PagePolicyFor(RequestOf("Pi:8082"));
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  EXPECT_THAT(policy,
              EndsWith("; frame-ancestors 'self' http://pi:* https://pi:* http://dash.local"));
}

TEST_F(AccessPolicyTest, HostThatIsNone_IsNotWrittenIntoThePolicy) {
  for (const std::string host : {"", "[::1]:8082", "pi; script-src *", "*"}) {
    EXPECT_THAT(policy_.PagePolicyFor(RequestOf(host)),
                EndsWith("; frame-ancestors 'self' http://dash.local"))
        << host;
  }
}

TEST_F(AccessPolicyTest, PagesWithoutAnOriginAllowed_AnyPageMayShowOurs) {
  const AccessPolicy policy({"null"});
  EXPECT_TRUE(policy.MayWatch(RequestOf("pi", "null")));
  EXPECT_THAT(policy.PagePolicyFor(RequestOf("pi")), Not(HasSubstr("frame-ancestors")));
}

TEST_F(AccessPolicyTest, PagesOnTheDiskAllowed_MayShowOurs) {
  const AccessPolicy policy({"file://"});
  EXPECT_TRUE(policy.MayWatch(RequestOf("pi", "file://")));
  EXPECT_THAT(policy.PagePolicyFor(RequestOf("pi")), EndsWith(" file:"));
}

}  // namespace
}  // namespace pistream
