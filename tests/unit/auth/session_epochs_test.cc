#include "src/auth/session_epochs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "gtest/gtest.h"

namespace pistream {
namespace {

namespace fs = std::filesystem;

class SessionEpochsTest : public testing::Test {
 protected:
  SessionEpochsTest() { fs::create_directories(folder_); }
  ~SessionEpochsTest() override { fs::remove_all(folder_); }

  const fs::path folder_ = fs::path(testing::TempDir()) / "session_epochs_test";
  const fs::path file_ = folder_ / "sessions";
};

TEST_F(SessionEpochsTest, InMemory_TheSecretIsAnotherAtEachStart) {
  EXPECT_NE(SessionEpochs().secret(), SessionEpochs().secret());
}

TEST_F(SessionEpochsTest, WhoMayWatch_EndsOnlyTheSessionsOfThose) {
  SessionEpochs epochs;
  const uint64_t view = epochs.Of(Role::kView);
  const uint64_t control = epochs.Of(Role::kControl);
  ASSERT_TRUE(epochs.End(Role::kView));
  EXPECT_NE(epochs.Of(Role::kView), view);
  EXPECT_EQ(epochs.Of(Role::kControl), control);
}

TEST_F(SessionEpochsTest, WhoMayControl_EndsAll) {
  SessionEpochs epochs;
  const uint64_t view = epochs.Of(Role::kView);
  const uint64_t control = epochs.Of(Role::kControl);
  ASSERT_TRUE(epochs.End(Role::kControl));
  EXPECT_NE(epochs.Of(Role::kView), view);
  EXPECT_NE(epochs.Of(Role::kControl), control);
}

TEST_F(SessionEpochsTest, File_KeepsThemOverARestart) {
  SessionEpochs first;
  ASSERT_TRUE(SessionEpochs::Load(file_, first));
  SessionEpochs second;
  ASSERT_TRUE(SessionEpochs::Load(file_, second));
  EXPECT_EQ(second.secret(), first.secret());
  EXPECT_EQ(second.Of(Role::kView), first.Of(Role::kView));
  EXPECT_EQ(second.Of(Role::kControl), first.Of(Role::kControl));
  ASSERT_TRUE(second.End(Role::kView));
  SessionEpochs third;
  ASSERT_TRUE(SessionEpochs::Load(file_, third));
  EXPECT_EQ(third.Of(Role::kView), second.Of(Role::kView));
  EXPECT_EQ(third.Of(Role::kControl), first.Of(Role::kControl));
}

TEST_F(SessionEpochsTest, LostOrFaultyFile_EndsAllSessions) {
  SessionEpochs before;
  ASSERT_TRUE(SessionEpochs::Load(file_, before));
  std::ifstream reader(file_);
  const std::string good{std::istreambuf_iterator<char>(reader), {}};
  for (const std::string& text : {std::string(), std::string("rubbish"), good.substr(0, 22),
                                  good + "x", std::string("pistream-sessions-1 1 2\n")}) {
    std::ofstream(file_, std::ios::trunc) << text;
    SessionEpochs after;
    ASSERT_TRUE(SessionEpochs::Load(file_, after));
    EXPECT_NE(after.secret(), before.secret()) << text;
    EXPECT_NE(after.Of(Role::kView), before.Of(Role::kView)) << text;
    EXPECT_NE(after.Of(Role::kControl), before.Of(Role::kControl)) << text;
    SessionEpochs again;
    ASSERT_TRUE(SessionEpochs::Load(file_, again));
    EXPECT_EQ(again.Of(Role::kView), after.Of(Role::kView)) << "and is whole again";
  }
  fs::remove(file_);
  SessionEpochs after;
  ASSERT_TRUE(SessionEpochs::Load(file_, after));
  EXPECT_NE(after.Of(Role::kView), before.Of(Role::kView));
}

TEST_F(SessionEpochsTest, FileThatCannotBeWritten_SessionsEndAllTheSame) {
  SessionEpochs epochs;
  ASSERT_TRUE(SessionEpochs::Load(file_, epochs));
  const uint64_t view = epochs.Of(Role::kView);
  fs::remove_all(folder_);
  EXPECT_FALSE(epochs.End(Role::kView));
  EXPECT_NE(epochs.Of(Role::kView), view);
  SessionEpochs other;
  EXPECT_FALSE(SessionEpochs::Load(file_, other));
}

}  // namespace
}  // namespace pistream
