#include "src/app/reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace pistream {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Listener = ReloadPlan::Listener;

StreamConfig Stream(const std::string& name, const std::string& camera) {
  StreamConfig stream;
  stream.name = name;
  stream.source = {SourceChoice::Kind::kLibcamera, camera};
  return stream;
}

Config TwoStreams() {
  Config config;
  config.streams = {Stream("garden", "one"), Stream("door", "two")};
  return config;
}

// Nothing happens to either stream.
ReloadPlan NoPlan() {
  ReloadPlan plan;
  plan.order = {"garden", "door"};
  return plan;
}

TEST(ReloadTest, SameConfig_ChangesNothing) {
  const ReloadPlan plan = Plan(TwoStreams(), TwoStreams());
  EXPECT_EQ(plan, NoPlan());
  EXPECT_EQ(ToString(plan), "nothing");
}

// One field of the listener.
struct ListenerCase {
  const char* name;
  void (*change)(ListenerConfig& listener);
  Listener expected;
};

void PrintTo(const ListenerCase& one, std::ostream* out) { *out << one.name; }

class ListenerFieldTest : public testing::TestWithParam<ListenerCase> {};

TEST_P(ListenerFieldTest, DiffersAlone_TouchesOnlyTheListener) {
  Config wanted = TwoStreams();
  GetParam().change(wanted.listener);
  ReloadPlan expected = NoPlan();
  expected.listener = GetParam().expected;
  EXPECT_EQ(Plan(TwoStreams(), wanted), expected);
  EXPECT_EQ(Plan(wanted, TwoStreams()), expected);
}

INSTANTIATE_TEST_SUITE_P(
    All, ListenerFieldTest,
    testing::Values(
        ListenerCase{"address", [](ListenerConfig& l) { l.address = "::"; }, Listener::kSockets},
        ListenerCase{"port", [](ListenerConfig& l) { l.port = 1; }, Listener::kSockets},
        ListenerCase{"ws_port", [](ListenerConfig& l) { l.ws_port = 1; }, Listener::kSockets},
        ListenerCase{"no_ws_port", [](ListenerConfig& l) { l.ws_port.reset(); },
                     Listener::kSockets},
        ListenerCase{"threads", [](ListenerConfig& l) { l.threads = 2; }, Listener::kThreads},
        ListenerCase{"web_root", [](ListenerConfig& l) { l.web_root = "/"; },
                     Listener::kNewRequests},
        ListenerCase{"host_names", [](ListenerConfig& l) { l.host_names = {"cam"}; },
                     Listener::kNewRequests},
        ListenerCase{"trusted_proxies", [](ListenerConfig& l) { l.trusted_proxies.resize(1); },
                     Listener::kNewRequests},
        ListenerCase{"allowed_origins", [](ListenerConfig& l) { l.allowed_origins = {"http://a"}; },
                     Listener::kNewRequests}),
    [](const auto& one) { return one.param.name; });

TEST(ReloadTest, SocketsAndSettings_ListenAgain) {
  Config wanted = TwoStreams();
  wanted.listener.port = 1;
  wanted.listener.web_root = "/";
  EXPECT_EQ(Plan(TwoStreams(), wanted).listener, Listener::kSockets);
  wanted.listener.threads = 2;
  EXPECT_EQ(Plan(TwoStreams(), wanted).listener, Listener::kThreads);
}

// One field of a stream.
struct StreamCase {
  const char* name;
  void (*change)(StreamConfig& stream);
  bool of_camera;  // otherwise of the encoder
};

void PrintTo(const StreamCase& one, std::ostream* out) { *out << one.name; }

class StreamFieldTest : public testing::TestWithParam<StreamCase> {};

TEST_P(StreamFieldTest, DiffersAlone_RestartsOnlyWhatUsesIt) {
  Config wanted = TwoStreams();
  GetParam().change(wanted.streams[1]);
  ReloadPlan expected;
  expected.order = {"garden", "door"};
  (GetParam().of_camera ? expected.restart_camera : expected.restart_encoder) = {wanted.streams[1]};
  EXPECT_EQ(Plan(TwoStreams(), wanted), expected);
}

INSTANTIATE_TEST_SUITE_P(
    All, StreamFieldTest,
    testing::Values(
        StreamCase{"source_kind",
                   [](StreamConfig& s) { s.source.kind = SourceChoice::Kind::kSimulated; }, true},
        StreamCase{"source_detail", [](StreamConfig& s) { s.source.detail = "three"; }, true},
        StreamCase{"width", [](StreamConfig& s) { s.camera.format.size.width = 320; }, true},
        StreamCase{"height", [](StreamConfig& s) { s.camera.format.size.height = 240; }, true},
        StreamCase{"framerate", [](StreamConfig& s) { s.camera.format.framerate = {30, 1}; }, true},
        StreamCase{"hflip", [](StreamConfig& s) { s.camera.hflip = true; }, true},
        StreamCase{"vflip", [](StreamConfig& s) { s.camera.vflip = true; }, true},
        StreamCase{"controls", [](StreamConfig& s) { s.camera.controls = {{"Brightness", 0.2}}; },
                   true},
        StreamCase{"bitrate", [](StreamConfig& s) { s.bitrate_bps = 900'000; }, false},
        StreamCase{"gop", [](StreamConfig& s) { s.gop_pictures = 12; }, false}),
    [](const auto& one) { return one.param.name; });

TEST(ReloadTest, CameraAndBitrate_RestartTheCameraOnly) {
  Config wanted = TwoStreams();
  wanted.streams[0].camera.hflip = true;
  wanted.streams[0].bitrate_bps = 900'000;
  const ReloadPlan plan = Plan(TwoStreams(), wanted);
  EXPECT_THAT(plan.restart_camera, ElementsAre(wanted.streams[0]));
  EXPECT_THAT(plan.restart_encoder, IsEmpty());
}

TEST(ReloadTest, LogLevel_IsSetAlone) {
  Config wanted = TwoStreams();
  wanted.log_level = log::Level::kDebug;
  ReloadPlan expected = NoPlan();
  expected.log_level = log::Level::kDebug;
  EXPECT_EQ(Plan(TwoStreams(), wanted), expected);
}

TEST(ReloadTest, StreamAddedAtTheEnd_LeavesTheOthers) {
  Config wanted = TwoStreams();
  wanted.streams.push_back(Stream("attic", "three"));
  ReloadPlan expected = NoPlan();
  expected.add = {wanted.streams[2]};
  expected.order = {"garden", "door", "attic"};
  EXPECT_EQ(Plan(TwoStreams(), wanted), expected);
}

TEST(ReloadTest, LastStreamRemoved_LeavesTheOthers) {
  Config wanted = TwoStreams();
  wanted.streams.pop_back();
  ReloadPlan expected;
  expected.remove = {"door"};
  expected.order = {"garden"};
  EXPECT_EQ(Plan(TwoStreams(), wanted), expected);
}

TEST(ReloadTest, FirstStreamRemoved_MakesTheNextTheRoots) {
  Config wanted = TwoStreams();
  wanted.streams.erase(wanted.streams.begin());
  ReloadPlan expected;
  expected.remove = {"garden"};
  expected.order = {"door"};
  expected.is_reordered = true;
  EXPECT_EQ(Plan(TwoStreams(), wanted), expected);
}

TEST(ReloadTest, StreamAddedInFront_IsTheRoots) {
  Config wanted = TwoStreams();
  wanted.streams.insert(wanted.streams.begin(), Stream("attic", "three"));
  ReloadPlan expected = NoPlan();
  expected.add = {wanted.streams[0]};
  expected.order = {"attic", "garden", "door"};
  expected.is_reordered = true;
  EXPECT_EQ(Plan(TwoStreams(), wanted), expected);
}

TEST(ReloadTest, OrderAlone_RestartsNothing) {
  Config wanted = TwoStreams();
  std::swap(wanted.streams[0], wanted.streams[1]);
  ReloadPlan expected;
  expected.order = {"door", "garden"};
  expected.is_reordered = true;
  EXPECT_EQ(Plan(TwoStreams(), wanted), expected);
}

TEST(ReloadTest, RenamedStream_IsRemovedAndAdded) {
  Config wanted = TwoStreams();
  wanted.streams[1].name = "gate";
  ReloadPlan expected;
  expected.remove = {"door"};
  expected.add = {wanted.streams[1]};
  expected.order = {"garden", "gate"};
  EXPECT_EQ(Plan(TwoStreams(), wanted), expected);
}

TEST(ReloadTest, CamerasSwapped_RestartBoth) {
  Config wanted = TwoStreams();
  std::swap(wanted.streams[0].source, wanted.streams[1].source);
  ReloadPlan expected;
  expected.restart_camera = wanted.streams;
  expected.order = {"garden", "door"};
  EXPECT_EQ(Plan(TwoStreams(), wanted), expected);
}

TEST(ReloadTest, ToStringOfOtherTokensAlone_IsNotNothing) {
  ReloadPlan plan = Plan(TwoStreams(), TwoStreams());
  plan.access = "other tokens";
  EXPECT_EQ(ToString(plan), "other tokens");
}

TEST(ReloadTest, ToString_NamesWhatHappens) {
  Config wanted = TwoStreams();
  wanted.streams[0].bitrate_bps = 900'000;
  wanted.streams[1] = Stream("attic", "three");
  wanted.listener.port = 1;
  EXPECT_EQ(ToString(Plan(TwoStreams(), wanted)),
            "remove door; restart the encoder of garden; add attic; listen on other ports");
}

}  // namespace
}  // namespace pistream
