// Sessions of one stream over connections without sockets, on the test's own thread. In FaultTest
// every operation on the connection fails in turn; in LineTest the connections are simulated lines.

#include "src/viewer/viewer_session.h"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "src/base/fake_clock.h"
#include "src/http/mailbox.h"
#include "src/metrics/metrics.h"
#include "src/net/faulty_transport.h"
#include "src/net/socket_options.h"
#include "src/stream/fake_stream.h"
#include "src/viewer/track_viewers.h"
#include "src/viewer/viewer_environment.h"
#include "src/wire/picture_message.h"
#include "tests/unit/viewer/fake_transport.h"
#include "tests/unit/viewer/simulated_line.h"
#include "tests/unit/wire/client_frames.h"

namespace pistream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using wire::Opcode;

constexpr Size kSize{.width = 64, .height = 48};
constexpr Size kOtherSize{.width = 32, .height = 32};

std::string FrameOf(Opcode opcode, std::string_view payload) {
  const auto bytes = wire::ToBytes(wire::ClientFrame{.opcode = opcode, .payload = payload});
  return {bytes.begin(), bytes.end()};
}

std::string TextOf(std::string_view json) { return FrameOf(Opcode::kText, json); }

int CloseCodeIn(const ServerMessage& close) {
  return close.payload.size() < 2 ? 0
                                  : static_cast<uint8_t>(close.payload[0]) * 256 +
                                        static_cast<uint8_t>(close.payload[1]);
}

class ViewerSessionTest : public testing::Test, private TrackSubscriber {
 protected:
  // What a test has of one viewer.
  struct Viewer {
    Viewer() = default;
    ~Viewer() {
      if (const auto still_open = session.lock()) {
        still_open->Shutdown();
      }
    }
    Viewer(const Viewer&) = delete;
    Viewer& operator=(const Viewer&) = delete;

    TransportLog log;
    FakePeer peer;
    std::weak_ptr<ViewerSession> session;
  };

  void Join(Viewer& viewer, StreamProtocol protocol, const TransportFault& fault = {.number = 0},
            const std::shared_ptr<Mailbox>& mailbox = nullptr) {
    auto transport = std::make_unique<FaultyTransport>(
        io_, std::make_unique<FakeTransport>(viewer.peer), fault, viewer.log);
    environment_.viewers.Increment();
    const auto session =
        std::make_shared<ViewerSession>(std::move(transport), protocol, *viewers_, mailbox);
    viewer.session = session;
    session->Start("");
    if (mailbox) {
      mailbox->Open(io_, session);
    }
    Settle(viewer);
  }

  std::unique_ptr<TrackViewers> NewViewers(VideoScale scale = VideoScale::kFull) {
    TrackSubscriber& subscriber = *this;
    return std::make_unique<TrackViewers>(stream_, scale, subscriber, environment_);
  }

  TrackViewers& ViewersOf(VideoScale scale) {
    if (scale == VideoScale::kFull) {
      return *viewers_;
    }
    auto& smaller = smaller_[static_cast<size_t>(scale)];
    if (!smaller) {
      smaller = NewViewers(scale);
    }
    return *smaller;
  }

  // Time passes as long as a new viewer's line is watched closely without being late.
  void SampleLines(Duration time = std::chrono::milliseconds(300)) {
    for (Duration passed{0}; passed < time; passed += ViewerLine::kSampleInterval) {
      clock_.Advance(ViewerLine::kSampleInterval);
      std::erase_if(watched_, [&](const auto& one) {
        const auto viewer = one.lock();
        return !viewer || !viewer->SampleLine(clock_.Now());
      });
    }
  }

  // Until nothing moves.
  void Settle(Viewer& viewer) {
    do {
      io_.restart();
    } while (viewer.peer.Settle() || io_.poll() > 0);
  }

  void Send(Viewer& viewer, const std::string& bytes) {
    viewer.peer.to_send += bytes;
    Settle(viewer);
  }

  void MakeRoom(Viewer& viewer, size_t bytes = FakePeer::kUnlimited) {
    viewer.peer.room = bytes;
    Settle(viewer);
  }

  PicturePtr Publish(PictureType type, size_t bytes = 60, Size size = kSize) {
    auto picture = std::make_shared<Picture>();
    picture->bytes.assign(bytes, static_cast<uint8_t>('a' + sequence_ % 26));
    picture->type = type;
    picture->size = size;
    picture->sequence = sequence_++;
    stream_->video()->Publish(picture);
    viewers_->TakePictures();
    return picture;
  }

  void SweepAfter(Duration time) {
    clock_.Advance(time);
    viewers_->Sweep(clock_.Now());
  }

  static std::vector<ServerMessage> Take(Viewer& viewer) {
    return WholeMessagesIn(std::exchange(viewer.peer.received, ""));
  }

  static int PingsIn(Viewer& viewer) {
    int pings = 0;
    for (const ServerMessage& message : Take(viewer)) {
      pings += message == ServerMessage{Opcode::kPing, ""} ? 1 : 0;
    }
    return pings;
  }

  double Left() const {
    return metrics_.viewers_left_closed.Value() + metrics_.viewers_left_stalled.Value() +
           metrics_.viewers_left_protocol.Value() + metrics_.viewers_left_resized.Value() +
           metrics_.viewers_left_shutdown.Value() + metrics_.viewers_left_session.Value();
  }

  FakeClock clock_;
  boost::asio::io_context io_;
  Metrics registry_;
  ViewerMetrics metrics_{registry_, "garden"};
  ViewerEnvironment environment_{
      .metrics = registry_,
      .clock = clock_,
      .stall_limit = std::chrono::seconds(10),
      .viewers = ThreadViewersGauge(registry_, "net-0"),
      .stall_lines = RateLimit(clock_),
      .protocol_lines = RateLimit(clock_),
      .viewers_of = [this](const auto&, VideoScale scale) -> TrackViewers& {
        return ViewersOf(scale);
      },
      .watch_line = [this](const auto& viewer) { watched_.emplace_back(viewer); }};
  std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>(
      "garden", VideoFormat{.size = kSize, .framerate = {24, 1}}, clock_);
  std::vector<std::weak_ptr<ViewerSession>> watched_;
  std::unique_ptr<TrackViewers> viewers_ = NewViewers();
  std::array<std::unique_ptr<TrackViewers>, kVideoScales.size()> smaller_;
  uint64_t sequence_ = 0;

 private:
  void OnPicturesReady() noexcept override {}
};

constexpr std::array kProtocols = {StreamProtocol::kPlain, StreamProtocol::kV1,
                                   StreamProtocol::kClassic, StreamProtocol::kV1Chunked};

TEST_F(ViewerSessionTest, SilentFor20Seconds_IsPingedOnceInThatTime) {
  for (const StreamProtocol protocol : kProtocols) {
    Viewer viewer;
    Join(viewer, protocol);
    Take(viewer);
    SweepAfter(ViewerSession::kPingAfter - std::chrono::milliseconds(1));
    EXPECT_EQ(PingsIn(viewer), 0);
    SweepAfter(std::chrono::milliseconds(1));
    EXPECT_EQ(PingsIn(viewer), 1);
    SweepAfter(std::chrono::milliseconds(250));
    EXPECT_EQ(PingsIn(viewer), 0);
    Send(viewer, FrameOf(Opcode::kPong, ""));
    SweepAfter(ViewerSession::kPingAfter);
    EXPECT_EQ(PingsIn(viewer), 1);
    viewer.session.lock()->Shutdown();
  }
}

TEST_F(ViewerSessionTest, PingsThatAreNeverAnswered_DoNotEndIt) {
  Viewer viewer;
  Join(viewer, StreamProtocol::kPlain);
  for (int i = 0; i < 10; ++i) {
    SweepAfter(ViewerSession::kPingAfter);
  }
  EXPECT_EQ(PingsIn(viewer), 10);
  EXPECT_EQ(metrics_.viewers.Value(), 1);
}

TEST_F(ViewerSessionTest, PicturesFlow_NobodyIsPinged) {
  std::array<Viewer, kProtocols.size()> all;
  for (size_t i = 0; i < all.size(); ++i) {
    Join(all[i], kProtocols[i]);
  }
  Publish(PictureType::kIntra);
  for (int seconds = 0; seconds < 60; seconds += 19) {
    Publish(PictureType::kPredicted);
    SweepAfter(std::chrono::seconds(19));
  }
  for (Viewer& viewer : all) {
    EXPECT_EQ(PingsIn(viewer), 0);
  }
}

TEST_F(ViewerSessionTest, PausedWhileOthersGetPictures_IsPinged) {
  Viewer watching;
  Viewer paused;
  Join(watching, StreamProtocol::kV1);
  Join(paused, StreamProtocol::kV1);
  Publish(PictureType::kIntra);
  Send(paused, TextOf(R"({"type":"pause"})"));
  for (int i = 0; i < 4; ++i) {
    SweepAfter(ViewerSession::kPingAfter / 4);
    Publish(PictureType::kPredicted);
  }
  EXPECT_EQ(PingsIn(paused), 1);
  EXPECT_EQ(PingsIn(watching), 0);
}

TEST_F(ViewerSessionTest, KeyframeMessage_WhilePaused_RequestsNothing) {
  Viewer watching;
  Viewer paused;
  Join(watching, StreamProtocol::kV1);
  Join(paused, StreamProtocol::kV1);
  Publish(PictureType::kIntra);  // serves the requests of both
  Send(paused, TextOf(R"({"type":"pause"})"));
  const double requests = metrics_.keyframe_requests.Value();
  Send(paused, TextOf(R"({"type":"keyframe"})"));
  EXPECT_EQ(metrics_.keyframe_requests.Value(), requests);
  EXPECT_FALSE(stream_->video()->TakeKeyframeRequest());
  Send(watching, TextOf(R"({"type":"keyframe"})"));
  EXPECT_EQ(metrics_.keyframe_requests.Value(), requests + 1);
  EXPECT_TRUE(stream_->video()->TakeKeyframeRequest());
}

TEST_F(ViewerSessionTest, Mailbox_HasTheViewersMessages) {
  const auto mailbox = std::make_shared<Mailbox>("name");
  Viewer viewer;
  Join(viewer, StreamProtocol::kV1Chunked, {.number = 0}, mailbox);
  EXPECT_EQ(metrics_.viewers_by_http.Value(), 1);
  Publish(PictureType::kIntra);
  Take(viewer);
  mailbox->Put({R"({"type":"pause"})", R"({"type":"ping","id":7})"});
  Settle(viewer);
  Publish(PictureType::kPredicted);
  const auto messages = Take(viewer);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].opcode, Opcode::kText);
  EXPECT_NE(messages[0].payload.find(R"("id":7)"), std::string::npos);
  EXPECT_EQ(metrics_.viewers_paused.Value(), 1);
  mailbox->Put({R"({"type":"resume"})"});
  Settle(viewer);
  EXPECT_EQ(metrics_.viewers_paused.Value(), 0);
  Publish(PictureType::kIntra);
  EXPECT_EQ(Take(viewer).size(), 1U);
  viewer.peer.has_hung_up = true;
  Settle(viewer);
  EXPECT_FALSE(mailbox->Put({"{}"}));
  EXPECT_EQ(metrics_.viewers_by_http.Value(), 0);
  EXPECT_EQ(metrics_.viewers_left_closed.Value(), 1);
}

TEST_F(ViewerSessionTest, FloodInTheMailbox_EndsIt) {
  const auto mailbox = std::make_shared<Mailbox>("name");
  Viewer viewer;
  Join(viewer, StreamProtocol::kV1Chunked, {.number = 0}, mailbox);
  Take(viewer);
  mailbox->Put(std::vector<std::string>(ViewerReceiver::kMaximumMessagesPerSecond, "{}"));
  Settle(viewer);
  EXPECT_EQ(Take(viewer).size(), 0U);
  mailbox->Put({"{}"});
  Settle(viewer);
  const auto messages = Take(viewer);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(CloseCodeIn(messages[0]), 1008);
  EXPECT_FALSE(mailbox->Put({"{}"}));
}

TEST_F(ViewerSessionTest, BytesBehindTheRequestOfAViewerWithAMailbox_EndIt) {
  Viewer viewer;
  Join(viewer, StreamProtocol::kV1Chunked, {.number = 0}, std::make_shared<Mailbox>("name"));
  Take(viewer);
  Send(viewer, "GET / HTTP/1.1\r\n\r\n");
  const auto messages = Take(viewer);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(CloseCodeIn(messages[0]), 1008);
}

TEST_F(ViewerSessionTest, WaitsForAnIPictureWhileOthersCome_IsPinged) {
  Viewer viewer;
  Join(viewer, StreamProtocol::kClassic);
  for (int i = 0; i < 4; ++i) {
    SweepAfter(ViewerSession::kPingAfter / 4);
    Publish(PictureType::kPredicted);
  }
  EXPECT_EQ(PingsIn(viewer), 1);
}

TEST_F(ViewerSessionTest, SocketIsFull_GetsNoPingAndEndsAsStalled) {
  Viewer viewer;
  Join(viewer, StreamProtocol::kPlain);
  viewer.peer.room = 10;
  Publish(PictureType::kIntra);
  SweepAfter(environment_.stall_limit);
  EXPECT_EQ(metrics_.viewers_left_stalled.Value(), 0);
  SweepAfter(std::chrono::milliseconds(1));
  EXPECT_EQ(metrics_.viewers_left_stalled.Value(), 1);
  EXPECT_TRUE(viewer.peer.is_aborted);
  EXPECT_TRUE(viewer.peer.is_closed);
}

TEST_F(ViewerSessionTest, EachPicture_IsOneSendAndCountedOnce) {
  std::array<Viewer, kProtocols.size()> all;
  for (size_t i = 0; i < all.size(); ++i) {
    Join(all[i], kProtocols[i]);
  }
  Publish(PictureType::kIntra);
  for (Viewer& viewer : all) {
    Take(viewer);
    viewer.peer.sends = 0;
  }
  const double pictures = metrics_.pictures_sent.Value();
  const double bytes = metrics_.sent_bytes.Value();
  for (int i = 0; i < 5; ++i) {
    Publish(PictureType::kPredicted);
  }
  size_t received = 0;
  for (Viewer& viewer : all) {
    EXPECT_EQ(viewer.peer.sends, 5);
    received += viewer.peer.received.size();
  }
  EXPECT_EQ(metrics_.pictures_sent.Value() - pictures, 5 * all.size());
  EXPECT_EQ(metrics_.sent_bytes.Value() - bytes, static_cast<double>(received));
}

TEST_F(ViewerSessionTest, StreamRemovedWhileAllArePaused_NextSweepEndsThemOnce) {
  std::array<Viewer, 2> paused;
  for (Viewer& viewer : paused) {
    Join(viewer, StreamProtocol::kV1);
    Send(viewer, TextOf(R"({"type":"pause"})"));
    Take(viewer);
  }
  SweepAfter(std::chrono::milliseconds(250));
  EXPECT_EQ(Left(), 0);
  stream_->video()->Close();
  SweepAfter(std::chrono::milliseconds(250));
  SweepAfter(std::chrono::milliseconds(250));
  for (Viewer& viewer : paused) {
    const auto messages = Take(viewer);
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].opcode, Opcode::kClose);
    EXPECT_EQ(CloseCodeIn(messages[0]), 1001);
  }
  EXPECT_EQ(metrics_.viewers_left_shutdown.Value(), 2);
  EXPECT_EQ(metrics_.viewers.Value(), 0);
  EXPECT_EQ(metrics_.viewers_paused.Value(), 0);
}

TEST_F(ViewerSessionTest, StreamRemovedWhileAllArePaused_ResumeBeforeTheSweepEndsItOnce) {
  Viewer viewer;
  Join(viewer, StreamProtocol::kV1);
  Send(viewer, TextOf(R"({"type":"pause"})"));
  stream_->video()->Close();
  Take(viewer);
  Send(viewer, TextOf(R"({"type":"resume"})"));
  const auto messages = Take(viewer);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].opcode, Opcode::kClose);
  EXPECT_EQ(metrics_.viewers_left_shutdown.Value(), 1);
  EXPECT_EQ(metrics_.viewers.Value(), 0);
  EXPECT_EQ(metrics_.viewers_paused.Value(), 0);
  EXPECT_FALSE(stream_->video()->demand().is_watched);
}

struct EndCase {
  const char* name;
  ViewerEnd end;
  int close_code;  // 0: none is sent
  const char* cause;
};

void PrintTo(const EndCase& one, std::ostream* out) { *out << one.name; }

class EndTest : public ViewerSessionTest, public testing::WithParamInterface<EndCase> {};

TEST_P(EndTest, Ended_CountsItsCauseAndSaysItsCode) {
  Viewer viewer;
  Join(viewer, StreamProtocol::kPlain);
  Take(viewer);
  const auto session = viewer.session.lock();
  session->End(GetParam().end);
  session->End(GetParam().end);
  const auto messages = Take(viewer);
  if (GetParam().close_code == 0) {
    EXPECT_TRUE(messages.empty());
    EXPECT_TRUE(viewer.peer.is_closed);
  } else {
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].opcode, Opcode::kClose);
    EXPECT_EQ(CloseCodeIn(messages[0]), GetParam().close_code);
    EXPECT_TRUE(viewer.peer.is_shut_down);
    EXPECT_FALSE(viewer.peer.is_closed) << "the peer may read what is on its way";
    SweepAfter(kCloseTimeout);
    EXPECT_TRUE(viewer.peer.is_closed);
  }
  EXPECT_EQ(Left(), 1);
  EXPECT_EQ(registry_
                .Counter("pistream_viewers_left_total", "Viewers that ended, by cause.",
                         {{"stream", "garden"}, {"cause", GetParam().cause}})
                .Value(),
            1);
  EXPECT_EQ(viewers_->table().size(), 0U);
}

const EndCase kEnds[] = {
    {"ClosedByViewer", ViewerEnd::kClosedByViewer, 1000, "closed"},
    {"ConnectionLost", ViewerEnd::kConnectionLost, 0, "closed"},
    {"Stalled", ViewerEnd::kStalled, 0, "stalled"},
    {"Violation", ViewerEnd::kViolation, 1002, "protocol"},
    {"SizeChanged", ViewerEnd::kSizeChanged, 1012, "resized"},
    {"ServerStops", ViewerEnd::kServerStops, 1001, "shutdown"},
    {"StreamRemoved", ViewerEnd::kStreamRemoved, 1001, "shutdown"},
};
INSTANTIATE_TEST_SUITE_P(All, EndTest, testing::ValuesIn(kEnds),
                         [](const auto& test) { return test.param.name; });

enum class Ending : uint8_t { kOtherSize, kViolation, kServerStopsWhileBehind };

class FaultTest : public ViewerSessionTest,
                  public testing::WithParamInterface<std::tuple<StreamProtocol, Ending>> {
 protected:
  static StreamProtocol protocol() { return std::get<0>(GetParam()); }
  static Ending ending() { return std::get<1>(GetParam()); }

  // A viewer's whole life, while another one watches that nothing happens to.
  void Live(Viewer& viewer, const TransportFault& fault) {
    // As after a while without viewers: nothing is known of the life before, and of its other size.
    stream_->video()->Pause();
    viewers_ = NewViewers();
    Viewer witness;
    const uint64_t first = sequence_;
    Join(witness, StreamProtocol::kPlain);
    Publish(PictureType::kIntra);
    Publish(PictureType::kPredicted);
    Join(viewer, protocol(), fault);  // gets the size, and unless classic these two
    Show(viewer, PictureType::kIntra);
    Show(viewer, PictureType::kPredicted);  // directly
    FallBehind(viewer);
    Send(viewer, TextOf(R"({"type":"keyframe"})") + TextOf(R"({"type":"report","shown":1})"));
    PauseAndResume(viewer);
    SweepAfter(ViewerSession::kPingAfter);
    Settle(viewer);
    ExpectAllPictures(witness, first);
    witness.peer.has_hung_up = true;
    Settle(witness);
    BeginEnding(viewer);
    viewer.peer.has_hung_up = true;
    Settle(viewer);
    // At most until a ping does not get through and it counts as stalled.
    for (int seconds = 0; seconds < 40 && !viewer.session.expired(); ++seconds) {
      SweepAfter(std::chrono::seconds(1));
      Settle(viewer);
    }
  }

  // Afterwards nothing is left of it.
  void ExpectGone(Viewer& viewer) {
    EXPECT_TRUE(viewer.session.expired());
    EXPECT_EQ(viewers_->table().size(), 0U);
    EXPECT_TRUE(viewer.log.is_closed);
    EXPECT_TRUE(viewer.log.is_destroyed);
    EXPECT_TRUE(viewer.peer.is_closed);
    EXPECT_EQ(metrics_.viewers_joined.Value(), Left());
    EXPECT_EQ(metrics_.viewers.Value(), 0);
    EXPECT_EQ(metrics_.viewers_paused.Value(), 0);
    EXPECT_EQ(environment_.viewers.Value(), 0);
    EXPECT_FALSE(stream_->video()->demand().is_watched);
  }

  // Whatever has happened, what was received is messages, of which the last may be cut off.
  static std::vector<ServerMessage> MessagesOf(const Viewer& viewer) {
    std::string rest;
    return MessagesIn(viewer.peer.received, &rest);
  }

  static std::vector<std::string> BytesOf(const std::vector<ServerMessage>& messages,
                                          Opcode opcode) {
    std::vector<std::string> payloads;
    for (const ServerMessage& message : messages) {
      if (message.opcode == opcode) {
        payloads.push_back(message.payload);
      }
    }
    return payloads;
  }

 private:
  void Show(Viewer& viewer, PictureType type, Size size = kSize) {
    Publish(type, 60, size);
    Settle(viewer);
  }

  // A picture is half sent; pictures and responses wait behind it.
  void FallBehind(Viewer& viewer) {
    viewer.peer.room = 33;
    Publish(PictureType::kPredicted);
    Publish(PictureType::kPredicted);
    Send(viewer, FrameOf(Opcode::kPing, "ping") + TextOf(R"({"type":"ping","id":1})"));
    MakeRoom(viewer, 20);
    MakeRoom(viewer);
  }

  void PauseAndResume(Viewer& viewer) {
    Send(viewer, TextOf(R"({"type":"pause"})"));
    Publish(PictureType::kPredicted);
    Send(viewer, TextOf(R"({"type":"resume"})"));
    Show(viewer, PictureType::kPredicted);
  }

  void BeginEnding(Viewer& viewer) {
    switch (ending()) {
      case Ending::kOtherSize:
        Show(viewer, PictureType::kIntra, kOtherSize);
        Show(viewer, PictureType::kPredicted, kOtherSize);
        return Send(viewer, FrameOf(Opcode::kClose, "\x03\xE8"));
      case Ending::kViolation:
        return Send(viewer, "\x81\x02hi");  // not masked
      case Ending::kServerStopsWhileBehind:
        viewer.peer.room = 10;
        Publish(PictureType::kPredicted);
        if (const auto session = viewer.session.lock()) {
          session->End(ViewerEnd::kServerStops);
        }
        return MakeRoom(viewer);
    }
  }

  void ExpectAllPictures(Viewer& witness, uint64_t first) {
    std::vector<std::string> expected = {std::string{"jsmp\0\x40\0\x30", 8}};
    for (uint64_t sequence = first; sequence < sequence_; ++sequence) {
      expected.emplace_back(60, static_cast<char>('a' + sequence % 26));
    }
    EXPECT_EQ(BytesOf(Take(witness), Opcode::kBinary), expected);
  }
};

// Binary messages of a life. One that joins or resumes gets the group: 2 pictures, and later 5.
// Then there are 2, 2 while it is behind, 1 during the pause and 1 after it.
size_t BinaryMessages(StreamProtocol protocol, Ending ending) {
  const size_t last = ending == Ending::kServerStopsWhileBehind ? 1 : 0;
  const size_t size_and_two = IsV1(protocol) && ending == Ending::kOtherSize ? 3 : 0;
  switch (protocol) {
    case StreamProtocol::kV1:
    case StreamProtocol::kV1Chunked:
      return 1 + (2 + 2 + 2 + 5 + 1) + last + size_and_two;
    case StreamProtocol::kPlain:
      return 1 + (2 + 2 + 2 + 1 + 1) + last;
    case StreamProtocol::kClassic:
      return 1 + 2 * ((2 + 2 + 1 + 1) + last);
  }
  return 0;
}

int CloseCodeOf(StreamProtocol protocol, Ending ending) {
  switch (ending) {
    case Ending::kOtherSize:
      return IsV1(protocol) ? 1000 : 1012;
    case Ending::kViolation:
      return 1002;
    case Ending::kServerStopsWhileBehind:
      return 1001;
  }
  return 0;
}

TEST_P(FaultTest, WithoutAFault_AllIsSent) {
  Viewer viewer;
  Live(viewer, {.number = 0});
  ExpectGone(viewer);
  const auto messages = WholeMessagesIn(viewer.peer.received);
  EXPECT_EQ(BytesOf(messages, Opcode::kPong), (std::vector<std::string>{"ping"}));
  EXPECT_EQ(BytesOf(messages, Opcode::kPing).size(), 1U);
  EXPECT_EQ(BytesOf(messages, Opcode::kText).size(), IsV1(protocol()) ? 1U : 0U);
  EXPECT_EQ(BytesOf(messages, Opcode::kBinary).size(), BinaryMessages(protocol(), ending()));
  EXPECT_EQ(BytesOf(messages, Opcode::kClose).size(), 1U);
  EXPECT_EQ(messages.back().opcode, Opcode::kClose);
  EXPECT_EQ(CloseCodeIn(messages.back()), CloseCodeOf(protocol(), ending()));
  EXPECT_EQ(metrics_.pictures_dropped_behind.Value(), 0);
}

TEST_P(FaultTest, OneByteAtATimeFromEachOperationOn_TheSameIsSent) {
  Viewer whole;
  Live(whole, {.number = 0});
  ExpectGone(whole);
  const auto expected = WholeMessagesIn(whole.peer.received);
  for (size_t number = 1; number <= whole.log.operations; ++number) {
    SCOPED_TRACE(number);
    Viewer viewer;
    Live(viewer, {.kind = TransportFault::Kind::kOneByte, .number = number});
    EXPECT_TRUE(viewer.log.has_failed);
    ExpectGone(viewer);
    const auto messages = WholeMessagesIn(viewer.peer.received);
    for (const Opcode opcode : {Opcode::kBinary, Opcode::kText, Opcode::kPong, Opcode::kClose}) {
      EXPECT_EQ(BytesOf(messages, opcode).size(), BytesOf(expected, opcode).size());
    }
    EXPECT_EQ(messages.back(), expected.back());
  }
  EXPECT_EQ(metrics_.pictures_dropped_behind.Value(), 0);
}

TEST_P(FaultTest, EachOperationFailsInTurn_TheSessionEndsAndAllIsCounted) {
  using Kind = TransportFault::Kind;
  const std::array<std::pair<Kind, int>, 5> faults = {{{Kind::kError, ECONNRESET},
                                                       {Kind::kError, EPIPE},
                                                       {Kind::kError, ENOBUFS},
                                                       {Kind::kEndOfFile, 0},
                                                       {Kind::kStuck, 0}}};
  for (const auto& [kind, error] : faults) {
    bool has_failed = true;
    for (size_t number = 1; has_failed; ++number) {
      SCOPED_TRACE(testing::Message() << "operation " << number << ", kind "
                                      << static_cast<int>(kind) << ", " << std::strerror(error));
      ASSERT_LT(number, 200U) << "a life without an end";
      Viewer viewer;
      Live(viewer, {.kind = kind, .number = number, .error = error});
      has_failed = viewer.log.has_failed;
      EXPECT_TRUE(has_failed || number > 10) << "a life has more operations";
      ExpectGone(viewer);
      MessagesOf(viewer);
    }
  }
}

constexpr std::array kProtocolNames = {"Plain", "V1", "Classic", "V1Chunked"};
constexpr std::array kEndingNames = {"OtherSize", "Violation", "ServerStopsWhileBehind"};
INSTANTIATE_TEST_SUITE_P(All, FaultTest,
                         testing::Combine(testing::ValuesIn(kProtocols),
                                          testing::Values(Ending::kOtherSize, Ending::kViolation,
                                                          Ending::kServerStopsWhileBehind)),
                         [](const auto& test) {
                           return std::string(kProtocolNames[test.index / kEndingNames.size()]) +
                                  "_" + kEndingNames[test.index % kEndingNames.size()];
                         });

// A picture's message of pistream.v1, or the size before it.
struct SentPicture {
  Size told;  // by the last size message
  wire::PictureHeader header;
  size_t bytes = 0;
};

class LineTest : public ViewerSessionTest {
 protected:
  static constexpr milliseconds kFrameTime{40};

  // A viewer, and the line to it.
  struct Far : Viewer {
    explicit Far(int64_t rate_bps, milliseconds round_trip = milliseconds(20))
        : line(rate_bps, round_trip) {}

    // What a server sends at the moment is on the line from now on.
    void TakeOver() {
      line.Send(peer.received.size());
      all += std::exchange(peer.received, "");
      peer.minimum_rtt = line.round_trip();
      peer.unacknowledged_bytes = is_behind_proxy ? 0 : line.account().unacknowledged_bytes;
    }

    SimulatedLine line;
    std::string all;  // that was sent
    bool is_behind_proxy = false;
  };

  static Size SizeOf(VideoScale scale) {
    const int divisor = 1 << static_cast<int>(scale);
    return {.width = kSize.width / divisor, .height = kSize.height / divisor};
  }

  Track& TrackOf(VideoScale scale) { return *stream_->video(scale); }
  std::optional<int64_t> LimitOf(VideoScale scale) {
    return TrackOf(scale).demand().max_bitrate_bps;
  }
  static std::string QualityOf(std::string_view value) {
    return TextOf(R"({"type":"quality","value":")" + std::string(value) + R"("})");
  }

  PicturePtr PublishTo(VideoScale scale, PictureType type, size_t bytes = 60) {
    auto picture = std::make_shared<Picture>();
    picture->bytes.assign(bytes, static_cast<uint8_t>('A' + static_cast<int>(scale)));
    picture->type = type;
    picture->size = SizeOf(scale);
    picture->sequence = sequence_++;
    picture->captured = clock_.Now();
    picture->duration = kFrameTime;
    stream_->video(scale)->Publish(picture);
    ViewersOf(scale).TakePictures();
    return picture;
  }

  void SampleOnce() {
    clock_.Advance(ViewerLine::kSampleInterval);
    SampleWatched();
  }

  void SampleWatched() {
    auto watched = std::exchange(watched_, {});
    std::erase_if(watched, [&](const auto& one) {
      const auto viewer = one.lock();
      return !viewer || !viewer->SampleLine(clock_.Now());
    });
    watched_.insert(watched_.end(), watched.begin(), watched.end());
  }

  // Time passes: frames are encoded as the demand says, and what viewers are sent travels.
  void Run(milliseconds time, std::initializer_list<Far*> viewers) {
    for (milliseconds passed{0}; passed < time; ++passed, ++now_) {
      if (now_ % kFrameTime == milliseconds(0)) {
        EncodeAll();
      }
      for (Far* const viewer : viewers) {
        viewer->TakeOver();
        viewer->line.Pass();
      }
      clock_.Advance(SimulatedLine::kStep);
      if (now_ % ViewerLine::kSampleInterval == milliseconds(0)) {
        for (Far* const viewer : viewers) {
          viewer->TakeOver();
        }
        SampleWatched();
      }
      if (now_ % milliseconds(250) == milliseconds(0)) {
        SweepAll();
      }
    }
  }

  void SweepAll() {
    viewers_->Sweep(clock_.Now());
    for (const auto& smaller : smaller_) {
      if (smaller) {
        smaller->Sweep(clock_.Now());
      }
    }
  }

  static std::vector<SentPicture> PicturesIn(const std::string& bytes) {
    std::vector<SentPicture> pictures;
    Size told;
    for (const ServerMessage& message : WholeMessagesIn(bytes)) {
      const std::span<const uint8_t> payload(
          reinterpret_cast<const uint8_t*>(message.payload.data()), message.payload.size());
      if (message.opcode != Opcode::kBinary) {
        continue;
      }
      if (message.payload.starts_with("jsmp")) {
        told = {.width = payload[4] * 256 + payload[5], .height = payload[6] * 256 + payload[7]};
        continue;
      }
      const auto header = wire::ParsePictureHeader(payload);
      EXPECT_TRUE(header);
      pictures.push_back({.told = told, .header = *header, .bytes = payload.size()});
    }
    return pictures;
  }

  static std::vector<boost::json::object> LineReportsIn(const std::string& bytes) {
    std::vector<boost::json::object> reports;
    for (const ServerMessage& message : WholeMessagesIn(bytes)) {
      if (message.opcode == Opcode::kText) {
        EXPECT_LE(message.payload.size(), 125U);
        const boost::json::value value = boost::json::parse(message.payload);
        if (value.at("type") == "line") {
          reports.push_back(value.as_object());
        }
      }
    }
    return reports;
  }

  // Asks for the smaller track, and waits for it.
  void BeginToMove(Viewer& viewer) {
    Send(viewer, QualityOf("low"));
    SampleOnce();
    ASSERT_EQ(ViewersOf(VideoScale::kHalf).table().size(), 1U);
    ASSERT_TRUE(TrackOf(VideoScale::kHalf).demand().is_watched);
  }

  void ExpectInNoTable() {
    for (const VideoScale scale : kVideoScales) {
      EXPECT_EQ(ViewersOf(scale).table().size(), 0U) << TrackName(scale);
      EXPECT_FALSE(TrackOf(scale).demand().is_watched) << TrackName(scale);
    }
    EXPECT_EQ(metrics_.viewers.Value(), 0);
    EXPECT_EQ(metrics_.viewers_paused.Value(), 0);
    EXPECT_EQ(environment_.viewers.Value(), 0);
  }

 private:
  void EncodeAll() {
    for (const VideoScale scale : kVideoScales) {
      const TrackDemand demand = TrackOf(scale).demand();
      int& since_intra = since_intra_[static_cast<size_t>(scale)];
      if (!demand.is_watched) {
        since_intra = INT32_MAX;
      } else if (demand.max_bitrate_bps != 0) {
        Encode(scale, demand.max_bitrate_bps, since_intra);
      }
    }
    ++sequence_;
  }

  void Encode(VideoScale scale, std::optional<int64_t> limit_bps, int& since_intra) {
    const int gop = limit_bps ? 250 : 25;
    const int64_t bitrate_bps = std::min(limit_bps.value_or(INT64_MAX), stream_->bitrate_bps());
    const auto mean = static_cast<size_t>(bitrate_bps * kFrameTime.count() / 8000);
    const bool is_intra = TrackOf(scale).TakeKeyframeRequest() || since_intra >= gop;
    since_intra = is_intra ? 0 : since_intra + 1;
    const uint64_t sequence = sequence_;
    PublishTo(scale, is_intra ? PictureType::kIntra : PictureType::kPredicted,
              std::max<size_t>(mean, 120) * (is_intra ? 3 : 1) - 100);
    sequence_ = sequence;  // that of the frame
  }

  milliseconds now_{0};
  std::array<int, kVideoScales.size()> since_intra_{INT32_MAX, INT32_MAX, INT32_MAX};
};

TEST_F(LineTest, LineCarriesAll_NothingIsLimitedOrSaid) {
  Far viewer(20'000'000);
  Join(viewer, StreamProtocol::kV1);
  Run(seconds(5), {&viewer});
  EXPECT_TRUE(watched_.empty()) << "it is not watched closely";
  EXPECT_EQ(LimitOf(VideoScale::kFull), std::nullopt);
  EXPECT_EQ(metrics_.pictures_dropped_behind.Value(), 0);
  EXPECT_TRUE(LineReportsIn(viewer.all).empty());
  EXPECT_EQ(PicturesIn(viewer.all).size(), 125U);
}

TEST_F(LineTest, LineOfTheOnlyViewerIsThin_EncoderIsAskedForWhatItCarries) {
  Far viewer(600'000);
  Join(viewer, StreamProtocol::kV1);
  bool was_drained = false;
  for (int i = 0; i < 200; ++i) {
    Run(milliseconds(25), {&viewer});
    was_drained |= LimitOf(VideoScale::kFull) == 0;
  }
  EXPECT_TRUE(was_drained || LimitOf(VideoScale::kFull)) << "found";
  ASSERT_TRUE(LimitOf(VideoScale::kFull));
  EXPECT_GT(*LimitOf(VideoScale::kFull), 400'000);
  EXPECT_LT(*LimitOf(VideoScale::kFull), 620'000);
  EXPECT_EQ(viewers_->table().size(), 1U);
  EXPECT_EQ(ViewersOf(VideoScale::kHalf).table().size(), 0U);
}

TEST_F(LineTest, PlainAndClassic_AreLimitedAndStay) {
  for (const StreamProtocol protocol : {StreamProtocol::kPlain, StreamProtocol::kClassic}) {
    Far viewer(200'000);
    Join(viewer, protocol);
    bool is_limited = false;
    for (int i = 0; i < 400; ++i) {
      Run(milliseconds(25), {&viewer});
      is_limited |= LimitOf(VideoScale::kFull).has_value();
      ASSERT_EQ(viewers_->table().size(), 1U);
      ASSERT_EQ(ViewersOf(VideoScale::kHalf).table().size(), 0U);
    }
    EXPECT_TRUE(is_limited);
    for (const ServerMessage& message : WholeMessagesIn(viewer.all)) {
      EXPECT_EQ(message.opcode, Opcode::kBinary) << "nothing is said of the line";
    }
    viewer.session.lock()->Shutdown();
  }
}

TEST_F(LineTest, NeighbourHasNoLimit_DemandHasNoneAndThinOneIsDrainedAndMoves) {
  Far near(20'000'000);
  Far thin(250'000);
  Join(thin, StreamProtocol::kV1);
  Join(near, StreamProtocol::kV1);
  for (int i = 0; i < 240; ++i) {
    Run(milliseconds(25), {&near, &thin});
    ASSERT_EQ(LimitOf(VideoScale::kFull), std::nullopt);
  }
  EXPECT_GT(metrics_.pictures_dropped_behind.Value(), 0) << "what it was not sent meanwhile";
  EXPECT_EQ(viewers_->table().size(), 1U);
  EXPECT_EQ(ViewersOf(VideoScale::kHalf).table().size(), 1U);
  ASSERT_TRUE(LimitOf(VideoScale::kHalf));
  EXPECT_GT(*LimitOf(VideoScale::kHalf), 120'000);
  EXPECT_LT(*LimitOf(VideoScale::kHalf), 280'000);
  EXPECT_EQ(metrics_.SwitchesTo(VideoScale::kHalf).Value(), 1);
  EXPECT_EQ(PicturesIn(near.all).size(), 150U) << "nothing is missing there";
  // At the end pictures of the other size come, in time.
  EXPECT_LT(thin.line.sent_bytes() - thin.line.acknowledged_bytes(), 250'000U / 8 / 5);
  EXPECT_EQ(PicturesIn(thin.all).back().told, SizeOf(VideoScale::kHalf));
}

TEST_F(LineTest, Moves_PresentPicturesUntilTheIPictureOfTheNext) {
  Viewer viewer;
  Join(viewer, StreamProtocol::kV1);
  Publish(PictureType::kIntra);
  BeginToMove(viewer);
  Take(viewer);
  Publish(PictureType::kPredicted);
  PublishTo(VideoScale::kHalf, PictureType::kPredicted);  // before its time
  Publish(PictureType::kPredicted);
  const PicturePtr first = PublishTo(VideoScale::kHalf, PictureType::kIntra);
  Publish(PictureType::kPredicted);
  const PicturePtr second = PublishTo(VideoScale::kHalf, PictureType::kPredicted);
  const std::string bytes = std::exchange(viewer.peer.received, "");
  const auto messages = WholeMessagesIn(bytes);
  ASSERT_EQ(messages.size(), 5U);
  EXPECT_EQ(messages[2].payload, (std::string{"jsmp\0\x20\0\x18", 8}));
  const auto pictures = PicturesIn(bytes);
  ASSERT_EQ(pictures.size(), 4U);
  EXPECT_FALSE(pictures[0].header.discontinuity);
  EXPECT_FALSE(pictures[1].header.discontinuity);
  EXPECT_EQ(pictures[2].header.sequence, first->sequence);
  EXPECT_EQ(pictures[2].header.type, PictureType::kIntra);
  EXPECT_TRUE(pictures[2].header.discontinuity);
  EXPECT_EQ(pictures[3].header.sequence, second->sequence);
  EXPECT_FALSE(pictures[3].header.discontinuity);
  EXPECT_EQ(viewers_->table().size(), 0U);
  EXPECT_FALSE(TrackOf(VideoScale::kFull).demand().is_watched);
  EXPECT_EQ(metrics_.SwitchesTo(VideoScale::kHalf).Value(), 1);
  EXPECT_EQ(metrics_.viewers.Value(), 1);
  EXPECT_EQ(metrics_.pictures_dropped_behind.Value(), 0);
}

TEST_F(LineTest, MovesToATrackThatOthersWatch_AsksForAnIPicture) {
  Viewer before;
  Viewer viewer;
  Join(before, StreamProtocol::kV1);
  Publish(PictureType::kIntra);
  BeginToMove(before);
  PublishTo(VideoScale::kHalf, PictureType::kIntra);
  ASSERT_FALSE(TrackOf(VideoScale::kHalf).TakeKeyframeRequest());
  Join(viewer, StreamProtocol::kV1);
  Send(viewer, QualityOf("low"));
  SampleOnce();
  EXPECT_TRUE(TrackOf(VideoScale::kHalf).TakeKeyframeRequest());
}

TEST_F(LineTest, PausesWhileItMoves_IsInOneTableAndWatchesNothing) {
  Viewer viewer;
  Join(viewer, StreamProtocol::kV1);
  Publish(PictureType::kIntra);
  BeginToMove(viewer);
  Send(viewer, TextOf(R"({"type":"pause"})"));
  EXPECT_EQ(viewers_->table().size(), 1U);
  EXPECT_EQ(ViewersOf(VideoScale::kHalf).table().size(), 0U);
  EXPECT_FALSE(TrackOf(VideoScale::kFull).demand().is_watched);
  EXPECT_FALSE(TrackOf(VideoScale::kHalf).demand().is_watched);
  Take(viewer);
  Send(viewer, TextOf(R"({"type":"resume"})"));
  EXPECT_EQ(LimitOf(VideoScale::kFull), std::nullopt);
  Publish(PictureType::kIntra);
  EXPECT_EQ(PicturesIn(std::exchange(viewer.peer.received, "")).size(), 1U);
  viewer.session.lock()->Shutdown();
  ExpectInNoTable();
}

TEST_F(LineTest, PausesAfterAMove_ResumesWhereItIs) {
  Viewer viewer;
  Join(viewer, StreamProtocol::kV1);
  Publish(PictureType::kIntra);
  BeginToMove(viewer);
  PublishTo(VideoScale::kHalf, PictureType::kIntra);
  Send(viewer, TextOf(R"({"type":"pause"})"));
  EXPECT_FALSE(TrackOf(VideoScale::kHalf).demand().is_watched);
  EXPECT_EQ(metrics_.viewers_paused.Value(), 1);
  Take(viewer);
  Send(viewer, TextOf(R"({"type":"resume"})"));
  EXPECT_TRUE(TrackOf(VideoScale::kHalf).demand().is_watched);
  PublishTo(VideoScale::kHalf, PictureType::kPredicted);
  const auto pictures = PicturesIn(std::exchange(viewer.peer.received, ""));
  ASSERT_EQ(pictures.size(), 2U) << "the group, and what follows";
  EXPECT_EQ(pictures[0].header.type, PictureType::kIntra);
  EXPECT_TRUE(pictures[0].header.discontinuity);
  EXPECT_FALSE(pictures[1].header.discontinuity);
  viewer.session.lock()->Shutdown();
  ExpectInNoTable();
}

enum class WayOut : uint8_t {
  kViewerCloses,
  kConnectionIsLost,
  kStreamIsRemoved,
  kServerStops,
  kViolation,
};

class MovingEndTest : public LineTest,
                      public testing::WithParamInterface<std::tuple<WayOut, bool>> {
 protected:
  void Leave(Viewer& viewer) {
    switch (std::get<0>(GetParam())) {
      case WayOut::kViewerCloses:
        return Send(viewer, FrameOf(Opcode::kClose, "\x03\xE8"));
      case WayOut::kConnectionIsLost:
        viewer.peer.has_hung_up = true;
        return Settle(viewer);
      case WayOut::kStreamIsRemoved:
        stream_->CloseTracks();
        for (const VideoScale scale : kVideoScales) {
          ViewersOf(scale).TakePictures();
        }
        return;
      case WayOut::kServerStops:
        return viewer.session.lock()->End(ViewerEnd::kServerStops);
      case WayOut::kViolation:
        return Send(viewer, "\x81\x02hi");  // not masked
    }
  }
};

// Example failure: the slot in the table of the other track outlives the session.
TEST_P(MovingEndTest, Ends_NothingOfItIsLeftOnEitherTrack) {
  Viewer viewer;
  Join(viewer, StreamProtocol::kV1);
  Publish(PictureType::kIntra);
  BeginToMove(viewer);
  const bool has_moved = std::get<1>(GetParam());
  if (has_moved) {
    PublishTo(VideoScale::kHalf, PictureType::kIntra);
  }
  Leave(viewer);
  for (const VideoScale scale : kVideoScales) {
    EXPECT_FALSE(TrackOf(scale).demand().is_watched) << TrackName(scale);
  }
  EXPECT_EQ(Left(), 1);
  Take(viewer);
  PublishTo(VideoScale::kHalf, PictureType::kIntra);
  Publish(PictureType::kIntra);
  EXPECT_EQ(viewer.peer.received, "");
  viewer.peer.has_hung_up = true;
  Settle(viewer);
  clock_.Advance(kCloseTimeout);
  SweepAll();
  EXPECT_TRUE(viewer.session.expired());
  EXPECT_TRUE(viewer.log.is_destroyed);
  ExpectInNoTable();
}

constexpr std::array kWaysOut = {"ViewerCloses", "ConnectionIsLost", "StreamIsRemoved",
                                 "ServerStops", "Violation"};
INSTANTIATE_TEST_SUITE_P(All, MovingEndTest,
                         testing::Combine(testing::Values(WayOut::kViewerCloses,
                                                          WayOut::kConnectionIsLost,
                                                          WayOut::kStreamIsRemoved,
                                                          WayOut::kServerStops, WayOut::kViolation),
                                          testing::Bool()),
                         [](const auto& test) {
                           const auto way_out = std::get<0>(test.param);
                           const bool has_moved = std::get<1>(test.param);
                           return std::string(kWaysOut[static_cast<size_t>(way_out)]) +
                                  (has_moved ? "_Moved" : "_Moving");
                         });

// As FaultTest, while a viewer moves to another track.
TEST_F(LineTest, EachOperationFailsWhileItMoves_NothingOfItIsLeft) {
  bool has_failed = true;
  for (size_t number = 1; has_failed; ++number) {
    SCOPED_TRACE(number);
    ASSERT_LT(number, 100U);
    Viewer viewer;
    Join(viewer, StreamProtocol::kV1,
         {.kind = TransportFault::Kind::kError, .number = number, .error = ECONNRESET});
    Publish(PictureType::kIntra);
    Send(viewer, QualityOf("low"));
    SampleOnce();
    Publish(PictureType::kPredicted);
    PublishTo(VideoScale::kHalf, PictureType::kIntra);
    Settle(viewer);
    PublishTo(VideoScale::kHalf, PictureType::kPredicted);
    SampleLines(seconds(1));
    PublishTo(VideoScale::kHalf, PictureType::kPredicted);
    viewer.peer.has_hung_up = true;
    Settle(viewer);
    has_failed = viewer.log.has_failed;
    EXPECT_TRUE(has_failed || number > 5) << "a move has more operations";
    EXPECT_TRUE(viewer.session.expired());
    ExpectInNoTable();
  }
}

TEST_F(LineTest, SecondMoveWhileItMoves_ReplacesTheFirst) {
  Viewer viewer;
  Join(viewer, StreamProtocol::kV1);
  Publish(PictureType::kIntra);
  BeginToMove(viewer);
  Send(viewer, QualityOf("full"));
  SampleOnce();
  EXPECT_EQ(ViewersOf(VideoScale::kHalf).table().size(), 0U);
  EXPECT_FALSE(TrackOf(VideoScale::kHalf).demand().is_watched);
  EXPECT_EQ(metrics_.SwitchesTo(VideoScale::kHalf).Value(), 0);
  Take(viewer);
  Publish(PictureType::kPredicted);
  EXPECT_EQ(Take(viewer).size(), 1U) << "it stays where it is";
  viewer.session.lock()->Shutdown();
  ExpectInNoTable();
}

TEST_F(LineTest, QualityLow_IsSentTheHalfTrackWithALimitOfIt) {
  Viewer viewer;
  Join(viewer, StreamProtocol::kV1);
  Publish(PictureType::kIntra);
  BeginToMove(viewer);
  PublishTo(VideoScale::kHalf, PictureType::kIntra);
  SampleOnce();
  ASSERT_TRUE(LimitOf(VideoScale::kHalf));
  EXPECT_GT(*LimitOf(VideoScale::kHalf), stream_->sufficient_bitrate_bps(VideoScale::kHalf));
  EXPECT_LT(*LimitOf(VideoScale::kHalf), stream_->bitrate_bps());
  SampleLines(seconds(5));
  EXPECT_EQ(ViewersOf(VideoScale::kHalf).table().size(), 1U) << "it stays";
  EXPECT_EQ(ViewersOf(VideoScale::kQuarter).table().size(), 0U);
  EXPECT_TRUE(watched_.empty());
  Send(viewer, QualityOf("auto"));
  SampleOnce();
  EXPECT_EQ(viewers_->table().size(), 1U);
  EXPECT_EQ(LimitOf(VideoScale::kFull), std::nullopt);
  Publish(PictureType::kIntra);
  EXPECT_EQ(metrics_.SwitchesTo(VideoScale::kFull).Value(), 1);
  EXPECT_EQ(ViewersOf(VideoScale::kHalf).table().size(), 0U);
}

TEST_F(LineTest, QualityOfAPlainViewer_ChangesNothing) {
  Viewer viewer;
  Join(viewer, StreamProtocol::kPlain);
  Publish(PictureType::kIntra);
  Send(viewer, QualityOf("low"));
  SampleLines(seconds(1));
  EXPECT_EQ(viewers_->table().size(), 1U);
  EXPECT_EQ(ViewersOf(VideoScale::kHalf).table().size(), 0U);
}

TEST_F(LineTest, QualityFullOnAThinLine_StaysAndIsLimited) {
  Far viewer(150'000);
  Join(viewer, StreamProtocol::kV1);
  Send(viewer, QualityOf("full"));
  for (int i = 0; i < 320; ++i) {
    Run(milliseconds(25), {&viewer});
    ASSERT_EQ(ViewersOf(VideoScale::kHalf).table().size(), 0U);
  }
  ASSERT_TRUE(LimitOf(VideoScale::kFull));
  EXPECT_LT(*LimitOf(VideoScale::kFull), 170'000);
}

TEST_F(LineTest, OnlyAPausedViewerBesides_LimitIsThatOfTheOther) {
  Far thin(600'000);
  Viewer paused;
  Join(paused, StreamProtocol::kV1);
  Send(paused, TextOf(R"({"type":"pause"})"));
  Join(thin, StreamProtocol::kV1);
  Run(seconds(5), {&thin});
  ASSERT_TRUE(LimitOf(VideoScale::kFull)) << "one that is paused wants nothing";
  EXPECT_GT(*LimitOf(VideoScale::kFull), 0);
  Send(paused, TextOf(R"({"type":"resume"})"));
  EXPECT_EQ(LimitOf(VideoScale::kFull), std::nullopt);
  Send(paused, TextOf(R"({"type":"pause"})"));
  EXPECT_TRUE(LimitOf(VideoScale::kFull));
}

TEST_F(LineTest, PausedViewerBesideAGoodOne_LimitsNothing) {
  Viewer watching;
  Viewer paused;
  Join(watching, StreamProtocol::kV1);
  Join(paused, StreamProtocol::kV1);
  Send(paused, TextOf(R"({"type":"pause"})"));
  EXPECT_TRUE(TrackOf(VideoScale::kFull).demand().is_watched);
  EXPECT_EQ(LimitOf(VideoScale::kFull), std::nullopt);
}

TEST_F(LineTest, LimitedViewerPauses_ResumesWithItsLimit) {
  Far thin(600'000);
  Join(thin, StreamProtocol::kV1);
  Run(seconds(5), {&thin});
  const auto limit = LimitOf(VideoScale::kFull);
  ASSERT_TRUE(limit);
  ASSERT_GT(*limit, 0);
  Send(thin, TextOf(R"({"type":"pause"})"));
  Run(seconds(60), {&thin});
  Send(thin, TextOf(R"({"type":"resume"})"));
  EXPECT_EQ(LimitOf(VideoScale::kFull), limit);
}

// The camera was away, or the viewer: the newest picture is old, and what is not acknowledged is
// the response to a ping.
TEST_F(LineTest, PongIsOnItsWayWhenTheNewestPictureIsOld_IsNotLate) {
  Far viewer(20'000'000, milliseconds(100));
  Join(viewer, StreamProtocol::kV1);
  Run(seconds(3), {&viewer});
  ASSERT_TRUE(watched_.empty());
  clock_.Advance(seconds(10));
  for (const std::string_view before : {"", R"({"type":"pause"})", R"({"type":"resume"})"}) {
    SCOPED_TRACE(before);
    if (!before.empty()) {
      Send(viewer, TextOf(before));
    }
    viewer.peer.received.clear();
    Send(viewer, TextOf(R"({"type":"ping","id":1})"));
    viewer.peer.unacknowledged_bytes = viewer.peer.received.size();
    SweepAll();
    for (int i = 0; i < 4; ++i) {
      SampleOnce();
      EXPECT_NE(LimitOf(VideoScale::kFull), 0);
    }
    viewer.peer.unacknowledged_bytes = 0;
  }
  EXPECT_EQ(metrics_.viewers_limited.Value(), 0);
}

TEST_F(LineTest, LongRoundTrip_IsNotWatchedCloselyForThat) {
  Far viewer(20'000'000, milliseconds(200));
  Join(viewer, StreamProtocol::kV1);
  Run(seconds(2), {&viewer});
  for (int i = 0; i < 100; ++i) {
    Run(milliseconds(30), {&viewer});
    EXPECT_TRUE(watched_.empty());
  }
}

TEST_F(LineTest, SlowCamera_LargePicturesAreNotLate) {
  ViewerLine line(SentLog(), seconds(1), 800'000, LineControl(clock_.Now()));
  const LineContext context{.can_change_scale = true,
                            .bitrate_bps = 800'000,
                            .sufficient_bps = {400'000, 100'000, 25'000}};
  Picture picture;
  picture.type = PictureType::kPredicted;
  picture.bytes.resize(100'000);  // half a second of a line of 1.6 Mbit/s
  SimulatedLine far(1'600'000, milliseconds(20));
  for (int passed = 0; passed < 20'000; ++passed) {
    if (passed % 1000 == 0) {
      ++picture.sequence;
      line.log().Add(picture, picture.bytes.size(), clock_.Now());
      far.Send(picture.bytes.size());
    }
    far.Pass();
    clock_.Advance(SimulatedLine::kStep);
    if (passed % 25 == 0) {
      EXPECT_NE(line.Sample(far.account(), 0, context, clock_.Now()).limit_bps, 0) << passed;
    }
  }
}

TEST_F(LineTest, LimitedViewerLeaves_LimitGoesWithIt) {
  Far thin(600'000);
  Far near(20'000'000);
  Join(thin, StreamProtocol::kV1);
  Run(seconds(3), {&thin});
  ASSERT_TRUE(LimitOf(VideoScale::kFull));
  Join(near, StreamProtocol::kV1);
  EXPECT_EQ(LimitOf(VideoScale::kFull), std::nullopt);
  thin.session.lock()->Shutdown();
  EXPECT_EQ(LimitOf(VideoScale::kFull), std::nullopt);
  near.session.lock()->Shutdown();
  ExpectInNoTable();
}

TEST_F(LineTest, LineMessages_ComeAtMostOnceASecond) {
  Far viewer(700'000);
  Join(viewer, StreamProtocol::kV1);
  size_t reports = 0;
  for (int second = 0; second < 20; ++second) {
    viewer.line.SetRate(second % 2 == 0 ? 700'000 : 600'000);
    Run(seconds(1), {&viewer});
    const size_t before = std::exchange(reports, LineReportsIn(viewer.all).size());
    EXPECT_LE(reports - before, 1U) << second;
  }
  EXPECT_GT(reports, 5U);
  const boost::json::object last = LineReportsIn(viewer.all).back();
  EXPECT_EQ(last.at("track"), "full");
  EXPECT_EQ(last.at("switches"), 0);
  EXPECT_GT(last.at("rate_bps").to_number<int64_t>(), 300'000);
  EXPECT_LT(last.at("rate_bps").to_number<int64_t>(), 800'000);
  EXPECT_LT(last.at("delay_ms").to_number<int64_t>(), 300);
  EXPECT_FALSE(last.at("reason").as_string().empty());
}

// A proxy acknowledges at once what the viewer has not received.
TEST_F(LineTest, OnlyTheViewersOwnPingsSayThatItIsBehind_IsLimited) {
  Far viewer(600'000);
  viewer.is_behind_proxy = true;
  Join(viewer, StreamProtocol::kV1);
  std::optional<int64_t> lowest;
  for (int i = 0; i < 24; ++i) {
    Run(milliseconds(250), {&viewer});
    // The newest picture that has wholly arrived.
    std::string rest;
    std::optional<uint64_t> seen;
    for (const ServerMessage& message :
         MessagesIn(viewer.all.substr(0, viewer.line.arrived_bytes()), &rest)) {
      if (message.opcode == Opcode::kBinary && !message.payload.starts_with("jsmp")) {
        const auto header = wire::ParsePictureHeader(
            {reinterpret_cast<const uint8_t*>(message.payload.data()), message.payload.size()});
        seen = header->sequence;
      }
    }
    if (seen) {
      Send(viewer, TextOf(R"({"type":"ping","id":1,"seen":)" + std::to_string(*seen) + "}"));
    }
    if (LimitOf(VideoScale::kFull)) {
      lowest = std::min(lowest.value_or(INT64_MAX), *LimitOf(VideoScale::kFull));
    }
  }
  EXPECT_EQ(lowest, 0) << "it was drained";
  ASSERT_TRUE(LimitOf(VideoScale::kFull));
  EXPECT_LT(*LimitOf(VideoScale::kFull), 750'000);
}

TEST_F(LineTest, SeenOfAPictureThatWasNeverSent_IsIgnored) {
  Viewer viewer;
  Join(viewer, StreamProtocol::kV1);
  Publish(PictureType::kIntra);
  Take(viewer);
  Send(viewer, TextOf(R"({"type":"ping","id":1,"seen":9007199254740991})"));
  EXPECT_EQ(Take(viewer).size(), 1U) << "the pong";
  SampleLines(seconds(1));
  EXPECT_TRUE(watched_.empty());
}

TEST_F(LineTest, MovesBack_WaitsForTheNextIPictureAndAsksForNone) {
  Viewer other;
  Viewer viewer;
  Join(other, StreamProtocol::kV1);
  Join(viewer, StreamProtocol::kV1);
  Publish(PictureType::kIntra);
  BeginToMove(viewer);
  PublishTo(VideoScale::kHalf, PictureType::kIntra);
  Publish(PictureType::kPredicted);
  clock_.Advance(seconds(1));
  TrackOf(VideoScale::kFull).TakeKeyframeRequest();
  Take(viewer);
  Send(viewer, QualityOf("full"));
  SampleOnce();  // after a pause: decides nothing
  SampleOnce();
  EXPECT_FALSE(TrackOf(VideoScale::kFull).TakeKeyframeRequest()) << "others would pay for it";
  Publish(PictureType::kPredicted);
  PublishTo(VideoScale::kHalf, PictureType::kPredicted);
  Publish(PictureType::kIntra);
  Publish(PictureType::kPredicted);
  const auto pictures = PicturesIn(std::string(viewer.peer.received));
  ASSERT_EQ(pictures.size(), 3U);
  EXPECT_EQ(pictures[1].told, kSize);
  EXPECT_TRUE(pictures[1].header.discontinuity);
  EXPECT_EQ(viewers_->table().size(), 2U);
  EXPECT_EQ(ViewersOf(VideoScale::kHalf).table().size(), 0U);
  EXPECT_FALSE(TrackOf(VideoScale::kHalf).demand().is_watched);
}

TEST_F(LineTest, TwoMove_EachKeepsItsPlace) {
  Viewer first;
  Viewer second;
  Join(first, StreamProtocol::kV1);
  Join(second, StreamProtocol::kV1);
  Publish(PictureType::kIntra);
  BeginToMove(first);
  PublishTo(VideoScale::kHalf, PictureType::kIntra);
  Send(second, QualityOf("low"));
  SampleOnce();
  PublishTo(VideoScale::kHalf, PictureType::kIntra);
  ASSERT_EQ(ViewersOf(VideoScale::kHalf).table().size(), 2U);
  auto& table = ViewersOf(VideoScale::kHalf).table();
  EXPECT_EQ(*table[0].index, 0U);
  EXPECT_EQ(*table[1].index, 1U);
  second.peer.has_hung_up = true;
  Settle(second);
  EXPECT_TRUE(second.session.expired());
  EXPECT_FALSE(first.session.expired());
}

TEST_F(LineTest, PausesAndResumesOften_IsSampledOnce) {
  Viewer viewer;
  Join(viewer, StreamProtocol::kV1);
  for (int i = 0; i < 10; ++i) {
    Send(viewer, TextOf(R"({"type":"pause"})") + TextOf(R"({"type":"resume"})"));
  }
  SampleOnce();
  EXPECT_EQ(watched_.size(), 1U);
}

TEST_F(LineTest, LineIsGoodAgain_IsSaid) {
  Far viewer(600'000);
  Join(viewer, StreamProtocol::kV1);
  Run(seconds(3), {&viewer});
  ASSERT_TRUE(LimitOf(VideoScale::kFull));
  viewer.line.SetRate(50'000'000);
  Run(seconds(20), {&viewer});
  ASSERT_FALSE(LimitOf(VideoScale::kFull));
  ASSERT_FALSE(LineReportsIn(viewer.all).empty());
  EXPECT_EQ(LineReportsIn(viewer.all).back().at("reason"), "the line carries all");
}

TEST_F(LineTest, MovesToATrackOfALongGroup_AsksForAnIPicture) {
  Viewer before;
  Viewer viewer;
  Join(before, StreamProtocol::kV1);
  Publish(PictureType::kIntra);
  BeginToMove(before);
  PublishTo(VideoScale::kHalf, PictureType::kIntra);
  for (int i = 0; i < 130; ++i) {
    PublishTo(VideoScale::kHalf, PictureType::kPredicted);
  }
  TrackOf(VideoScale::kHalf).TakeKeyframeRequest();
  clock_.Advance(seconds(1));
  Join(viewer, StreamProtocol::kV1);
  Send(viewer, QualityOf("low"));
  SampleOnce();
  EXPECT_TRUE(TrackOf(VideoScale::kHalf).TakeKeyframeRequest());
}

TEST_F(LineTest, ClosingViewer_LimitsNoOther) {
  Far near(20'000'000);
  Far thin(600'000);
  Join(thin, StreamProtocol::kPlain);
  Join(near, StreamProtocol::kV1);
  Run(seconds(3), {&near, &thin});
  near.session.lock()->End(ViewerEnd::kServerStops);
  Run(seconds(1), {&near, &thin});
  EXPECT_TRUE(LimitOf(VideoScale::kFull));
}

TEST_F(LineTest, DeadLine_IsStalled) {
  Far viewer(600'000);
  Join(viewer, StreamProtocol::kV1);
  Run(seconds(3), {&viewer});
  viewer.line.SetRate(0);
  Run(seconds(20), {&viewer});
  EXPECT_EQ(metrics_.viewers_left_stalled.Value(), 1);
}

TEST_F(LineTest, QualityLow_TrackIsSaidOnce) {
  Viewer viewer;
  Join(viewer, StreamProtocol::kV1);
  Publish(PictureType::kIntra);
  BeginToMove(viewer);
  PublishTo(VideoScale::kHalf, PictureType::kIntra);
  Take(viewer);
  SampleLines(seconds(10));
  const auto reports = LineReportsIn(std::exchange(viewer.peer.received, ""));
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].at("track"), "half");
  EXPECT_EQ(reports[0].at("switches"), 1);
  EXPECT_FALSE(reports[0].contains("rate_bps"));
}

// All that was sent is acknowledged by the socket, and one ping was 200 ms on its way.
class DelayedPingTest : public LineTest, public testing::WithParamInterface<int> {};

TEST_P(DelayedPingTest, OnePingIsDelayed_IsNeitherLimitedNorMoved) {
  Far near(20'000'000);
  Far viewer(20'000'000);
  Join(viewer, StreamProtocol::kV1);
  Join(near, StreamProtocol::kV1);
  const auto ping = [&](uint64_t seen) {
    Send(viewer, TextOf(R"({"type":"ping","id":1,"seen":)" + std::to_string(seen) + "}"));
  };
  for (int i = 0; i < 5; ++i) {
    Run(seconds(2), {&viewer, &near});
    ping(sequence_ - 1);
  }
  Run(milliseconds(1000 + 100 * GetParam()), {&viewer, &near});
  ping(sequence_ - 6);
  for (int i = 0; i < 20; ++i) {
    Run(milliseconds(100), {&viewer, &near});
    if (i % 3 == 0) {
      ping(sequence_ - 1);
    }
  }
  EXPECT_EQ(ViewersOf(VideoScale::kHalf).table().size(), 0U);
  EXPECT_EQ(metrics_.pictures_dropped_behind.Value(), 0);
}

INSTANTIATE_TEST_SUITE_P(Phases, DelayedPingTest, testing::Range(0, 10));

}  // namespace
}  // namespace pistream
