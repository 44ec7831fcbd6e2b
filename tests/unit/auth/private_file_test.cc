#include "src/auth/private_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pistream {
namespace {

using testing::HasSubstr;

namespace fs = std::filesystem;

class PrivateFileTest : public testing::Test {
 protected:
  PrivateFileTest() { fs::create_directories(folder_); }
  ~PrivateFileTest() override { fs::remove_all(folder_); }

  fs::path Path(const std::string& name) const { return folder_ / name; }

  static mode_t ModeOf(const fs::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 07777;
  }

  fs::path WithMode(const std::string& name, mode_t mode) const {
    const fs::path path = Path(name);
    std::ofstream(path) << "text";
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }

  size_t FilesInFolder() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  const fs::path folder_ = fs::path(testing::TempDir()) / "private_file_test";
};

TEST_F(PrivateFileTest, NewFile_IsReadableByItsOwnerOnly) {
  const mode_t before = ::umask(0);
  ASSERT_TRUE(CreatePrivateFile(Path("new"), "text"));
  ASSERT_TRUE(WritePrivateFile(Path("other"), "other text"));
  ::umask(before);
  EXPECT_EQ(ModeOf(Path("new")), 0600U);
  EXPECT_EQ(ModeOf(Path("other")), 0600U);
  EXPECT_EQ(*ReadPrivateFile(Path("new"), Readers::kOwner, 100), "text");
  EXPECT_EQ(*ReadPrivateFile(Path("other"), Readers::kOwner, 100), "other text");
}

TEST_F(PrivateFileTest, Create_NeverReplaces) {
  ASSERT_TRUE(CreatePrivateFile(Path("file"), "first"));
  const auto second = CreatePrivateFile(Path("file"), "second");
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("File exists"));
  EXPECT_EQ(*ReadPrivateFile(Path("file"), Readers::kOwner, 100), "first");
  fs::create_symlink(Path("nothing"), Path("link"));
  EXPECT_FALSE(CreatePrivateFile(Path("link"), "second")) << "a link that leads nowhere";
  EXPECT_EQ(FilesInFolder(), 2U) << "nothing is left behind";
}

TEST_F(PrivateFileTest, Write_Replaces) {
  ASSERT_TRUE(WritePrivateFile(Path("file"), "first"));
  ASSERT_TRUE(WritePrivateFile(Path("file"), "second"));
  EXPECT_EQ(*ReadPrivateFile(Path("file"), Readers::kOwner, 100), "second");
  EXPECT_EQ(FilesInFolder(), 1U);
}

TEST_F(PrivateFileTest, FolderThatIsMissing_IsAnError) {
  const auto created = CreatePrivateFile(Path("no/file"), "secret text");
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().message,
            "cannot write " + Path("no/file").string() + ": No such file or directory");
  EXPECT_FALSE(WritePrivateFile(Path("no/file"), "text"));
}

TEST_F(PrivateFileTest, MissingFile_IsNothing) {
  const auto text = ReadPrivateFile(Path("file"), Readers::kOwner, 100);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, std::nullopt);
}

TEST_F(PrivateFileTest, FileOfOtherReaders_IsRefusedWithTheRemedy) {
  for (const mode_t mode : {0604U, 0640U, 0660U, 0644U, 0440U, 0444U, 0602U, 0620U}) {
    const fs::path path = WithMode("file" + std::to_string(mode), mode);
    const auto text = ReadPrivateFile(path, Readers::kOwner, 100);
    ASSERT_FALSE(text) << std::oct << mode;
    EXPECT_EQ(text.error().message,
              "other users may read " + path.string() + ": chmod 600 " + path.string());
  }
  for (const mode_t mode : {0600U, 0400U, 0700U}) {
    EXPECT_TRUE(
        ReadPrivateFile(WithMode("own" + std::to_string(mode), mode), Readers::kOwner, 100));
  }
}

TEST_F(PrivateFileTest, CredentialOfSystemd_IsAcceptedForAService) {
  setenv("CREDENTIALS_DIRECTORY", folder_.c_str(), 1);
  for (const mode_t mode : {0400U, 0440U}) {
    EXPECT_TRUE(ReadPrivateFile(WithMode("file" + std::to_string(mode), mode),
                                Readers::kOwnerOrService, 100))
        << std::oct << mode;
  }
  for (const mode_t mode : {0640U, 0444U, 0460U, 0441U}) {
    EXPECT_FALSE(ReadPrivateFile(WithMode("file" + std::to_string(mode), mode),
                                 Readers::kOwnerOrService, 100))
        << std::oct << mode;
  }
}

// Example failure is a group whose members read the tokens.
TEST_F(PrivateFileTest, ModeOfACredentialElsewhere_IsRefused) {
  const fs::path path = WithMode("file", 0440);
  unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_FALSE(ReadPrivateFile(path, Readers::kOwnerOrService, 100));
  setenv("CREDENTIALS_DIRECTORY", "/run/credentials/other.service", 1);
  EXPECT_FALSE(ReadPrivateFile(path, Readers::kOwnerOrService, 100));
  setenv("CREDENTIALS_DIRECTORY", folder_.c_str(), 1);
  EXPECT_TRUE(ReadPrivateFile(path, Readers::kOwnerOrService, 100));
  EXPECT_FALSE(ReadPrivateFile(path, Readers::kOwner, 100));
  unsetenv("CREDENTIALS_DIRECTORY");
}

// Only root can read it at all, and make it: outside of Bazel's sandbox.
TEST_F(PrivateFileTest, FileOfAnotherUser_IsRefused) {
  const fs::path path = WithMode("file", 0600);
  if (::chown(path.c_str(), 65534, 65534) != 0) {
    GTEST_SKIP() << "not root";
  }
  for (const Readers readers : {Readers::kOwner, Readers::kOwnerOrService}) {
    const auto text = ReadPrivateFile(path, readers, 100);
    ASSERT_FALSE(text);
    EXPECT_THAT(text.error().message, HasSubstr("belongs to another user"));
  }
}

TEST_F(PrivateFileTest, LongFileAndWhatIsNoFile_AreRefused) {
  EXPECT_TRUE(ReadPrivateFile(WithMode("file", 0600), Readers::kOwner, 4));
  EXPECT_FALSE(ReadPrivateFile(WithMode("file", 0600), Readers::kOwner, 3));
  EXPECT_EQ(ReadPrivateFile(folder_, Readers::kOwner, 100).error().message,
            folder_.string() + " is not a file");
  ASSERT_EQ(::mkfifo(Path("fifo").c_str(), 0600), 0);
  EXPECT_FALSE(ReadPrivateFile(Path("fifo"), Readers::kOwner, 100)) << "and does not block";
}

}  // namespace
}  // namespace pistream
