#include "src/viewer/control_message.h"

#include <string>

#include "gtest/gtest.h"

namespace pistream {
namespace {

TEST(ParseControlMessageTest, Ping_GivesItsId) {
  const auto message = ParseControlMessage(R"({"id": 9007199254740991, "type":"ping", "x":[1]})");
  ASSERT_TRUE(std::holds_alternative<PingRequest>(message));
  EXPECT_EQ(std::get<PingRequest>(message).id, 9007199254740991u);
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
           "", "{", "null", "7", "\"ping\"", "[]", "{}", R"({"type":7})", R"({"type":"reports"})",
           R"({"type":"ping"})", R"({"type":"ping","id":-1})", R"({"type":"ping","id":1.5})",
           R"({"type":"ping","id":"1"})", R"({"type":"ping","id":9007199254740992})",
           R"({"type":"ping","id":99999999999999999999})", R"({"type":"keyframe"} x)",
           std::string(4096, '['), std::string(4096, '7'),
           "{\"a\":" + std::string(2000, '[') + std::string(2000, ']') + "}"}) {
    EXPECT_TRUE(std::holds_alternative<UnknownMessage>(ParseControlMessage(text))) << text;
  }
}

TEST(MakePongTest, TellsIdAndClock) {
  EXPECT_EQ(MakePong(7, SteadyTime(std::chrono::nanoseconds(123456789012345))),
            R"({"type":"pong","id":7,"server_ns":"123456789012345"})");
  EXPECT_LE(MakePong(UINT64_MAX, SteadyTime::max()).size(), 125u);
}

}  // namespace
}  // namespace pistream
