#include "src/http/static_files.h"

#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace pistream {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kText = "embedded";

class StaticFilesTest : public testing::Test {
 protected:
  StaticFilesTest() {
    fs::create_directories(root_ / "sub");
    Write(outside_ / "secret.txt", "secret");
  }
  ~StaticFilesTest() override { fs::remove_all(outside_); }

  static void Write(const fs::path& path, std::string_view text) { std::ofstream(path) << text; }

  StaticFiles Make(const fs::path& root) {
    auto files = StaticFiles::Make(assets_, root, 1'000'000);
    EXPECT_TRUE(files) << files.error().message;
    return std::move(*files);
  }

  std::string TextAt(const std::string& path) {
    const auto file = Make(root_).Find(path, kValues);
    return file ? std::string(TextOf(file->body)) : "not found";
  }

  static inline const PageValues kValues{.host = "pi", .ws_port = 8084, .size = {64, 48}};
  const fs::path outside_ = fs::path(testing::TempDir()) / "static_files";
  const fs::path root_ = outside_ / "root";
  const std::array<Asset, 1> assets_ = {Asset{
      "/index.html", "text/html", {reinterpret_cast<const uint8_t*>(kText.data()), kText.size()}}};
};

TEST_F(StaticFilesTest, Embedded_IsFoundByItsPathOnly) {
  const StaticFiles files = Make({});
  const auto file = files.Find("/index.html", kValues);
  ASSERT_TRUE(file);
  EXPECT_EQ(TextOf(file->body), kText);
  EXPECT_EQ(file->content_type, "text/html");
  EXPECT_EQ(file->modified, 1'000'000);
  EXPECT_TRUE(file->is_embedded);
  EXPECT_FALSE(files.Find("/index.htm", kValues));
  EXPECT_FALSE(files.Find("/etc/passwd", kValues));
}

TEST_F(StaticFilesTest, WebRootFile_AskedForTwice_IsOneInMemory) {
  Write(root_ / "large.bin", std::string(100'000, 'x'));
  const StaticFiles files = Make(root_);
  const auto first = files.Find("/large.bin", kValues);
  const auto second = files.Find("/large.bin", kValues);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(BytesOf(first->body).data(), BytesOf(second->body).data());
}

TEST_F(StaticFilesTest, WebRootFile_Changed_IsReadAgain) {
  const StaticFiles files = Make(root_);
  Write(root_ / "text.txt", "one");
  const auto before = files.Find("/text.txt", kValues);
  Write(root_ / "text.txt", "three");
  const auto after = files.Find("/text.txt", kValues);
  ASSERT_TRUE(before && after);
  EXPECT_EQ(TextOf(before->body), "one");
  EXPECT_EQ(TextOf(after->body), "three");
  EXPECT_NE(before->etag, after->etag);
}

TEST_F(StaticFilesTest, MoreThanTheCacheHolds_TheOneNotAskedForTheLongestIsReadAgain) {
  constexpr size_t kFit = StaticFiles::kMaximumCache / StaticFiles::kMaximumFile;
  const auto name = [](size_t i) { return "/" + std::to_string(i); };
  for (size_t i = 0; i <= kFit; ++i) {
    Write(root_ / std::to_string(i), "");
    fs::resize_file(root_ / std::to_string(i), StaticFiles::kMaximumFile);
  }
  const StaticFiles files = Make(root_);
  // Held, so that what is read again has another address.
  std::vector<HttpBody> bodies;
  for (size_t i = 0; i < kFit; ++i) {
    bodies.push_back(files.Find(name(i), kValues)->body);
  }
  const auto is_kept = [&](size_t i) {
    return BytesOf(files.Find(name(i), kValues)->body).data() == BytesOf(bodies[i]).data();
  };
  EXPECT_TRUE(is_kept(0));  // asked for again: now 1 is the oldest
  bodies.push_back(files.Find(name(kFit), kValues)->body);
  EXPECT_TRUE(is_kept(0));
  EXPECT_TRUE(is_kept(kFit));
  EXPECT_FALSE(is_kept(1));
}

TEST_F(StaticFilesTest, WebRoot_GoesBeforeEmbedded) {
  Write(root_ / "index.html", "mine ${WIDTH}");
  Write(root_ / "sub" / "a b.js", "${WIDTH}");
  EXPECT_EQ(TextAt("/index.html"), "mine 64");
  EXPECT_EQ(TextAt("/sub/a b.js"), "${WIDTH}");
  const auto file = Make(root_).Find("/sub/a b.js", kValues);
  EXPECT_EQ(file->content_type, "text/javascript; charset=utf-8");
  EXPECT_FALSE(file->is_embedded);
  EXPECT_GT(file->modified, 1'000'000);
}

TEST_F(StaticFilesTest, Etag_FollowsTheContent) {
  Write(root_ / "a", "one");
  const std::string one = Make(root_).Find("/a", kValues)->etag;
  EXPECT_EQ(Make(root_).Find("/a", kValues)->etag, one);
  Write(root_ / "a", "two");
  EXPECT_NE(Make(root_).Find("/a", kValues)->etag, one);
}

TEST_F(StaticFilesTest, LinkOutOfTheWebRoot_IsNotFound) {
  fs::create_symlink(outside_ / "secret.txt", root_ / "link.txt");
  fs::create_directory_symlink(outside_, root_ / "folder");
  EXPECT_EQ(TextAt("/link.txt"), "not found");
  EXPECT_EQ(TextAt("/folder/secret.txt"), "not found");
}

TEST_F(StaticFilesTest, LinkInsideTheWebRoot_IsFound) {
  Write(root_ / "sub" / "a.txt", "a");
  fs::create_symlink("sub/a.txt", root_ / "link.txt");
  EXPECT_EQ(TextAt("/link.txt"), "a");
}

TEST_F(StaticFilesTest, FolderOfASimilarName_IsOutside) {
  fs::create_directories(outside_ / "root2");
  Write(outside_ / "root2" / "a", "a");
  fs::create_directory_symlink(outside_ / "root2", root_ / "link");
  EXPECT_EQ(TextAt("/link/a"), "not found");
}

TEST_F(StaticFilesTest, WhatIsNoPlainFile_IsNotFound) {
  Write(root_ / ".hidden", "hidden");
  fs::create_directories(root_ / ".git");
  Write(root_ / ".git" / "config", "hidden");
  ASSERT_EQ(::mkfifo((root_ / "fifo").c_str(), 0600), 0);
  Write(root_ / "huge", "");
  fs::resize_file(root_ / "huge", StaticFiles::kMaximumFile + 1);
  for (const char* const path : {"/", "/sub", "/sub/", "//sub", "/.hidden", "/.git/config", "/fifo",
                                 "/huge", "/nothing", "/index.html/"}) {
    EXPECT_EQ(TextAt(path), "not found") << path;
  }
}

TEST_F(StaticFilesTest, WebRootThatIsAFile_IsAnError) {
  const auto files = StaticFiles::Make(assets_, outside_ / "secret.txt", 0);
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().message,
            (outside_ / "secret.txt").string() + " of --web-root is not a directory");
}

TEST(ContentTypeOfTest, ByExtension) {
  EXPECT_EQ(ContentTypeOf("/a.wasm"), "application/wasm");
  EXPECT_EQ(ContentTypeOf("/a.tar.gz"), "application/octet-stream");
  EXPECT_EQ(ContentTypeOf("/html"), "application/octet-stream");
}

}  // namespace
}  // namespace pistream
