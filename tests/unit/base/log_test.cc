#include "src/base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>

#include "src/base/thread_name.h"

namespace pistream {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;

class LogTest : public testing::Test {
 protected:
  void TearDown() override { log::SetLevel(log::Level::kInfo); }

  static std::string StderrOf(const std::function<void()>& action) {
    testing::internal::CaptureStderr();
    action();
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(LogTest, Info_ByDefault_IsOneLineWithTimeLevelThreadAndText) {
  std::string line;
  std::thread([&] {
    SetThreadName("camera");
    line = StderrOf([] { log::Info("{} of {}", 1, "two"); });
  }).join();
  EXPECT_THAT(line, MatchesRegex("....-..-..T..:..:...... I .camera. 1 of two\n"));
}

TEST_F(LogTest, Debug_ByDefault_IsNotWritten) {
  EXPECT_THAT(StderrOf([] { log::Debug("detail"); }), IsEmpty());
}

TEST_F(LogTest, SetLevel_LinesBelowIt_AreNotWritten) {
  log::SetLevel(log::Level::kWarning);
  const std::string lines = StderrOf([] {
    log::Info("quiet");
    log::Warning("loud");
    log::Error("louder");
  });
  EXPECT_THAT(lines, HasSubstr(" W "));
  EXPECT_THAT(lines, HasSubstr("loud\n"));
  EXPECT_THAT(lines, HasSubstr(" E "));
  EXPECT_THAT(lines, HasSubstr("louder\n"));
  EXPECT_THAT(lines, Not(HasSubstr("quiet")));
}

TEST_F(LogTest, SetLevel_Off_WritesNothing) {
  log::SetLevel(log::Level::kOff);
  EXPECT_THAT(StderrOf([] { log::Error("lost"); }), IsEmpty());
}

TEST_F(LogTest, Write_BracesInTheText_AreLeftAlone) {
  EXPECT_THAT(StderrOf([] { log::Write(log::Level::kInfo, "{} {0}"); }), HasSubstr("{} {0}\n"));
}

TEST_F(LogTest, Lines_DoNotGoToStdout) {
  testing::internal::CaptureStdout();
  StderrOf([] { log::Error("for people"); });
  EXPECT_THAT(testing::internal::GetCapturedStdout(), IsEmpty());
}

}  // namespace
}  // namespace pistream
