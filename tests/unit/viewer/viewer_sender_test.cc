#include "src/viewer/viewer_sender.h"

#include <cerrno>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"
#include "src/base/fake_clock.h"
#include "src/media/picture.h"
#include "src/viewer/outgoing_message.h"
#include "src/wire/classic_trailer.h"
#include "src/wire/picture_message.h"
#include "tests/unit/viewer/fake_transport.h"

namespace pistream {
namespace {

using Outcome = ViewerSender::Outcome;
using Small = ViewerSender::Small;
using wire::Opcode;

constexpr Size kSize{.width = 64, .height = 48};
constexpr Size kOtherSize{.width = 32, .height = 32};
const std::string kTrailer(wire::ClassicTrailer().begin(), wire::ClassicTrailer().end());

PicturePtr MakePicture(PictureType type, char content, size_t bytes = 40, Size size = kSize) {
  auto picture = std::make_shared<Picture>();
  picture->bytes.assign(bytes, static_cast<uint8_t>(content));
  picture->type = type;
  picture->size = size;
  return picture;
}

PicturePtr Intra(char content, size_t bytes = 40, Size size = kSize) {
  return MakePicture(PictureType::kIntra, content, bytes, size);
}

PicturePtr Predicted(char content, size_t bytes = 40) {
  return MakePicture(PictureType::kPredicted, content, bytes);
}

MessageHead Text(const std::string& text) {
  return SmallMessage(Opcode::kText, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

// One sender, and a peer that takes what it has room for.
struct Connection {
  explicit Connection(StreamProtocol of = StreamProtocol::kPlain) : protocol(of) {}

  Outcome Push(const PicturePtr& picture) {
    sender.Push(picture, clock.Now());
    return sender.Flush();
  }

  // As TrackViewers does.
  Outcome SendDirectly(const PicturePtr& picture) {
    const MessageHead head = PictureHead(protocol, *picture, false, clock.Now());
    std::vector<uint8_t> message(head.bytes().begin(), head.bytes().end());
    message.insert(message.end(), picture->bytes.begin(), picture->bytes.end());
    const auto trailer = PictureTrailer(protocol);
    message.insert(message.end(), trailer.begin(), trailer.end());
    const ssize_t taken = transport.Send(message);
    const int error = errno;
    return ViewerSender::Count(counts, taken, message.size(), true)
               ? Outcome::kIdle
               : sender.TakeOver(head, picture, taken, error);
  }

  // What a viewer gets that joins.
  void Join(const PicturePtr& first) {
    sender.PutSize(kSize);
    ASSERT_EQ(Push(first), Outcome::kIdle);
    peer.received.clear();
    counts = {};
  }

  std::vector<std::string> Payloads() const {
    std::vector<std::string> payloads;
    for (const auto& message : WholeMessagesIn(peer.received)) {
      payloads.push_back(message.payload);
    }
    return payloads;
  }

  const StreamProtocol protocol;
  FakeClock clock;
  FakePeer peer;
  FakeTransport transport{peer};
  SendCounts counts;
  ViewerSender sender{transport, protocol, clock, counts};
};

using Payloads = std::vector<std::string>;

TEST(ViewerSenderTest, AllKindsWait_SmallOnesGoFirstInTheirOrder) {
  Connection to;
  to.sender.Push(Intra('i'), to.clock.Now());
  to.sender.Put(Small::kPing, Text("ping"));
  to.sender.Put(Small::kReply, Text("reply"));
  to.sender.Put(Small::kPong, Text("pong"));
  to.sender.PutSize(kSize);
  EXPECT_EQ(to.sender.Flush(), Outcome::kIdle);
  const std::string size{"jsmp\0\x40\0\x30", 8};
  EXPECT_EQ(to.Payloads(), (Payloads{size, "pong", "reply", "ping", std::string(40, 'i')}));
}

TEST(ViewerSenderTest, SeveralOfAKindWait_OnlyTheNewestIsSent) {
  Connection to;
  to.Join(Intra('i'));
  to.peer.room = 0;
  for (const std::string id : {"1", "2", "3"}) {
    to.sender.Put(Small::kReply, Text(id));
    to.sender.Flush();
  }
  to.peer.room = FakePeer::kUnlimited;
  EXPECT_EQ(to.sender.OnWritable(), Outcome::kIdle);
  EXPECT_EQ(to.Payloads(), (Payloads{"1", "3"})) << "the first was in flight already";
}

TEST(ViewerSenderTest, SmallMessageWhileAPictureIsHalfSent_FollowsIt) {
  Connection to;
  to.Join(Intra('i'));
  to.peer.room = 10;
  EXPECT_EQ(to.Push(Predicted('p')), Outcome::kFull);
  to.sender.Put(Small::kPong, Text("pong"));
  EXPECT_EQ(to.Push(Predicted('q')), Outcome::kStillFull);
  EXPECT_EQ(to.peer.sends, 3) << "a full socket is left alone";
  to.peer.room = FakePeer::kUnlimited;
  EXPECT_EQ(to.sender.OnWritable(), Outcome::kIdle);
  EXPECT_EQ(to.Payloads(), (Payloads{std::string(40, 'p'), "pong", std::string(40, 'q')}));
}

TEST(ViewerSenderTest, SentDirectlyOrNot_CountsTheSame) {
  for (const auto protocol : {StreamProtocol::kPlain, StreamProtocol::kV1, StreamProtocol::kClassic,
                              StreamProtocol::kV1Chunked}) {
    Connection queued(protocol);
    Connection direct(protocol);
    for (Connection* const to : {&queued, &direct}) {
      to->Join(Intra('i'));
    }
    for (const size_t room : {FakePeer::kUnlimited, size_t{7}, size_t{0}}) {
      queued.peer.room = direct.peer.room = room;
      const PicturePtr picture = Predicted('p');
      const Outcome outcome = room == FakePeer::kUnlimited ? Outcome::kIdle : Outcome::kFull;
      EXPECT_TRUE(direct.sender.can_send_directly());
      EXPECT_EQ(queued.Push(picture), outcome);
      EXPECT_EQ(direct.SendDirectly(picture), outcome);
      EXPECT_EQ(direct.sender.can_send_directly(), room == FakePeer::kUnlimited);
      for (Connection* const to : {&queued, &direct}) {
        to->peer.room = FakePeer::kUnlimited;
        EXPECT_EQ(to->sender.OnWritable(), Outcome::kIdle);
      }
    }
    EXPECT_EQ(direct.peer.received, queued.peer.received);
    EXPECT_EQ(direct.counts.pictures, 3U);
    EXPECT_EQ(queued.counts.pictures, 3U);
    EXPECT_EQ(direct.counts.bytes, direct.peer.received.size());
    EXPECT_EQ(queued.counts.bytes, queued.peer.received.size());
  }
}

TEST(ViewerSenderTest, CanSendDirectly_OnlyWhereTheNextPictureFollowsAndNothingWaits) {
  Connection to;
  EXPECT_FALSE(to.sender.can_send_directly()) << "nothing sent yet";
  to.Join(Intra('i'));
  EXPECT_TRUE(to.sender.can_send_directly());
  to.sender.Put(Small::kPong, Text("pong"));
  EXPECT_FALSE(to.sender.can_send_directly());
  to.sender.Flush();
  EXPECT_TRUE(to.sender.can_send_directly());
  to.sender.Lose();
  EXPECT_FALSE(to.sender.can_send_directly());
  to.Push(Intra('i'));
  EXPECT_TRUE(to.sender.can_send_directly());
  to.sender.Restart();
  EXPECT_FALSE(to.sender.can_send_directly());
  to.Push(Intra('i'));
  to.sender.PutClose(CloseMessage(wire::CloseCode::kGoingAway, ""));
  EXPECT_FALSE(to.sender.can_send_directly());
}

// Everything that a sender can do, where its socket is never full in between.
void SendAll(Connection& to, const std::function<void()>& step) {
  to.sender.PutSize(kSize);
  to.Push(Intra('i'));
  step();
  ASSERT_TRUE(to.sender.can_send_directly());
  to.SendDirectly(Predicted('p', 200));
  step();
  to.sender.Put(Small::kPong, Text("pong"));
  to.sender.Flush();
  step();
  to.Push(Predicted('q', 130));
  step();
  to.sender.PutClose(CloseMessage(wire::CloseCode::kGoingAway, "bye"));
  to.sender.Flush();
  step();
}

class ShortWriteTest : public testing::TestWithParam<StreamProtocol> {};

TEST_P(ShortWriteTest, SocketFullAfterEachByteInTurn_SameBytesAreSent) {
  Connection whole(GetParam());
  SendAll(whole, [] {});
  EXPECT_FALSE(WholeMessagesIn(whole.peer.received).empty());
  for (size_t room = 0; room <= whole.peer.received.size(); ++room) {
    SCOPED_TRACE(room);
    Connection to(GetParam());
    to.peer.room = room;
    SendAll(to, [&] {
      if (to.sender.is_full()) {
        to.peer.room = FakePeer::kUnlimited;
        to.sender.OnWritable();
      }
    });
    EXPECT_EQ(to.peer.received, whole.peer.received);
    EXPECT_EQ(to.counts.bytes, whole.counts.bytes);
    EXPECT_EQ(to.counts.pictures, 3U);
  }
}

TEST_P(ShortWriteTest, OneByteAtATime_SameBytesAreSent) {
  Connection whole(GetParam());
  SendAll(whole, [] {});
  Connection to(GetParam());
  to.peer.room = 1;
  SendAll(to, [&] {
    while (to.sender.is_full()) {
      to.peer.room = 1;
      to.sender.OnWritable();
    }
    to.peer.room = 1;
  });
  EXPECT_EQ(to.peer.received, whole.peer.received);
  EXPECT_EQ(to.counts.bytes, whole.counts.bytes);
  EXPECT_EQ(to.counts.pictures, 3U);
}

INSTANTIATE_TEST_SUITE_P(All, ShortWriteTest,
                         testing::Values(StreamProtocol::kPlain, StreamProtocol::kV1,
                                         StreamProtocol::kClassic, StreamProtocol::kV1Chunked));

TEST(ViewerSenderTest, Classic_TrailerBelongsToThePicture) {
  Connection to(StreamProtocol::kClassic);
  to.Join(Intra('i'));
  to.peer.room = 45;  // the picture, and the beginning of its trailer
  EXPECT_EQ(to.SendDirectly(Predicted('p')), Outcome::kFull);
  EXPECT_EQ(to.counts.pictures, 0U);
  to.sender.Put(Small::kPong, Text("pong"));
  to.peer.room = FakePeer::kUnlimited;
  EXPECT_EQ(to.sender.OnWritable(), Outcome::kIdle);
  EXPECT_EQ(to.Payloads(), (Payloads{std::string(40, 'p'), kTrailer, "pong"}));
  EXPECT_EQ(to.counts.pictures, 1U);
}

TEST(ViewerSenderTest, BeforeTheFirstIPicture_NothingIsSentAndNothingLost) {
  Connection to;
  EXPECT_FALSE(to.sender.Push(Predicted('p'), to.clock.Now()));
  EXPECT_EQ(to.sender.Flush(), Outcome::kIdle);
  EXPECT_EQ(to.counts.dropped, 0U);
  EXPECT_EQ(to.peer.received, "");
}

TEST(ViewerSenderTest, SizeChange_OnlyThePictureHeadersProtocolCanSayIt) {
  Connection plain;
  plain.Join(Intra('i'));
  EXPECT_EQ(plain.Push(Intra('j', 40, kOtherSize)), Outcome::kSizeChanged);
  EXPECT_EQ(plain.peer.received, "");
  EXPECT_FALSE(plain.sender.can_send_directly());
  plain.sender.PutClose(CloseMessage(wire::CloseCode::kServiceRestart, ""));
  EXPECT_EQ(plain.sender.Flush(), Outcome::kCloseSent);
  EXPECT_EQ(WholeMessagesIn(plain.peer.received).size(), 1U);

  Connection v1(StreamProtocol::kV1);
  v1.Join(Intra('i'));
  EXPECT_EQ(v1.Push(Intra('j', 40, kOtherSize)), Outcome::kIdle);
  const auto payloads = v1.Payloads();
  ASSERT_EQ(payloads.size(), 2U);
  EXPECT_EQ(payloads[0], (std::string{"jsmp\0\x20\0\x20", 8}));
  EXPECT_TRUE(payloads[1].ends_with(std::string(40, 'j')));
  EXPECT_TRUE(v1.sender.can_send_directly());
}

bool SaysDiscontinuity(const std::string& payload) {
  const auto header =
      wire::ParsePictureHeader({reinterpret_cast<const uint8_t*>(payload.data()), payload.size()});
  EXPECT_TRUE(header);
  return header && header->discontinuity;
}

TEST(ViewerSenderTest, Lose_NextIsAnIPictureThatSaysSo) {
  Connection to(StreamProtocol::kV1);
  to.Join(Intra('i'));
  to.peer.room = 5;
  to.Push(Predicted('p'));
  to.Push(Predicted('q'));
  to.sender.Lose();
  EXPECT_EQ(to.counts.dropped, 1U) << "what is half sent is finished";
  EXPECT_TRUE(to.sender.Push(Predicted('r'), to.clock.Now()));
  EXPECT_EQ(to.counts.dropped, 2U);
  EXPECT_FALSE(to.sender.Push(Intra('j'), to.clock.Now()));
  EXPECT_FALSE(to.sender.Push(Predicted('s'), to.clock.Now()));
  to.peer.room = FakePeer::kUnlimited;
  EXPECT_EQ(to.sender.OnWritable(), Outcome::kIdle);
  const auto payloads = to.Payloads();
  ASSERT_EQ(payloads.size(), 3U);
  for (const auto& [at, content, is_discontinuity] :
       {std::tuple(0U, 'p', false), std::tuple(1U, 'j', true), std::tuple(2U, 's', false)}) {
    EXPECT_EQ(payloads[at].back(), content);
    EXPECT_EQ(SaysDiscontinuity(payloads[at]), is_discontinuity) << content;
  }
}

TEST(ViewerSenderTest, Restart_WhatWaitsIsDroppedAndIsNoLoss) {
  Connection to(StreamProtocol::kV1);
  to.Join(Intra('i'));
  to.peer.room = 5;
  to.Push(Predicted('p'));
  to.Push(Predicted('q'));
  to.sender.Restart();
  EXPECT_FALSE(to.sender.Push(Predicted('r'), to.clock.Now()));
  to.sender.Push(Intra('j'), to.clock.Now());
  to.peer.room = FakePeer::kUnlimited;
  EXPECT_EQ(to.sender.OnWritable(), Outcome::kIdle);
  const auto payloads = to.Payloads();
  ASSERT_EQ(payloads.size(), 2U);
  EXPECT_EQ(payloads[0].back(), 'p');
  EXPECT_EQ(payloads[1].back(), 'j');
  EXPECT_TRUE(SaysDiscontinuity(payloads[1]));
  EXPECT_EQ(to.counts.dropped, 0U);
}

TEST(ViewerSenderTest, Close_FollowsWhatIsHalfSentAndPicturesThatWaitAreDropped) {
  Connection to;
  to.Join(Intra('i'));
  to.peer.room = 5;
  to.Push(Predicted('p'));
  to.Push(Predicted('q'));
  to.sender.Put(Small::kPong, Text("pong"));
  to.sender.PutClose(CloseMessage(wire::CloseCode::kGoingAway, "bye"));
  EXPECT_EQ(to.sender.Flush(), Outcome::kStillFull);
  to.peer.room = FakePeer::kUnlimited;
  EXPECT_EQ(to.sender.OnWritable(), Outcome::kCloseSent);
  EXPECT_EQ(to.Payloads(), (Payloads{std::string(40, 'p'), "pong",
                                     "\x03\xE9"
                                     "bye"}));
}

TEST(ViewerSenderTest, BrokenConnection_IsSaidByBothWays) {
  Connection to;
  to.Join(Intra('i'));
  to.peer.is_closed = true;
  EXPECT_EQ(to.SendDirectly(Predicted('p')), Outcome::kBroken);
  EXPECT_EQ(to.Push(Predicted('q')), Outcome::kBroken);
  EXPECT_EQ(to.counts.bytes, 0U);
}

TEST(ViewerSenderTest, LastProgress_IsOfTheLastByteTaken) {
  Connection to;
  to.Join(Intra('i'));
  to.peer.room = 5;
  to.clock.Advance(std::chrono::seconds(1));
  to.Push(Predicted('p'));
  const SteadyTime began = to.clock.Now();
  EXPECT_EQ(to.sender.last_progress(), began);
  to.clock.Advance(std::chrono::seconds(1));
  to.sender.OnWritable();
  EXPECT_EQ(to.sender.last_progress(), began) << "the socket took nothing";
  to.peer.room = 5;
  to.sender.OnWritable();
  EXPECT_EQ(to.sender.last_progress(), to.clock.Now());
  to.peer.room = FakePeer::kUnlimited;
  to.sender.OnWritable();
  const SteadyTime ended = to.clock.Now();
  to.clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(to.sender.Flush(), Outcome::kIdle);
  EXPECT_EQ(to.sender.last_progress(), ended) << "there was nothing to send";
}

// send() would take it, but it would lie in front of newer ones.
TEST(ViewerSenderTest, SocketIsNotWritable_NoPictureIsComposed) {
  Connection to;
  to.Join(Intra('i'));
  const int sends = to.peer.sends;
  to.peer.room = 0;
  EXPECT_EQ(to.Push(Predicted('p')), Outcome::kFull);
  EXPECT_EQ(to.peer.sends, sends) << "send() is not even called";
  EXPECT_EQ(to.sender.unsent_bytes(), 0U);
  EXPECT_TRUE(to.sender.is_full());
  EXPECT_FALSE(to.sender.can_send_directly());
  EXPECT_EQ(to.Push(Predicted('q')), Outcome::kStillFull);
  EXPECT_EQ(to.sender.OnWritable(), Outcome::kFull) << "it has filled again meanwhile";
  to.peer.room = FakePeer::kUnlimited;
  EXPECT_EQ(to.sender.OnWritable(), Outcome::kIdle);
  EXPECT_EQ(to.Payloads(), (Payloads{std::string(40, 'p'), std::string(40, 'q')}));
  EXPECT_EQ(to.counts.dropped, 0U);
}

TEST(ViewerSenderTest, SocketIsNotWritable_SmallMessagesAreTriedAllTheSame) {
  Connection to;
  to.Join(Intra('i'));
  to.peer.room = 0;
  to.sender.Put(Small::kPong, Text("pong"));
  to.sender.Push(Predicted('p'), to.clock.Now());
  EXPECT_EQ(to.sender.Flush(), Outcome::kFull);
  EXPECT_EQ(to.sender.unsent_bytes(), 2 + 4U);
  to.peer.room = 6;
  EXPECT_EQ(to.sender.OnWritable(), Outcome::kFull);
  EXPECT_EQ(to.Payloads(), (Payloads{"pong"}));
  EXPECT_EQ(to.sender.unsent_bytes(), 0U) << "the picture waits in its queue";
}

// What waits in the queue may still be replaced: it must say the size of what goes out.
TEST(ViewerSenderTest, SocketIsNotWritable_SizeIsNotToldBeforeItsPicture) {
  Connection to(StreamProtocol::kV1);
  to.Join(Intra('i'));
  to.peer.room = 0;
  EXPECT_EQ(to.Push(Intra('j', 40, kOtherSize)), Outcome::kFull);
  to.sender.Push(Intra('k'), to.clock.Now() + std::chrono::seconds(1));
  to.peer.room = FakePeer::kUnlimited;
  EXPECT_EQ(to.sender.OnWritable(), Outcome::kIdle);
  const auto payloads = to.Payloads();
  ASSERT_EQ(payloads.size(), 1U) << "the size is the old one again";
  EXPECT_TRUE(payloads[0].ends_with(std::string(40, 'k')));
}

TEST(ViewerSenderTest, PictureOlderThanTheAgeLimit_IsReplacedByTheNextIPicture) {
  Connection to;
  to.Join(Intra('i'));
  to.sender.SetAgeLimit(std::chrono::milliseconds(150));
  to.peer.room = 0;
  to.Push(Predicted('p'));
  to.clock.Advance(std::chrono::milliseconds(150));
  EXPECT_FALSE(to.sender.Push(Predicted('q'), to.clock.Now()));
  EXPECT_EQ(to.counts.dropped, 0U);
  to.clock.Advance(std::chrono::milliseconds(1));
  EXPECT_TRUE(to.sender.Push(Predicted('r'), to.clock.Now()));
  EXPECT_EQ(to.counts.dropped, 3U);
  EXPECT_TRUE(to.sender.awaits_keyframe());
}

TEST(ViewerSenderTest, Log_HasEachPictureThatGoesOutWithAllOfItsBytes) {
  for (const auto protocol :
       {StreamProtocol::kPlain, StreamProtocol::kV1, StreamProtocol::kClassic}) {
    Connection to(protocol);
    SentLog log;
    to.sender.SetLog(&log);
    to.sender.PutSize(kSize);
    EXPECT_EQ(to.sender.Flush(), Outcome::kIdle);
    EXPECT_EQ(log.size(), 0U) << "pictures only";
    const size_t before = to.peer.received.size();
    to.Push(Intra('i'));
    to.clock.Advance(std::chrono::milliseconds(40));
    to.Push(Predicted('p'));
    ASSERT_EQ(log.size(), 2U);
    EXPECT_EQ(log.total_bytes(), to.peer.received.size() - before);
    EXPECT_TRUE(log[0].is_intra);
    EXPECT_FALSE(log[1].is_intra);
    EXPECT_EQ(log[1].at, to.clock.Now());
    to.sender.SetLog(nullptr);
    to.Push(Predicted('q'));
    EXPECT_EQ(log.size(), 2U);
  }
}

TEST(ViewerSenderTest, Log_HasAPictureOnceItIsHandedToTheSocket) {
  Connection to;
  SentLog log;
  to.Join(Intra('i'));
  to.sender.SetLog(&log);
  to.peer.room = 10;
  to.Push(Predicted('p'));
  to.Push(Predicted('q'));
  EXPECT_EQ(log.total_bytes(), 2 + 40U) << "one is partly in flight, the other waits";
  EXPECT_EQ(to.sender.unsent_bytes(), 42 - 10U);
  to.clock.Advance(std::chrono::milliseconds(100));
  to.peer.room = FakePeer::kUnlimited;
  to.sender.OnWritable();
  ASSERT_EQ(log.size(), 2U);
  EXPECT_EQ(log[1].at, to.clock.Now());
  EXPECT_EQ(to.sender.unsent_bytes(), 0U);
}

TEST(ViewerSenderTest, SwitchTo_NextIsAnIPictureAndTheOtherTrackCounts) {
  Connection to(StreamProtocol::kV1);
  to.Join(Intra('i'));
  to.peer.room = 0;
  to.Push(Predicted('p'));
  SendCounts other;
  to.sender.SwitchTo(other);
  to.peer.room = FakePeer::kUnlimited;
  EXPECT_EQ(to.sender.OnWritable(), Outcome::kIdle);
  EXPECT_EQ(to.Push(Predicted('q')), Outcome::kIdle);
  EXPECT_TRUE(to.Payloads().empty());
  to.Push(Intra('j', 40, kOtherSize));
  const auto payloads = to.Payloads();
  ASSERT_EQ(payloads.size(), 2U);
  EXPECT_EQ(payloads[0], (std::string{"jsmp\0\x20\0\x20", 8}));
  EXPECT_TRUE(SaysDiscontinuity(payloads[1]));
  EXPECT_EQ(other.pictures, 1U);
  EXPECT_EQ(other.bytes, to.peer.received.size());
  EXPECT_EQ(to.counts.bytes + to.counts.pictures + to.counts.dropped, 0U);
  EXPECT_EQ(other.dropped, 0U) << "what waited is no loss";
}

// The picture that is half sent is finished: the messages stay whole.
TEST(ViewerSenderTest, SwitchToWhileAPictureIsHalfSent_FollowsIt) {
  Connection to(StreamProtocol::kV1);
  to.Join(Intra('i'));
  to.peer.room = 10;
  to.Push(Predicted('p'));
  SendCounts other;
  to.sender.SwitchTo(other);
  to.sender.Push(Intra('j', 40, kOtherSize), to.clock.Now());
  to.peer.room = FakePeer::kUnlimited;
  EXPECT_EQ(to.sender.OnWritable(), Outcome::kIdle);
  const auto payloads = to.Payloads();
  ASSERT_EQ(payloads.size(), 3U);
  EXPECT_TRUE(payloads[0].ends_with('p'));
  EXPECT_TRUE(payloads[1].starts_with("jsmp"));
  EXPECT_TRUE(payloads[2].ends_with('j'));
}

TEST(ViewerSenderTest, Drop_CountsAndTheNextSaysSo) {
  Connection to(StreamProtocol::kV1);
  to.Join(Intra('i'));
  to.sender.Lose();
  to.sender.Drop();
  to.sender.Drop();
  EXPECT_EQ(to.counts.dropped, 2U);
  to.Push(Intra('j'));
  const auto payloads = to.Payloads();
  ASSERT_EQ(payloads.size(), 1U);
  EXPECT_TRUE(SaysDiscontinuity(payloads[0]));
}

TEST(ViewerSenderTest, LineMessage_GoesBehindRepliesAndBeforePings) {
  Connection to;
  to.Join(Intra('i'));
  to.sender.Put(Small::kPing, Text("ping"));
  to.sender.Put(Small::kLine, Text("line"));
  to.sender.Put(Small::kReply, Text("reply"));
  to.sender.Flush();
  EXPECT_EQ(to.Payloads(), (Payloads{"reply", "line", "ping"}));
}

TEST(ViewerSenderTest, Chunks_EachHasOneMessageAndTheLastIsEmpty) {
  Connection to(StreamProtocol::kV1Chunked);
  to.sender.PutSize(kSize);
  EXPECT_EQ(to.Push(Intra('i', 200)), Outcome::kIdle);
  EXPECT_EQ(to.SendDirectly(Predicted('p', 1)), Outcome::kIdle);
  to.sender.PutClose(CloseMessage(wire::CloseCode::kGoingAway, "bye"));
  EXPECT_EQ(to.sender.Flush(), Outcome::kCloseSent);
  const std::string& received = to.peer.received;
  EXPECT_TRUE(received.starts_with("a\r\n\x82\x08jsmp")) << received;
  EXPECT_NE(received.find("\r\nec\r\n\x82\x7E"), std::string::npos) << "4 + 32 + 200 bytes";
  EXPECT_NE(received.find("\r\n23\r\n\x82\x21"), std::string::npos) << "2 + 32 + 1 bytes";
  EXPECT_TRUE(
      received.ends_with("p\r\n7\r\n\x88\x05\x03\xE9"
                         "bye\r\n0\r\n\r\n"));
  EXPECT_EQ(WholeMessagesIn(received).size(), 4U);
}

}  // namespace
}  // namespace pistream
