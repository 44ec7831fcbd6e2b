#include "src/viewer/control_message.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "gtest/gtest.h"

namespace pistream {
namespace {

TEST(ParseControlMessageTest, Ping_GivesItsId) {
  const auto message = ParseControlMessage(R"({"id": 9007199254740991, "type":"ping", "x":[1]})");
  ASSERT_TRUE(std::holds_alternative<PingRequest>(message));
  EXPECT_EQ(std::get<PingRequest>(message).id, 9007199254740991u);
}

std::optional<uint64_t> SeenIn(const std::string& ping) {
  const auto message = ParseControlMessage(ping);
  EXPECT_TRUE(std::holds_alternative<PingRequest>(message)) << ping;
  return std::get<PingRequest>(message).seen;
}

TEST(ParseControlMessageTest, PingWithSeen_GivesIt) {
  EXPECT_EQ(SeenIn(R"({"type":"ping","id":7})"), std::nullopt);
  EXPECT_EQ(SeenIn(R"({"type":"ping","id":7,"seen":0})"), 0U);
  EXPECT_EQ(SeenIn(R"({"type":"ping","seen":9007199254740991,"id":7})"), 9007199254740991U);
}

TEST(ParseControlMessageTest, PingWithBadSeen_IsAPingWithoutIt) {
  for (const std::string seen :
       {"-1", "1.5", "\"1\"", "null", "[1]", "true", "9007199254740992", "99999999999999999999"}) {
    EXPECT_EQ(SeenIn(R"({"type":"ping","id":7,"seen":)" + seen + "}"), std::nullopt) << seen;
  }
}

TEST(ParseControlMessageTest, Quality_IsOneOfThree) {
  for (const auto& [name, quality] :
       {std::pair("auto", Quality::kAuto), std::pair("full", Quality::kFull),
        std::pair("low", Quality::kLow)}) {
    const auto message =
        ParseControlMessage(std::string(R"({"type":"quality","value":")") + name + R"("})");
    ASSERT_TRUE(std::holds_alternative<QualityRequest>(message)) << name;
    EXPECT_EQ(std::get<QualityRequest>(message).quality, quality);
  }
}

TEST(ParseControlMessageTest, Keyframe_IsKnown) {
  EXPECT_TRUE(
      std::holds_alternative<KeyframeRequest>(ParseControlMessage(R"({"type":"keyframe"})")));
}

ViewerReport Report(const std::string& members) {
  const auto message = ParseControlMessage(R"({"type":"report")" + members + "}");
  EXPECT_TRUE(std::holds_alternative<ViewerReport>(message)) << members;
  return std::get<ViewerReport>(message);
}

TEST(ParseControlMessageTest, Report_GivesItsNumbers) {
  const ViewerReport report =
      Report(R"(,"seconds":5,"received":121,"decoded":120.0,"shown":1e2,"dropped":0,)"
             R"("delay_p50_ms":4.5,"delay_p95_ms":3600000,"decode_p50_ms":0)");
  EXPECT_EQ(report.received, 121);
  EXPECT_EQ(report.decoded, 120);
  EXPECT_EQ(report.shown, 100);
  EXPECT_EQ(report.dropped, 0);
  EXPECT_EQ(report.delay_p50_ms, 4.5);
  EXPECT_EQ(report.delay_p95_ms, 3'600'000);
  EXPECT_EQ(report.decode_p50_ms, 0);
}

TEST(ParseControlMessageTest, ReportWithoutMembers_IsEmpty) {
  const ViewerReport report = Report("");
  EXPECT_FALSE(report.received || report.decoded || report.shown || report.dropped);
  EXPECT_FALSE(report.delay_p50_ms || report.delay_p95_ms || report.decode_p50_ms);
}

TEST(ParseControlMessageTest, ReportWithBadMember_OnlyThatIsEmpty) {
  for (const std::string value :
       {"-1", "0.5", "100001", "1e300", "18446744073709551615", "\"7\"", "null", "[7]", "true"}) {
    const ViewerReport report = Report(R"(,"shown":7,"received":)" + value);
    EXPECT_FALSE(report.received) << value;
    EXPECT_EQ(report.shown, 7);
  }
  for (const std::string value : {"-0.001", "3600000.1", "1e300", "\"7\"", "null"}) {
    const ViewerReport report = Report(R"(,"delay_p95_ms":7,"delay_p50_ms":)" + value);
    EXPECT_FALSE(report.delay_p50_ms) << value;
    EXPECT_EQ(report.delay_p95_ms, 7);
  }
}

TEST(ParseControlMessageTest, AnythingElse_IsUnknown) {
  for (const std::string& text : std::initializer_list<std::string>{
           "",
           "{",
           "null",
           "7",
           "\"ping\"",
           "[]",
           "{}",
           R"({"type":7})",
           R"({"type":"reports"})",
           R"({"type":"quality"})",
           R"({"type":"quality","value":"Full"})",
           R"({"type":"quality","value":""})",
           R"({"type":"quality","value":1})",
           R"({"type":"quality","value":null})",
           R"({"type":"ping"})",
           R"({"type":"ping","id":-1})",
           R"({"type":"ping","id":1.5})",
           R"({"type":"ping","id":"1"})",
           R"({"type":"ping","id":9007199254740992})",
           R"({"type":"ping","id":99999999999999999999})",
           R"({"type":"keyframe"} x)",
           std::string(4096, '['),
           std::string(4096, '7'),
           "{\"a\":" + std::string(2000, '[') + std::string(2000, ']') + "}"}) {
    EXPECT_TRUE(std::holds_alternative<UnknownMessage>(ParseControlMessage(text))) << text;
  }
}

TEST(MakePongTest, TellsIdAndClock) {
  EXPECT_EQ(MakePong(7, SteadyTime(std::chrono::nanoseconds(123456789012345))),
            R"({"type":"pong","id":7,"server_ns":"123456789012345"})");
  EXPECT_LE(MakePong(UINT64_MAX, SteadyTime::max()).size(), 125u);
}

boost::json::object LineMessage(const LineReport& report) {
  const std::string message = MakeLineMessage(report);
  EXPECT_LE(message.size(), 125U) << message;
  return boost::json::parse(message).as_object();
}

TEST(MakeLineMessageTest, TellsWhatIsKnown) {
  EXPECT_EQ(MakeLineMessage({.rate_bps = 412'345,
                             .delay = std::chrono::microseconds(35'999),
                             .scale = VideoScale::kHalf,
                             .switches = 3,
                             .reason = "too slow for this size"}),
            R"({"type":"line","rate_bps":412000,"delay_ms":35,"track":"half","switches":3,)"
            R"("reason":"too slow for this size"})");
}

TEST(MakeLineMessageTest, RateIsNotKnown_IsLeftOut) {
  const auto message = LineMessage({.reason = "the line carries all"});
  EXPECT_FALSE(message.contains("rate_bps"));
  EXPECT_EQ(message.at("delay_ms"), 0);
  EXPECT_EQ(message.at("track"), "full");
  EXPECT_EQ(message.at("switches"), 0);
  EXPECT_EQ(message.at("reason"), "the line carries all");
}

TEST(MakeLineMessageTest, EachTrack_HasItsName) {
  EXPECT_EQ(LineMessage({.scale = VideoScale::kFull, .reason = ""}).at("track"), "full");
  EXPECT_EQ(LineMessage({.scale = VideoScale::kHalf, .reason = ""}).at("track"), "half");
  EXPECT_EQ(LineMessage({.scale = VideoScale::kQuarter, .reason = ""}).at("track"), "quarter");
}

// A line of 10 Gbit/s, a day of delay, more moves than anybody makes, the longest reason.
TEST(MakeLineMessageTest, LargestValues_FitASmallMessage) {
  const auto message = LineMessage({.rate_bps = 9'999'999'999,
                                    .delay = std::chrono::hours(24),
                                    .scale = VideoScale::kQuarter,
                                    .switches = INT64_MAX,
                                    .reason = std::string_view("large pictures take long")});
  EXPECT_EQ(message.at("rate_bps"), 9'999'999'000);
  EXPECT_EQ(message.at("delay_ms"), 99'000);
  EXPECT_EQ(message.at("switches"), 9999);
}

}  // namespace
}  // namespace pistream
