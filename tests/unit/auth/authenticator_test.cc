#include "src/auth/authenticator.h"

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/auth/session_cookie.h"
#include "src/base/fake_clock.h"
#include "src/base/log.h"

namespace pistream {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace fs = std::filesystem;

using Outcome = Authentication::Outcome;

const Tokens kTokens = {.view = "view-token-012345", .control = "control-token-012"};
constexpr std::string_view kAddress = "192.168.1.7";
constexpr Authentication kView = {.outcome = Outcome::kGranted, .role = Role::kView};
constexpr Authentication kControl = {.outcome = Outcome::kGranted, .role = Role::kControl};
constexpr Authentication kNoSecret = {};
constexpr Authentication kWrong = {.outcome = Outcome::kWrongSecret};

class AuthenticatorTest : public testing::Test {
 protected:
  AuthenticatorTest() { log::SetLevel(log::Level::kOff); }
  ~AuthenticatorTest() override { log::SetLevel(log::Level::kInfo); }

  // Without what it came of, which has tests of its own.
  static Authentication RoleBy(Authenticator& authenticator, const Credentials& given) {
    Authentication authentication = authenticator.Authenticate(given);
    authentication.credential = CredentialId::kNone;
    return authentication;
  }
  Authentication By(std::string_view authorization) {
    return RoleBy(authenticator_, {.authorization = authorization, .address = kAddress});
  }
  Authentication ByCookie(std::string_view header) {
    return RoleBy(authenticator_, {.authorization = "", .cookies = {header}, .address = kAddress});
  }
  Authentication ByQuery(std::string_view token) {
    return RoleBy(authenticator_, {.authorization = "", .query_token = token, .address = kAddress});
  }

  // "NAME=VALUE" of a session of this role.
  std::string CookieOf(Role role) {
    const auto result = authenticator_.LogIn(
        role == Role::kControl ? kTokens.control : kTokens.view, kAddress, false);
    EXPECT_EQ(result.authentication.role, role);
    return result.set_cookie.substr(0, result.set_cookie.find(';'));
  }

  Authenticator::WallClock WallClock() {
    return [this] { return now_; };
  }

  FakeClock clock_;
  std::chrono::sys_seconds now_{seconds(1'800'000'000)};
  Authenticator authenticator_{kTokens, "pi:8082", clock_, WallClock()};
};

TEST_F(AuthenticatorTest, NoTokens_EverybodyMayDoEverything) {
  Authenticator open(std::nullopt, "pi:8082", clock_, WallClock());
  EXPECT_TRUE(open.is_open());
  EXPECT_EQ(RoleBy(open, {.authorization = "", .address = kAddress}), kControl);
  EXPECT_EQ(RoleBy(open, {.authorization = "Bearer wrong", .address = kAddress}), kControl);
  const auto log_in = open.LogIn("anything", kAddress, false);
  EXPECT_EQ(log_in.authentication, kControl);
  EXPECT_EQ(log_in.set_cookie, "");
}

TEST_F(AuthenticatorTest, NoSecret_IsAStrangerAndNoFailure) {
  EXPECT_FALSE(authenticator_.is_open());
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(By(""), kNoSecret);
    EXPECT_EQ(By("Digest username=\"me\""), kNoSecret) << "a scheme that we do not know";
    EXPECT_EQ(ByCookie("theme=dark"), kNoSecret);
  }
}

TEST_F(AuthenticatorTest, Bearer_IsTheTokensRole) {
  EXPECT_EQ(By("Bearer view-token-012345"), kView);
  EXPECT_EQ(By("bearer  control-token-012"), kControl);
  EXPECT_EQ(By("Bearer view-token-01234"), kWrong);
  EXPECT_EQ(By("Bearer view-token-0123456"), kWrong);
  EXPECT_EQ(By("Bearer VIEW-TOKEN-012345"), kWrong);
}

TEST_F(AuthenticatorTest, Basic_TakesAnyNameAndTheTokenAsPassword) {
  EXPECT_EQ(By("Basic bWU6dmlldy10b2tlbi0wMTIzNDU="), kView) << "me:view-token-012345";
  EXPECT_EQ(By("basic OmNvbnRyb2wtdG9rZW4tMDEy"), kControl) << ":control-token-012";
  EXPECT_EQ(By("Basic dmlldy10b2tlbi0wMTIzNDU6"), kWrong) << "the token as the name";
  for (const char* const rubbish : {"Basic x", "Basic !", "Basic bWU=", "Basic Og=="}) {
    EXPECT_EQ(By(rubbish), kWrong) << rubbish;
  }
}

TEST_F(AuthenticatorTest, Query_GrantsViewOnly) {
  EXPECT_EQ(ByQuery("view-token-012345"), kView);
  EXPECT_EQ(ByQuery("control-token-012"), Authentication{.outcome = Outcome::kMisplaced});
  EXPECT_EQ(ByQuery("wrong"), kWrong);
  EXPECT_EQ(ByQuery(""), kWrong);
}

TEST_F(AuthenticatorTest, SeveralSecrets_TheHighestRoleCountsAndAWrongOneDoesNot) {
  const std::string view = CookieOf(Role::kView);
  EXPECT_EQ(RoleBy(authenticator_, {.authorization = "Bearer control-token-012",
                                    .cookies = {view},
                                    .query_token = "wrong",
                                    .address = kAddress}),
            kControl);
  EXPECT_EQ(
      RoleBy(authenticator_, {.authorization = "Basic x", .cookies = {view}, .address = kAddress}),
      kView)
      << "a proxy before us may have its own";
  EXPECT_EQ(RoleBy(authenticator_, {.authorization = "Bearer view-token-012345",
                                    .query_token = "control-token-012",
                                    .address = kAddress}),
            kView);
}

TEST_F(AuthenticatorTest, LogIn_TheCookieIsWorthTheTokensRole) {
  EXPECT_EQ(ByCookie(CookieOf(Role::kView)), kView);
  EXPECT_EQ(ByCookie(CookieOf(Role::kControl)), kControl);
  EXPECT_EQ(authenticator_.LogIn("wrong", kAddress, false).authentication, kWrong);
  EXPECT_EQ(authenticator_.LogIn("wrong", kAddress, false).set_cookie, "");
  EXPECT_THAT(authenticator_.LogIn(kTokens.view, kAddress, true).set_cookie,
              AllOf(StartsWith(SessionCookieName("pi:8082") + "="), HasSubstr("; Secure")));
}

TEST_F(AuthenticatorTest, SeveralCookies_AnyValidOneCounts) {
  const std::string good = CookieOf(Role::kView);
  const std::string bad = SessionCookieName("pi:8082") + "=rubbish";
  EXPECT_EQ(ByCookie(bad + "; " + good), kView);
  EXPECT_EQ(ByCookie(good + "; a=b; " + bad), kView);
  EXPECT_EQ(ByCookie(good + "; " + CookieOf(Role::kControl)), kControl);
  EXPECT_EQ(
      RoleBy(authenticator_, {.authorization = "", .cookies = {bad, good}, .address = kAddress}),
      kView);
  EXPECT_EQ(ByCookie(bad), kNoSecret);
  std::string many;
  for (int i = 0; i < 16; ++i) {
    many += bad + "; ";
  }
  EXPECT_EQ(ByCookie(many + good), kNoSecret) << "there is a limit to what a request may cost";
}

TEST_F(AuthenticatorTest, CookieOfAnotherInstance_IsNotOurs) {
  Authenticator other(kTokens, "pi:9090", clock_, WallClock());
  const auto result = other.LogIn(kTokens.view, kAddress, false);
  EXPECT_EQ(ByCookie(result.set_cookie), kNoSecret);
}

TEST_F(AuthenticatorTest, Session_LastsThirtyDays) {
  const std::string cookie = CookieOf(Role::kView);
  now_ += kSessionLength - seconds(1);
  EXPECT_EQ(ByCookie(cookie), kView);
  now_ += seconds(1);
  EXPECT_EQ(ByCookie(cookie), kNoSecret);
}

TEST_F(AuthenticatorTest, RestartWithoutAFile_EndsSessions) {
  const std::string cookie = CookieOf(Role::kView);
  Authenticator again(kTokens, "pi:8082", clock_, WallClock());
  EXPECT_EQ(RoleBy(again, {.authorization = "", .cookies = {cookie}, .address = kAddress}),
            kNoSecret);
}

TEST_F(AuthenticatorTest, RestartWithAFile_KeepsSessionsAndNewTokensEndThem) {
  const fs::path file = fs::path(testing::TempDir()) / "authenticator_test_sessions";
  fs::remove(file);
  ASSERT_TRUE(authenticator_.KeepSessionsIn(file));
  const std::string cookie = CookieOf(Role::kView);
  Authenticator again(kTokens, "pi:8082", clock_, WallClock());
  ASSERT_TRUE(again.KeepSessionsIn(file));
  fs::remove(file);
  const Credentials given = {.authorization = "", .cookies = {cookie}, .address = kAddress};
  EXPECT_EQ(RoleBy(again, given), kView);
  again.SetTokens(Tokens{.view = kTokens.view, .control = "another-control-token"});
  EXPECT_EQ(RoleBy(again, given), kNoSecret);
  EXPECT_EQ(RoleBy(again, {.authorization = "Bearer control-token-012", .address = kAddress}),
            kWrong);
  again.SetTokens(std::nullopt);
  EXPECT_EQ(RoleBy(again, given), kControl);
}

TEST_F(AuthenticatorTest, LogOut_ForgetsTheCookie) {
  EXPECT_EQ(authenticator_.LogOut(false),
            SessionCookieName("pi:8082") + "=; Max-Age=0; HttpOnly; SameSite=Strict");
  EXPECT_THAT(authenticator_.LogOut(true), HasSubstr("; Secure"));
}

TEST_F(AuthenticatorTest, LogOutEverywhere_OfItsRoleAndThoseBelow) {
  const std::string view = CookieOf(Role::kView);
  const std::string control = CookieOf(Role::kControl);
  ASSERT_TRUE(authenticator_.LogOutEverywhere(Role::kView));
  EXPECT_EQ(ByCookie(view), kNoSecret);
  EXPECT_EQ(ByCookie(control), kControl);
  const std::string new_view = CookieOf(Role::kView);
  ASSERT_TRUE(authenticator_.LogOutEverywhere(Role::kControl));
  EXPECT_EQ(ByCookie(new_view), kNoSecret);
  EXPECT_EQ(ByCookie(control), kNoSecret);
  EXPECT_EQ(By("Bearer control-token-012"), kControl) << "tokens stay";
}

// Example failure: a viewer who came by a cookie goes on watching when sessions have ended.
TEST_F(AuthenticatorTest, Credentials_CountAsLongAsWhatTheyCameOf) {
  const auto id_of = [this](const Credentials& given) {
    return authenticator_.Authenticate(given).credential;
  };
  const std::string view_cookie = CookieOf(Role::kView);
  const std::string control_cookie = CookieOf(Role::kControl);
  const CredentialId token =
      id_of({.authorization = "Bearer view-token-012345", .address = kAddress});
  const CredentialId view =
      id_of({.authorization = "", .cookies = {view_cookie}, .address = kAddress});
  const CredentialId control =
      id_of({.authorization = "", .cookies = {view_cookie, control_cookie}, .address = kAddress});
  const CredentialId both = id_of({.authorization = "",
                                   .cookies = {control_cookie},
                                   .query_token = "view-token-012345",
                                   .address = kAddress});
  EXPECT_THAT(std::set({token, view, control, CredentialId::kNone}), testing::SizeIs(4));
  EXPECT_EQ(both, token);
  const auto counts = [this, &token, &view, &control] {
    const ValidCredentials valid = authenticator_.valid_credentials();
    return std::array{valid.Include(token), valid.Include(view), valid.Include(control),
                      valid.Include(CredentialId::kNone)};
  };
  EXPECT_THAT(counts(), ElementsAre(true, true, true, false));
  now_ += kSessionLength;
  EXPECT_THAT(counts(), ElementsAre(true, true, true, false)) << "expiry";
  ASSERT_TRUE(authenticator_.LogOutEverywhere(Role::kView));
  EXPECT_THAT(counts(), ElementsAre(true, false, true, false));
  ASSERT_TRUE(authenticator_.LogOutEverywhere(Role::kControl));
  EXPECT_THAT(counts(), ElementsAre(true, false, false, false));
  authenticator_.SetTokens(Tokens{.view = kTokens.view, .control = "another-control-token"});
  EXPECT_THAT(counts(), ElementsAre(false, false, false, false));
  authenticator_.SetTokens(kTokens);
  EXPECT_THAT(counts(), ElementsAre(true, false, false, false)) << "a reload that failed";
  authenticator_.SetTokens(std::nullopt);
  EXPECT_THAT(counts(), ElementsAre(true, true, true, true));
}

TEST_F(AuthenticatorTest, LogOutEverywhere_IsKeptInAFile) {
  const fs::path file = fs::path(testing::TempDir()) / "authenticator_test_sessions";
  fs::remove(file);
  ASSERT_TRUE(authenticator_.KeepSessionsIn(file));
  const std::string before = CookieOf(Role::kView);
  ASSERT_TRUE(authenticator_.LogOutEverywhere(Role::kControl));
  const std::string after = CookieOf(Role::kView);
  Authenticator again(kTokens, "pi:8082", clock_, WallClock());
  ASSERT_TRUE(again.KeepSessionsIn(file));
  EXPECT_EQ(RoleBy(again, {.authorization = "", .cookies = {before}, .address = kAddress}),
            kNoSecret);
  EXPECT_EQ(RoleBy(again, {.authorization = "", .cookies = {after}, .address = kAddress}), kView);
  fs::remove(file);
}

TEST_F(AuthenticatorTest, TooManyFailures_GetAWaitAndARightSecretPasses) {
  for (int i = 0; i < FailureLimit::kBurst; ++i) {
    EXPECT_EQ(i % 2 == 0 ? By("Bearer wrong")
                         : authenticator_.LogIn("wrong", kAddress, false).authentication,
              kWrong);
  }
  const Authentication beyond = By("Bearer wrong");
  EXPECT_EQ(beyond.outcome, Outcome::kTooMany);
  EXPECT_EQ(beyond.role, Role::kNone);
  EXPECT_EQ(beyond.retry_after, seconds(6));
  EXPECT_EQ(ByQuery("wrong").outcome, Outcome::kTooMany);
  EXPECT_EQ(By("Bearer view-token-012345"), kView);
  EXPECT_EQ(ByCookie(CookieOf(Role::kControl)), kControl);
  EXPECT_EQ(By(""), kNoSecret);
  EXPECT_EQ(RoleBy(authenticator_, {.authorization = "Bearer x", .address = "10.0.0.1"}), kWrong);
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1) {
    lines.push_back(text.substr(begin, text.find('\n', begin) - begin));
  }
  return lines;
}

TEST_F(AuthenticatorTest, Failures_AreLoggedWithinTheLimitAndWithoutTheSecret) {
  log::SetLevel(log::Level::kInfo);
  testing::internal::CaptureStderr();
  for (int i = 0; i < 100; ++i) {
    By("Bearer guess-0123456789");
    ByQuery("guess-0123456789");
  }
  EXPECT_EQ(ByCookie(CookieOf(Role::kView)), kView);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(LinesOf(text).size(), static_cast<size_t>(FailureLimit::kBurst));
  EXPECT_THAT(text, AllOf(HasSubstr(" authentication failed from 192.168.1.7\n"),
                          Not(HasSubstr("guess")), Not(HasSubstr("token-01"))));
}

// Example failure is a flood that keeps the lines of another address out of the log.
TEST_F(AuthenticatorTest, FailuresOfManyNetworks_DoNotFloodTheLogNorHideOthers) {
  log::SetLevel(log::Level::kInfo);
  testing::internal::CaptureStderr();
  const auto fail = [this](const std::string& address) {
    authenticator_.Authenticate({.authorization = "Bearer x", .address = address});
  };
  for (int i = 0; i < 5000; ++i) {
    fail(fmt::format("fd00:0:1:{:x}::7", i));
  }
  EXPECT_EQ(LinesOf(testing::internal::GetCapturedStderr()).size(), 100U);
  for (const std::string other : {"192.168.1.7", "fd00:0:2::7"}) {
    testing::internal::CaptureStderr();
    for (int i = 0; i < 20; ++i) {
      fail(other);
    }
    EXPECT_EQ(LinesOf(testing::internal::GetCapturedStderr()).size(), 10U) << other;
  }
}

// As many as fail2ban's jail waits for, whichever addresses of its network a host takes.
TEST_F(AuthenticatorTest, FailuresOfOneIpv6Network_AreLoggedAsOneAddress) {
  log::SetLevel(log::Level::kInfo);
  testing::internal::CaptureStderr();
  for (int i = 0; i < 20; ++i) {
    authenticator_.Authenticate(
        {.authorization = "Bearer x", .address = fmt::format("fd00:0:1:2::{:x}", i)});
  }
  const auto lines = LinesOf(testing::internal::GetCapturedStderr());
  EXPECT_EQ(lines.size(), 10U);
  EXPECT_THAT(lines,
              testing::Each(testing::EndsWith(" authentication failed from fd00:0:1:2::/64")));
}

// Example failure is a page that makes fail2ban ban who looks at it.
TEST_F(AuthenticatorTest, FailuresOfForeignPages_AreNoneOfTheirVisitors) {
  log::SetLevel(log::Level::kInfo);
  testing::internal::CaptureStderr();
  const auto by_page = [this](std::string_view token) {
    return RoleBy(authenticator_, {.authorization = "",
                                   .query_token = token,
                                   .address = kAddress,
                                   .is_of_foreign_page = true});
  };
  for (int i = 0; i < FailureLimit::kBurst; ++i) {
    EXPECT_EQ(by_page("wrong"), kWrong);
  }
  EXPECT_EQ(by_page("wrong").outcome, Outcome::kTooMany) << "nor is it a way to guess faster";
  EXPECT_EQ(by_page(kTokens.view), kView);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(By("Bearer wrong"), kWrong);
}

// The failregex of the filter in docs/, with a group for <SUBNET>: fail2ban's own is longer, and
// matches these addresses alike.
std::regex FilterOfFail2ban() {
  std::ifstream file(std::getenv("FAIL2BAN_FILTER"));
  std::string line;
  while (std::getline(file, line) && !line.starts_with("failregex = ")) {
  }
  std::string pattern = line.substr(line.find('^'));
  const std::string address = "<SUBNET>";
  pattern.replace(pattern.find(address), address.size(), "([0-9a-fA-F:.]+(?:/\\d+)?)");
  return std::regex(pattern);
}

TEST_F(AuthenticatorTest, FilterOfFail2ban_MatchesTheLine) {
  const std::regex filter = FilterOfFail2ban();
  log::SetLevel(log::Level::kInfo);
  for (const auto& [address, logged] : std::map<std::string, std::string>{
           {"192.168.1.7", "192.168.1.7"}, {"fd00:1::7", "fd00:1::/64"}, {"::1", "::1"}}) {
    testing::internal::CaptureStderr();
    authenticator_.Authenticate({.authorization = "Bearer x", .address = address});
    const std::string line = LinesOf(testing::internal::GetCapturedStderr()).at(0);
    // Of a file without the time, which fail2ban cuts out; of the journal.
    const std::string without_time = line.substr(line.find(' '));
    for (const std::string& text : {line, without_time, "pi pistream[123]: " + line}) {
      std::smatch match;
      ASSERT_TRUE(std::regex_match(text, match, filter)) << text;
      EXPECT_EQ(match[1], logged);
    }
    // What a client sends is in other lines, and in the middle of them.
    for (const std::string& text : {line + "'", "x" + without_time, line + " " + line}) {
      EXPECT_FALSE(std::regex_match(text, filter)) << text;
    }
  }
}

// With tsan.
TEST_F(AuthenticatorTest, Threads_MayShareIt) {
  const std::string cookie = CookieOf(Role::kControl);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 100; ++j) {
        authenticator_.Authenticate(
            {.authorization = "Bearer x", .cookies = {cookie}, .address = kAddress});
        authenticator_.LogIn("wrong", kAddress, false);
        authenticator_.SetTokens(kTokens);
        EXPECT_TRUE(authenticator_.LogOutEverywhere(Role::kView));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(ByCookie(cookie), kControl);
}

}  // namespace
}  // namespace pistream
