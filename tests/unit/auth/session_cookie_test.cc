#include "src/auth/session_cookie.h"

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace pistream {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

const Tokens kTokens = {.view = "0123456789abcdef", .control = "ghijklmnopqrstuv"};
const Digest kSecret = Sha256("a secret");
const SessionKey kKey(kSecret, kTokens);

const Session kSessions[] = {
    {.role = Role::kView, .expiry = sys_seconds(seconds(0)), .epoch = 0},
    {.role = Role::kView, .expiry = sys_seconds(seconds(1'800'000'000)), .epoch = 7},
    {.role = Role::kControl, .expiry = sys_seconds(seconds(1'800'000'000)), .epoch = UINT64_MAX},
    {.role = Role::kControl, .expiry = sys_seconds(seconds(-1)), .epoch = 1}};

using Values = std::vector<std::string_view>;

TEST(SessionKeyTest, SignedSession_IsVerified) {
  for (const Session& session : kSessions) {
    const std::string value = kKey.Sign(session);
    EXPECT_EQ(value.size(), 67U);
    EXPECT_EQ(kKey.Verify(value), session);
  }
}

TEST(SessionKeyTest, AnotherStart_KnowsTheSession) {
  EXPECT_EQ(SessionKey(kSecret, kTokens).Verify(kKey.Sign(kSessions[1])), kSessions[1]);
}

TEST(SessionKeyTest, OtherTokens_EndAllSessions) {
  const std::string value = kKey.Sign(kSessions[1]);
  for (const Tokens& other : {Tokens{.view = kTokens.view, .control = "other0123456789a"},
                              Tokens{.view = "other0123456789a", .control = kTokens.control},
                              Tokens{.view = kTokens.control, .control = kTokens.view},
                              Tokens{.view = "", .control = kTokens.control + kTokens.view}}) {
    EXPECT_FALSE(SessionKey(kSecret, other).Verify(value));
  }
}

// Example failure is who has a cookie and one token, and tries the other one without asking us.
TEST(SessionKeyTest, TokensAlone_MakeNoKey) {
  EXPECT_FALSE(SessionKey(Sha256("another"), kTokens).Verify(kKey.Sign(kSessions[1])));
}

// Example failure is a byte that the signature does not cover.
TEST(SessionKeyTest, EveryChangedCharacter_IsRefused) {
  const std::string value = kKey.Sign(kSessions[2]);
  for (size_t i = 0; i < value.size(); ++i) {
    for (const char c : std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                    "0123456789-_+/=%. ")) {
      if (c == value[i]) {
        continue;
      }
      std::string changed = value;
      changed[i] = c;
      EXPECT_FALSE(kKey.Verify(changed)) << i << c;
    }
  }
}

TEST(SessionKeyTest, EveryOtherLength_IsRefused) {
  const std::string value = kKey.Sign(kSessions[2]);
  for (size_t size = 0; size < value.size(); ++size) {
    EXPECT_FALSE(kKey.Verify(value.substr(0, size))) << size;
    EXPECT_FALSE(kKey.Verify(value.substr(value.size() - size))) << size;
  }
  for (const std::string more : {"A", "=", "==", "AAAA"}) {
    EXPECT_FALSE(kKey.Verify(value + more)) << more;
  }
  EXPECT_FALSE(kKey.Verify(value + value));
}

TEST(SessionKeyTest, RoleThatNobodyLogsInWith_IsRefused) {
  EXPECT_FALSE(kKey.Verify(kKey.Sign({.role = Role::kNone, .expiry = {}, .epoch = 0})));
  EXPECT_FALSE(kKey.Verify(kKey.Sign({.role = static_cast<Role>(3), .expiry = {}, .epoch = 0})));
}

TEST(SessionCookieTest, Name_IsTheInstancesOwn) {
  std::set<std::string> names;
  for (const char* const instance : {"pi:8082", "pi:8083", "pi2:8082", ""}) {
    const std::string name = SessionCookieName(instance);
    EXPECT_EQ(name, SessionCookieName(instance));
    EXPECT_EQ(name.size(), 25U);
    EXPECT_TRUE(name.starts_with("pistream_session_"));
    EXPECT_EQ(name.find_first_not_of("0123456789abcdef", 17), std::string::npos) << name;
    EXPECT_TRUE(names.insert(name).second);
  }
}

TEST(SessionCookieTest, Attributes_KeepItFromScriptsAndOtherSites) {
  EXPECT_EQ(SetSessionCookie("n", "v", false), "n=v; Max-Age=2592000; HttpOnly; SameSite=Strict");
  EXPECT_EQ(SetSessionCookie("n", "v", true),
            "n=v; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure");
  EXPECT_EQ(ClearSessionCookie("n", false), "n=; Max-Age=0; HttpOnly; SameSite=Strict");
  EXPECT_EQ(ClearSessionCookie("n", true), "n=; Max-Age=0; HttpOnly; SameSite=Strict; Secure");
}

TEST(CookieValuesTest, AllOfTheName_InTheirOrder) {
  EXPECT_EQ(CookieValues("n=v", "n"), Values{"v"});
  EXPECT_EQ(CookieValues("a=1; n=v; b=2", "n"), Values{"v"});
  EXPECT_EQ(CookieValues("n=1; n=2; n=1", "n"), (Values{"1", "2", "1"}));
  EXPECT_EQ(CookieValues("n=a=b", "n"), Values{"a=b"});
  EXPECT_EQ(CookieValues("n=", "n"), Values{""});
}

TEST(CookieValuesTest, QuotesAndSpace_AreTakenAway) {
  EXPECT_EQ(CookieValues("n=\"v\"", "n"), Values{"v"});
  EXPECT_EQ(CookieValues("n=\"\"", "n"), Values{""});
  EXPECT_EQ(CookieValues("n=\"", "n"), Values{"\""});
  EXPECT_EQ(CookieValues("a=1;n=v;b=2", "n"), Values{"v"});
  EXPECT_EQ(CookieValues(" a=1 ;\tn = v \t; ", "n"), Values{"v"});
}

TEST(CookieValuesTest, OtherNamesAndRubbish_AreNone) {
  for (const char* const header :
       {"", ";", "; ;", "n", "=v", "=", "N=v", "nn=v", "xn=v", "n.=v", "a=n=v", "\"n=v\""}) {
    EXPECT_EQ(CookieValues(header, "n"), Values()) << header;
  }
}

}  // namespace
}  // namespace pistream
