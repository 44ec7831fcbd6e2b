// A session over a real connection on loopback, on the test's own thread. Time stands still unless
// nothing moves any more. In FaultTest every operation on the socket fails in turn.

#include "src/http/http_session.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/base/fake_clock.h"
#include "src/http/mailbox.h"
#include "src/net/faulty_transport.h"
#include "src/net/plain_transport.h"
#include "tests/support/requests.h"

namespace pistream {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr size_t kPieceSize = 3 << 20;

// What sources and deferred handlers of the test have seen.
struct Events {
  int started = 0;
  int destroyed = 0;
  int cancelled = 0;
  size_t pieces = 0;
};

// Gives the pieces it is told, one at a time; "" is a pause.
class ListSource final : public BodySource {
 public:
  ListSource(std::vector<std::string> pieces, std::function<void(BodyWaker)> on_start,
             Events& events)
      : pieces_(std::move(pieces)), on_start_(std::move(on_start)), events_(events) {}
  ~ListSource() override { ++events_.destroyed; }

  void Start(BodyWaker wake) override {
    ++events_.started;
    on_start_(std::move(wake));
  }
  Piece Next() override {
    if (next_ == pieces_.size()) {
      return {.bytes = std::string(), .is_last = true};
    }
    ++events_.pieces;
    return {.bytes = pieces_[next_++], .is_last = false};
  }

 private:
  const std::vector<std::string> pieces_;
  const std::function<void(BodyWaker)> on_start_;
  Events& events_;
  size_t next_ = 0;
};

class EndlessSource final : public BodySource {
 public:
  explicit EndlessSource(Events& events) : events_(events) {}
  ~EndlessSource() override { ++events_.destroyed; }

  void Start(BodyWaker) override { ++events_.started; }
  Piece Next() override {
    ++events_.pieces;
    return {.bytes = std::span<const uint8_t>(piece_), .is_last = false};
  }

 private:
  Events& events_;
  const std::vector<uint8_t> piece_ = std::vector<uint8_t>(kPieceSize);
};

class HttpSessionTest : public testing::Test, private HttpSessionOwner {
 protected:
  HttpSessionTest() {
    RoutesConfig config{.classic_port = 8084,
                        .allowed_origins = {},
                        .hosts = HostPolicy({"pi"}),
                        .metrics_text = [] { return std::string("metrics"); },
                        .streams = directory_};
    const auto add = [&](std::string path, std::function<Routed(const RouteCall&)> handle) {
      config.entries.push_back({std::move(path),
                                {{http::verb::get, Role::kView}, {http::verb::post, Role::kView}},
                                handle});
    };
    add("echo",
        [](const RouteCall& call) { return TextResponse(http::status::ok, call.request.body()); });
    add("large", [](const RouteCall&) { return HttpResponse{.body = std::string(1 << 20, 'x')}; });
    add("now", [](const RouteCall&) {
      return Deferred{.start = [](const Responder& respond) {
        respond(TextResponse(http::status::ok, "now"));
      }};
    });
    add("dropped", [](const RouteCall&) { return Deferred{.start = [](const Responder&) {}}; });
    add("later", [this](const RouteCall&) { return Later(nullptr); });
    add("cancellable", [this](const RouteCall&) { return Later([this] { ++events_.cancelled; }); });
    add("pieces", [this](const RouteCall&) {
      return Pieces({"one", "", "three", "", "", std::string(20, '6')},
                    [this](const BodyWaker& wake) { waker_.emplace(wake); });
    });
    add("viewer", [this](const RouteCall& call) {
      const bool is_chunked = call.request.version() >= 11;
      return Upgrade{.response = {},
                     .stream = "camera",
                     .length = is_chunked ? BodyLength::kChunked : BodyLength::kUntilClose,
                     .mailbox = mailboxes_.Make()};
    });
    add("held", [](const RouteCall& call) {
      HttpResponse response = TextResponse(http::status::ok, call.request.body());
      response.is_held = call.target.Find("not") == nullptr;
      return response;
    });
    add("endless", [this](const RouteCall&) {
      return Streamed{.response = {}, .source = std::make_unique<EndlessSource>(events_)};
    });
    routes_.emplace(*StaticFiles::Make(assets_, {}, 0), std::move(config));
    environment_.routes = &*routes_;
  }

  ~HttpSessionTest() override {
    viewer_.reset();
    if (const auto session = session_.lock()) {
      session->Close();
    }
    if (client_ >= 0) {
      ::close(client_);
    }
  }

  // A client and a session that are connected.
  void Connect(const TransportFault& fault = {.number = 0}) {
    asio::ip::tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
    client_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    // Otherwise the kernel keeps a small segment back until the one before is acknowledged.
    const int on = 1;
    ASSERT_EQ(::setsockopt(client_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(acceptor.local_endpoint().port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(client_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    Socket socket(io_);
    acceptor.accept(socket);
    log_ = {};
    auto transport = std::make_unique<FaultyTransport>(
        io_, std::make_unique<PlainTransport>(std::move(socket)), fault, log_);
    held_ = std::make_shared<HttpSession>(std::move(transport), false, environment_);
    session_ = held_;
    held_->Start();
  }

  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return;
      }
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }
  void HalfClose() { ::shutdown(client_, SHUT_WR); }
  void Hangup() {
    ::close(client_);
    client_ = -1;
  }

  // Until nothing moves: what the client has received since the last call.
  std::string Settle() {
    std::string received;
    for (int quiet = 0; quiet < 3;) {
      const size_t handlers = io_.poll();
      io_.restart();
      const size_t size = is_reading_ ? Receive(received) : 0;
      quiet = handlers + size > 0 ? 0 : quiet + 1;
      if (quiet > 0) {
        pollfd waiting{.fd = client_, .events = POLLIN, .revents = 0};
        ::poll(&waiting, 1, 1);
      }
    }
    return received;
  }

  // What the client receives from now on until the session ends, whatever time that takes.
  std::string SettleUntilEnd() {
    std::string received = Settle();
    for (int seconds = 0; seconds < 120 && !IsOver(); ++seconds) {
      clock_.Advance(std::chrono::seconds(1));
      if (const auto session = session_.lock()) {
        session->Sweep(clock_.Now());
      }
      received += Settle();
    }
    EXPECT_TRUE(IsOver());
    return received;
  }

  void SweepAfter(Duration time) {
    clock_.Advance(time);
    if (const auto session = session_.lock()) {
      session->Sweep(clock_.Now());
    }
  }

  bool IsOver() const { return held_ == nullptr; }

  double Responses(int status) { return metrics_.Responses(status).Value(); }

  Events events_;
  FakeClock clock_;
  Metrics registry_;
  HttpMetrics metrics_{registry_};
  TransportLog log_;
  Mailboxes mailboxes_;
  asio::io_context io_;
  bool is_reading_ = true;
  int client_ = -1;
  std::shared_ptr<HttpSession> held_;  // as the owner does, until it is told to forget it
  std::weak_ptr<HttpSession> session_;
  std::optional<Responder> responder_;
  std::optional<BodyWaker> waker_;
  std::unique_ptr<Transport> viewer_;
  std::shared_ptr<Mailbox> mailbox_;  // the viewer's
  std::string early_;
  int forgotten_ = 0;

 private:
  Deferred Later(std::function<void()> cancel) {
    return {.start = [this](const Responder& respond) { responder_.emplace(respond); },
            .cancel = std::move(cancel)};
  }

  Streamed Pieces(std::vector<std::string> pieces, std::function<void(BodyWaker)> on_start) {
    return {
        .response = {},
        .source = std::make_unique<ListSource>(std::move(pieces), std::move(on_start), events_)};
  }

  void BecomeViewer(std::unique_ptr<Transport> transport, const Upgrade& upgrade,
                    const std::string& early) override {
    viewer_ = std::move(transport);
    mailbox_ = upgrade.mailbox;
    early_ = early;
  }
  void Forget(const std::shared_ptr<HttpSession>& session) override {
    EXPECT_EQ(session, held_);
    held_.reset();
    ++forgotten_;
  }

  size_t Receive(std::string& received) {
    std::array<char, 65536> buffer{};
    size_t total = 0;
    ssize_t size = 0;
    while (client_ >= 0 &&
           (size = ::recv(client_, buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0) {
      received.append(buffer.data(), static_cast<size_t>(size));
      total += static_cast<size_t>(size);
    }
    return total;
  }

  static constexpr std::string_view kPage = "<!doctype html>";
  const std::array<Asset, 1> assets_ = {Asset{
      "/index.html", "text/html", {reinterpret_cast<const uint8_t*>(kPage.data()), kPage.size()}}};
  FakeStreamDirectory directory_;
  std::optional<Routes> routes_;
  HttpEnvironment environment_{.io = io_,
                               .routes = nullptr,
                               .metrics = metrics_,
                               .clock = clock_,
                               .owner = *this,
                               .warnings = RateLimit(clock_)};
};

std::string GetOf(const std::string& path, const std::string& fields = "",
                  const std::string& version = "1.1") {
  return "GET " + path + " HTTP/" + version + "\r\nHost: pi\r\n" + fields + "\r\n";
}

std::string BodyOf(const std::string& response) {
  const size_t end = response.find("\r\n\r\n");
  return end == std::string::npos ? "no head" : response.substr(end + 4);
}

TEST_F(HttpSessionTest, ExpectContinue_IsToldToGoOn) {
  Connect();
  Send("POST /echo HTTP/1.1\r\nHost: pi\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(Settle(), "HTTP/1.1 100 Continue\r\n\r\n");
  Send("bo");
  EXPECT_EQ(Settle(), "");
  Send("dyGET /nothing HTTP/1.1\r\nHost: pi\r\n\r\n");
  const std::string rest = Settle();
  EXPECT_THAT(rest, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(rest, HasSubstr("\r\n\r\nbody\nHTTP/1.1 404 Not Found\r\n"));
}

TEST_F(HttpSessionTest, BodyThatDoesNotEnd_Is408) {
  Connect();
  Send("POST /echo HTTP/1.1\r\nHost: pi\r\nContent-Length: 4\r\n\r\nbo");
  Settle();
  SweepAfter(std::chrono::seconds(9));
  EXPECT_EQ(Settle(), "");
  SweepAfter(std::chrono::seconds(1));
  EXPECT_THAT(Settle(), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
}

TEST_F(HttpSessionTest, WarningWithBytesOfTheClient_IsPrintable) {
  Connect();
  testing::internal::CaptureStderr();
  Send(
      "POST /echo HTTP/1.1\r\nHost: pi\r\nOrigin: http://a\x9b\xff\t"
      "b\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(Settle(), StartsWith("HTTP/1.1 403 Forbidden\r\n"));
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("(origin 'http://a\\x9B\\xFF\\x09b', host 'pi')"));
}

TEST_F(HttpSessionTest, BodyTooLarge_Is413AndTheConnectionEnds) {
  Connect();
  Send("POST /echo HTTP/1.1\r\nHost: pi\r\nContent-Length: 4097\r\n\r\n" + std::string(4097, 'x'));
  HalfClose();
  EXPECT_THAT(Settle(), StartsWith("HTTP/1.1 413 Payload Too Large\r\n"));
  EXPECT_TRUE(IsOver());
}

TEST_F(HttpSessionTest, DeferredResponseAtOnce_IsSentInOrder) {
  Connect();
  Send(GetOf("/now") + GetOf("/nothing"));
  EXPECT_THAT(Settle(), HasSubstr("\r\n\r\nnow\nHTTP/1.1 404 Not Found\r\n"));
}

TEST_F(HttpSessionTest, DeferredResponseOfAnotherThread_IsSentWithTheAccessHeaders) {
  Connect();
  Send(GetOf("/later", "Origin: http://pi:5000\r\n") + GetOf("/nothing"));
  EXPECT_EQ(Settle(), "");
  std::thread([respond = *responder_] {
    respond(TextResponse(http::status::ok, "first"));
    respond(TextResponse(http::status::ok, "second"));
  }).join();
  const std::string received = Settle();
  EXPECT_THAT(received, HasSubstr("\r\n\r\nfirst\nHTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(received, HasSubstr("Access-Control-Allow-Origin: http://pi:5000\r\n"));
  EXPECT_THAT(received, Not(HasSubstr("second")));
}

TEST_F(HttpSessionTest, DeferredResponseThatIsDropped_Is500) {
  Connect();
  Send(GetOf("/dropped"));
  EXPECT_THAT(Settle(), StartsWith("HTTP/1.1 500 Internal Server Error\r\n"));
}

TEST_F(HttpSessionTest, DeferredResponseThatTakesTooLong_Is503AndCancelled) {
  Connect();
  Send(GetOf("/cancellable"));
  Settle();
  SweepAfter(kDeferredTimeout);
  (*responder_)(TextResponse(http::status::ok, "too late"));
  EXPECT_THAT(Settle(), StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_EQ(events_.cancelled, 1);
  EXPECT_EQ(Responses(503), 1);
  EXPECT_EQ(Responses(200), 0);
}

TEST_F(HttpSessionTest, HeldResponse_ComesAfterASecondAndEndsTheConnection) {
  Connect();
  Send(GetOf("/held?not") + GetOf("/held") + GetOf("/held?not"));
  EXPECT_THAT(Settle(), EndsWith("\r\n\r\n\n")) << "the first, and no more";
  SweepAfter(std::chrono::milliseconds(999));
  EXPECT_EQ(Settle(), "");
  EXPECT_EQ(Responses(200), 1);
  SweepAfter(std::chrono::milliseconds(1));
  EXPECT_THAT(Settle(), HasSubstr("Connection: close\r\n"));
  HalfClose();
  EXPECT_EQ(Settle(), "");
  EXPECT_EQ(Responses(200), 2);
  EXPECT_TRUE(IsOver());
}

TEST_F(HttpSessionTest, ClientThatLeavesAHeldResponse_EndsTheSession) {
  Connect();
  Send(GetOf("/held"));
  Settle();
  Hangup();
  SweepAfter(std::chrono::seconds(1));
  Settle();
  EXPECT_TRUE(IsOver());
}

TEST_F(HttpSessionTest, ClientThatLeaves_CancelsTheDeferredResponse) {
  Connect();
  Send(GetOf("/cancellable"));
  Settle();
  Hangup();
  Settle();
  EXPECT_EQ(events_.cancelled, 1);
  EXPECT_TRUE(IsOver());
  (*responder_)(TextResponse(http::status::ok, "to nobody"));
  Settle();
  EXPECT_EQ(Responses(200), 0);
}

TEST_F(HttpSessionTest, ClientThatOnlySendsNoMore_GetsADeferredResponseThatCannotBeCancelled) {
  Connect();
  Send(GetOf("/later"));
  HalfClose();
  EXPECT_EQ(Settle(), "");
  (*responder_)(TextResponse(http::status::ok, "later"));
  EXPECT_THAT(Settle(), EndsWith("\r\n\r\nlater\n"));
  EXPECT_TRUE(IsOver());
}

TEST_F(HttpSessionTest, SessionClosedByItsOwner_CancelsTheDeferredResponse) {
  Connect();
  Send(GetOf("/cancellable"));
  Settle();
  held_->Close();
  held_.reset();
  EXPECT_EQ(events_.cancelled, 1);
  (*responder_)(TextResponse(http::status::ok, "to nobody"));
  Settle();
  EXPECT_TRUE(log_.is_destroyed);
}

TEST_F(HttpSessionTest, StreamedResponse_InChunksAndThenTheNextRequest) {
  Connect();
  Send(GetOf("/pieces") + GetOf("/nothing"));
  const std::string start = Settle();
  EXPECT_THAT(start, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(start, Not(HasSubstr("Content-Length")));
  EXPECT_EQ(BodyOf(start), "3\r\none\r\n");
  std::thread([wake = *waker_] { wake(); }).join();
  EXPECT_EQ(Settle(), "5\r\nthree\r\n");
  (*waker_)();
  EXPECT_EQ(Settle(), "");
  (*waker_)();
  const std::string end = Settle();
  EXPECT_THAT(end, StartsWith("14\r\n66666666666666666666\r\n0\r\n\r\nHTTP/1.1 404 Not Found\r\n"));
  EXPECT_EQ(events_.destroyed, 1);
  (*waker_)();  // has nothing to wake any more
  EXPECT_EQ(Settle(), "");
}

TEST_F(HttpSessionTest, StreamedResponseToAnOldClient_EndsWithTheConnection) {
  Connect();
  Send(GetOf("/pieces", "Connection: keep-alive\r\n", "1.0"));
  const std::string start = Settle();
  EXPECT_THAT(start, StartsWith("HTTP/1.0 200 OK\r\n"));
  EXPECT_THAT(start, Not(HasSubstr("Transfer-Encoding")));
  EXPECT_THAT(start, Not(HasSubstr("keep-alive")));
  EXPECT_EQ(BodyOf(start), "one");
  (*waker_)();
  EXPECT_EQ(Settle(), "three");
  (*waker_)();
  Settle();
  (*waker_)();
  EXPECT_EQ(Settle(), std::string(20, '6'));
  Hangup();
  Settle();
  EXPECT_TRUE(IsOver());
}

TEST_F(HttpSessionTest, HeadOfAStreamedResponse_HasNoBodyAndStartsNothing) {
  Connect();
  Send("HEAD /endless HTTP/1.1\r\nHost: pi\r\n\r\n" + GetOf("/nothing"));
  const std::string received = Settle();
  EXPECT_THAT(received, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(BodyOf(received), StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_EQ(events_.started, 0);
}

TEST_F(HttpSessionTest, ClientThatReadsNothing_HoldsOnePieceAndIsEnded) {
  Connect();
  is_reading_ = false;
  Send(GetOf("/endless"));
  Settle();
  const size_t pieces = events_.pieces;
  EXPECT_GE(pieces, 1u);
  EXPECT_LE(pieces, 5u) << "more than the kernel's buffers hold";
  Settle();
  EXPECT_EQ(events_.pieces, pieces);
  SweepAfter(kResponseTimeout);
  Settle();
  EXPECT_EQ(events_.destroyed, 1);
  EXPECT_TRUE(IsOver());
}

TEST_F(HttpSessionTest, StreamedResponseThatPauses_IsNotEnded) {
  Connect();
  Send(GetOf("/pieces"));
  Settle();
  SweepAfter(std::chrono::hours(10));
  EXPECT_FALSE(IsOver());
  (*waker_)();
  EXPECT_EQ(Settle(), "5\r\nthree\r\n");
}

TEST_F(HttpSessionTest, ClientThatLeavesAStreamedResponse_EndsTheSource) {
  Connect();
  Send(GetOf("/pieces"));
  Settle();
  EXPECT_EQ(events_.destroyed, 0);
  Hangup();
  Settle();
  EXPECT_EQ(events_.destroyed, 1);
  EXPECT_TRUE(IsOver());
  (*waker_)();
  Settle();
}

TEST_F(HttpSessionTest, ViewerByHttp_GetsTheConnectionAfterTheHead) {
  Connect();
  Send(GetOf("/viewer", "Origin: http://pi:5000\r\n") + "more");
  const std::string received = Settle();
  EXPECT_THAT(received, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(received, HasSubstr("\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_THAT(received, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(received, HasSubstr("\r\nAccess-Control-Allow-Origin: http://pi:5000\r\n"));
  EXPECT_THAT(received, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(received, EndsWith("\r\n\r\n"));
  EXPECT_TRUE(viewer_);
  EXPECT_TRUE(mailbox_);
  EXPECT_EQ(early_, "more");
  EXPECT_TRUE(IsOver());
}

TEST_F(HttpSessionTest, ViewerByHttp10_GetsNoChunks) {
  Connect();
  Send("GET /viewer HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const std::string received = Settle();
  EXPECT_THAT(received, StartsWith("HTTP/1.0 200 OK\r\n"));
  EXPECT_THAT(received, Not(HasSubstr("Transfer-Encoding")));
  EXPECT_THAT(received, Not(HasSubstr("keep-alive")));
  EXPECT_TRUE(viewer_);
}

TEST_F(HttpSessionTest, ManyPipelinedRequests_AreAllAnswered) {
  Connect();
  std::string requests;
  for (int i = 0; i < 500; ++i) {
    requests += GetOf("/now");
  }
  Send(requests);
  Settle();
  EXPECT_EQ(Responses(200), 500);
}

struct Script {
  const char* name;
  std::string request;
  std::vector<int> statuses;
};

void PrintTo(const Script& script, std::ostream* out) { *out << script.name; }

class FaultTest : public HttpSessionTest, public testing::WithParamInterface<Script> {
 protected:
  // Everything that the client receives.
  std::string Converse(const TransportFault& fault) {
    Connect(fault);
    Send(GetParam().request);
    std::string received = Settle();
    for (int i = 0; i < 3; ++i) {  // pieces, and deferred responses
      if (responder_) {
        (*responder_)(TextResponse(http::status::ok, "later"));
      }
      if (waker_) {
        (*waker_)();
      }
      received += Settle();
    }
    HalfClose();
    received += viewer_ ? Settle() : SettleUntilEnd();
    return received;
  }

  void ExpectEnded() {
    EXPECT_TRUE(IsOver());
    EXPECT_EQ(forgotten_, 1);
    responder_.reset();
    waker_.reset();
    viewer_.reset();
    Settle();  // handlers of cancelled waits
    EXPECT_TRUE(session_.expired());
    EXPECT_TRUE(log_.is_destroyed);
    EXPECT_EQ(events_.started, events_.destroyed);
  }

  double AllResponses() {
    double all = 0;
    for (const int status : {101, 200, 400, 404, 408, 413, 503}) {
      all += Responses(status);
    }
    return all;
  }

  void Reset() {
    ::close(std::exchange(client_, -1));
    forgotten_ = 0;
    events_ = {};
    early_.clear();
  }
};

TEST_P(FaultTest, WithoutAFault_AllIsSent) {
  const std::string received = Converse({.number = 0});
  size_t at = 0;
  for (const int status : GetParam().statuses) {
    at = received.find("HTTP/1.1 " + std::to_string(status), at);
    ASSERT_NE(at, std::string::npos) << status;
    ++at;
  }
  ExpectEnded();
}

// As socket calls give it, at its worst.
std::string WithoutDate(std::string text) {
  for (size_t at = text.find("Date: "); at != std::string::npos; at = text.find("Date: ", at + 1)) {
    text.replace(at + 6, 29, "");
  }
  return text;
}

TEST_P(FaultTest, OneByteAtATime_TheSameIsSent) {
  const std::string whole = WithoutDate(Converse({.number = 0}));
  ExpectEnded();
  Reset();
  if (whole.size() > 1 << 20) {
    GTEST_SKIP() << "takes too long";
  }
  EXPECT_EQ(WithoutDate(Converse({.kind = TransportFault::Kind::kOneByte, .number = 1})), whole);
  ExpectEnded();
}

TEST_P(FaultTest, EachOperationFailsInTurn_TheSessionEnds) {
  Converse({.number = 0});
  const size_t operations = log_.operations;
  const double responses = AllResponses();
  ExpectEnded();
  Reset();
  using Kind = TransportFault::Kind;
  const std::array<std::pair<Kind, int>, 5> faults = {{{Kind::kError, ECONNRESET},
                                                       {Kind::kError, EPIPE},
                                                       {Kind::kError, ENOBUFS},
                                                       {Kind::kEndOfFile, 0},
                                                       {Kind::kStuck, 0}}};
  for (size_t number = 1; number <= operations; ++number) {
    for (const auto& [kind, error] : faults) {
      SCOPED_TRACE(testing::Message() << "operation " << number << " of " << operations << ", kind "
                                      << static_cast<int>(kind) << ", " << std::strerror(error));
      const double before = AllResponses();
      Converse({.kind = kind, .number = number, .error = error});
      EXPECT_TRUE(log_.has_failed);
      EXPECT_LE(AllResponses() - before, responses + 1) << "one more tells of half a request";
      ExpectEnded();
      Reset();
    }
  }
}

const Script kScripts[] = {
    {"KeepAlive", GetOf("/index.html") + GetOf("/nothing"), {200, 404}},
    {"Malformed", "GET / HTTP/3.0\r\n\r\n", {400}},
    {"Body",
     "POST /echo HTTP/1.1\r\nHost: pi\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
     {200}},
    {"Continue",
     "POST /echo HTTP/1.1\r\nHost: pi\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n",
     {100, 400}},
    {"Large", GetOf("/large"), {200}},
    {"Deferred", GetOf("/now") + GetOf("/later") + GetOf("/cancellable"), {200, 200, 200}},
    {"Streamed", GetOf("/pieces") + GetOf("/nothing"), {200, 404}},
    {"Close", GetOf("/index.html", "Connection: close\r\n"), {200}},
    {"Upgrade",
     GetOf("/stream",
           "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
     {101}},
    {"ViewerByHttp", GetOf("/viewer"), {200}},
};
INSTANTIATE_TEST_SUITE_P(All, FaultTest, testing::ValuesIn(kScripts),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace pistream
