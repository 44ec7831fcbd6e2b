// Connected viewers end with what let them in.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/net/socket_options.h"
#include "tests/integration/server/server_test_base.h"

namespace pistream {
namespace {

const Tokens kTokens = {.view = "view-token-012345", .control = "control-token-012"};
const Tokens kOtherTokens = {.view = "other-view-token-1", .control = "other-control-token"};
constexpr std::string_view kV1 = "Sec-WebSocket-Protocol: pistream.v1\r\n";

class SessionEndTest : public ServerTestBase {
 protected:
  void SetUp() override {
    authenticator_ = std::make_unique<Authenticator>(kTokens, "pi:8082", clock_,
                                                     [this] { return wall_clock_.load(); });
    StartServer({.threads = 2});
  }

  static std::string Bearer(const std::string& token) {
    return "Authorization: Bearer " + token + "\r\n";
  }

  HttpReply Request(std::string_view method, std::string_view target, const std::string& extra,
                    std::string_view body = "") {
    TestClient client(server_->port());
    client.Send(std::string(method) + " " + std::string(target) +
                " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n" + extra + "\r\n" + std::string(body));
    return client.ReadReply().value_or(HttpReply{});
  }

  // The header of a browser that logs in.
  std::string LogIn(const std::string& token) {
    HttpReply reply = Request("POST", "/session", "", token);
    EXPECT_EQ(reply.status, 200);
    const std::string cookie = reply.fields["set-cookie"];
    return "Cookie: " + cookie.substr(0, cookie.find(';')) + "\r\n";
  }

  void LogOut(std::string_view target, const std::string& extra) {
    EXPECT_EQ(Request("DELETE", target, extra).status, 204);
  }

  void ReplaceTokens(const std::optional<Tokens>& tokens) {
    authenticator_->SetTokens(tokens);
    server_->EndStrangers();
  }

  // One of each kind, who have been told the size.
  std::vector<TestClient> JoinedViewers(const std::string& extra) {
    std::vector<TestClient> viewers;
    viewers.push_back(TestClient::Viewer(server_->port(), "/stream", extra));
    viewers.push_back(TestClient::Viewer(server_->port(), "/stream", extra + std::string(kV1)));
    viewers.push_back(TestClient::Viewer(server_->port(), "/", extra));
    viewers.push_back(TestClient::Viewer(*server_->ws_port(), "/", extra));
    viewers.push_back(TestClient::HttpViewer(server_->port(), "/stream.v1", extra));
    for (TestClient& viewer : viewers) {
      EXPECT_EQ(viewer.ReadBinary(), kJsmpHeader);
    }
    return viewers;
  }

  // The close frame is the next that comes, and the last.
  static void ExpectEnded(TestClient& viewer) {
    const auto close = viewer.ReadFrame();
    ASSERT_TRUE(close);
    EXPECT_EQ(close->opcode, kCloseFrame);
    EXPECT_EQ(close->close_code(), 4401);
    EXPECT_EQ(close->payload.substr(2), "session ended");
    if (!viewer.session().empty()) {
      EXPECT_EQ(viewer.ReadChunk(), "");
    }
    EXPECT_EQ(viewer.ReadAll(), "");
  }
  static void ExpectEnded(std::vector<TestClient>& viewers) {
    for (TestClient& viewer : viewers) {
      ExpectEnded(viewer);
    }
  }

  // A picture published now is the next that comes to each.
  void ExpectStay(const std::vector<std::vector<TestClient>*>& groups) {
    const PicturePtr picture = Publish(PictureType::kIntra);
    for (std::vector<TestClient>* const viewers : groups) {
      for (TestClient& viewer : *viewers) {
        EXPECT_THAT(viewer.ReadBinary(), testing::HasSubstr(BytesOf(picture)));
      }
    }
    // Of the classic ones the trailer.
    for (std::vector<TestClient>* const viewers : groups) {
      for (size_t i = 2; i < std::min<size_t>(viewers->size(), 4); ++i) {
        (*viewers)[i].ReadBinary();
      }
    }
  }

  std::atomic<std::chrono::sys_seconds> wall_clock_{
      std::chrono::sys_seconds(std::chrono::seconds(1'800'000'000))};
};

TEST_F(SessionEndTest, LogOutEverywhereWithView_EndsSessionsOfView) {
  const std::string view = LogIn(kTokens.view);
  auto view_sessions = JoinedViewers(view);
  auto control_sessions = JoinedViewers(LogIn(kTokens.control));
  auto programs = JoinedViewers(Bearer(kTokens.view));
  std::vector<TestClient> frames;
  frames.push_back(TestClient::Viewer(server_->port(), "/stream?token=" + kTokens.view));
  EXPECT_EQ(frames.back().ReadBinary(), kJsmpHeader);
  LogOut("/session?everywhere", view);
  ExpectStay({&control_sessions, &programs, &frames});
  ExpectEnded(view_sessions);
  EXPECT_EQ(metrics_.viewers_left_session.Value(), 5);
  EXPECT_EQ(metrics_.viewers.Value(), 11);
  EXPECT_EQ(Get("/api/v1/streams", view).status, 401);
}

TEST_F(SessionEndTest, LogOutEverywhereWithControl_EndsAllSessions) {
  auto view_sessions = JoinedViewers(LogIn(kTokens.view));
  const std::string control = LogIn(kTokens.control);
  auto control_sessions = JoinedViewers(control);
  auto programs = JoinedViewers(Bearer(kTokens.control));
  auto both = JoinedViewers(control + Bearer(kTokens.view));
  LogOut("/session?everywhere", control);
  ExpectStay({&programs, &both});
  ExpectEnded(view_sessions);
  ExpectEnded(control_sessions);
  EXPECT_EQ(metrics_.viewers_left_session.Value(), 10);
  EXPECT_EQ(metrics_.viewers.Value(), 10);
}

TEST_F(SessionEndTest, LogOutEverywhereWithAToken_EndsSessionsAndNotItsOwnViewers) {
  auto sessions = JoinedViewers(LogIn(kTokens.view));
  auto programs = JoinedViewers(Bearer(kTokens.view));
  LogOut("/session?everywhere", Bearer(kTokens.view));
  ExpectStay({&programs});
  ExpectEnded(sessions);
}

// Cookies have no number: nobody knows which viewers are that browser's.
TEST_F(SessionEndTest, LogOutOfOneBrowser_EndsNobody) {
  const std::string view = LogIn(kTokens.view);
  auto sessions = JoinedViewers(view);
  LogOut("/session", view);
  ExpectStay({&sessions});
  EXPECT_EQ(metrics_.viewers_left_session.Value(), 0);
}

TEST_F(SessionEndTest, OtherTokens_EndAllWhoCameByTheOldOnes) {
  auto sessions = JoinedViewers(LogIn(kTokens.control));
  auto programs = JoinedViewers(Bearer(kTokens.view));
  ReplaceTokens(kOtherTokens);
  auto new_programs = JoinedViewers(Bearer(kOtherTokens.view));
  ExpectStay({&new_programs});
  ExpectEnded(sessions);
  ExpectEnded(programs);
  EXPECT_EQ(metrics_.viewers_left_session.Value(), 10);
}

TEST_F(SessionEndTest, SameTokensAgain_EndNobody) {
  auto sessions = JoinedViewers(LogIn(kTokens.view));
  auto programs = JoinedViewers(Bearer(kTokens.view));
  ReplaceTokens(kTokens);
  ExpectStay({&sessions, &programs});
}

TEST_F(SessionEndTest, NoTokens_EndNobodyAndTokensEndThoseWithout) {
  auto sessions = JoinedViewers(LogIn(kTokens.view));
  auto programs = JoinedViewers(Bearer(kTokens.view));
  ReplaceTokens(std::nullopt);
  auto strangers = JoinedViewers("");
  ExpectStay({&sessions, &programs, &strangers});
  ReplaceTokens(kTokens);
  ExpectStay({&sessions, &programs});
  ExpectEnded(strangers);
}

TEST_F(SessionEndTest, ExpiredCookie_GoesOnUntilItReconnects) {
  const std::string control = LogIn(kTokens.control);
  auto sessions = JoinedViewers(control);
  wall_clock_ = wall_clock_.load() + std::chrono::days(31);
  LogOut("/session?everywhere", Bearer(kTokens.view));
  ExpectStay({&sessions});
  EXPECT_EQ(Get("/api/v1/streams", control).status, 401);
}

TEST_F(SessionEndTest, PausedViewer_Ends) {
  auto viewers = JoinedViewers(LogIn(kTokens.view));
  TestClient& viewer = viewers[1];
  viewer.Send(ClientFrame(kTextFrame, R"({"type":"pause"})"));
  viewer.Send(ClientFrame(kTextFrame, R"({"type":"ping","id":1})"));
  EXPECT_EQ(viewer.ReadFrame()->opcode, kTextFrame);
  EXPECT_EQ(metrics_.viewers_paused.Value(), 1);
  LogOut("/session?everywhere", Bearer(kTokens.control));
  ExpectEnded(viewers);
  EXPECT_EQ(metrics_.viewers_paused.Value(), 0);
}

// It is not told before it reads what is under way, and has no time without end for that.
TEST_F(SessionEndTest, ViewerThatDoesNotRead_IsCut) {
  constexpr int kTinyBuffer = 4096;
  TestClient viewer =
      TestClient::Viewer(server_->port(), "/stream", LogIn(kTokens.view), kTinyBuffer);
  EXPECT_EQ(viewer.ReadBinary(), kJsmpHeader);
  while (metrics_.pictures_dropped_behind.Value() == 0) {
    Publish(PictureType::kIntra, 400'000);
  }
  LogOut("/session?everywhere", Bearer(kTokens.control));
  while (metrics_.viewers_left_session.Value() == 0) {
    std::this_thread::yield();
  }
  EXPECT_EQ(metrics_.viewers.Value(), 0);
  clock_.Advance(kCloseTimeout);
  viewer.AwaitHangUp();
}

// On a thread where `next` is set, the next look at this clock calls it.
class InterruptingClock final : public Clock {
 public:
  explicit InterruptingClock(Clock& inner) : inner_(inner) {}

  SteadyTime Now() const override {
    if (const auto interrupt = std::exchange(next, nullptr)) {
      interrupt();
    }
    return inner_.Now();
  }

  static thread_local std::function<void()> next;

 private:
  bool DoWaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable_any& changed,
                   SteadyTime deadline, std::stop_token stop,
                   const std::function<bool()>& ready) override {
    return inner_.WaitUntil(lock, changed, deadline, std::move(stop), ready);
  }

  Clock& inner_;
};

thread_local std::function<void()> InterruptingClock::next;

// Sessions end when the viewer's cookie has been verified and its response is about to be sent:
// the thread to which it moves is told of that before it comes.
TEST_F(SessionEndTest, SessionEndsBeforeTheViewerArrives_IsNoViewer) {
  InterruptingClock clock(clock_);
  std::atomic<bool> ends_session = false;
  const auto wall_clock = [&] {  // the expiry is looked at before the epoch
    if (ends_session.exchange(false)) {
      InterruptingClock::next = [this] {
        EXPECT_TRUE(authenticator_->LogOutEverywhere(Role::kControl));
        server_->EndStrangers();
      };
    }
    return wall_clock_.load();
  };
  server_.reset();
  authenticator_ = std::make_unique<Authenticator>(kTokens, "pi:8082", clock_, wall_clock);
  server_clock_ = &clock;
  StartServer({.ws_port = std::nullopt, .threads = 2});
  // Connections come to the threads in turn: the last one moves to the thread without a viewer.
  const std::string cookie = LogIn(kTokens.view);
  auto witness = TestClient::Viewer(server_->port(), "/stream", Bearer(kTokens.view));
  EXPECT_EQ(witness.ReadBinary(), kJsmpHeader);
  EXPECT_EQ(ThreadViewers("net-1").Value(), 1);
  EXPECT_EQ(Get("/healthz").status, 200);
  ends_session = true;
  auto viewer = TestClient::Viewer(server_->port(), "/stream", cookie);
  EXPECT_FALSE(viewer.ReadFrame());
  EXPECT_EQ(ThreadViewers("net-0").Value(), 0);
  EXPECT_EQ(metrics_.viewers_joined.Value(), 1);
  server_.reset();  // before its clock
}

}  // namespace
}  // namespace pistream
