#include "src/net/control_message.h"

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

TEST(ParseControlMessageTest, AnythingElse_IsUnknown) {
  for (const std::string& text : std::initializer_list<std::string>{
           "", "{", "null", "7", "\"ping\"", "[]", "{}", R"({"type":7})", R"({"type":"report"})",
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
