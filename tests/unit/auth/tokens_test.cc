#include "src/auth/tokens.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pistream {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace fs = std::filesystem;

const Tokens kTokens = {.view = "0123456789abcdef", .control = "-._~+/=GHIJKLMNO"};

TEST(TokensTest, MadeOnes_AreOf128BitsInBase64Url) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const Tokens tokens = MakeTokens();
    for (const std::string& token : {tokens.view, tokens.control}) {
      EXPECT_EQ(token.size(), 22U);
      EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                        "0123456789-_"),
                std::string::npos)
          << token;
      EXPECT_TRUE(seen.insert(token).second);
    }
  }
}

TEST(TokensTest, FileText_IsReadAgain) {
  EXPECT_EQ(ParseTokens(TokenFileText(kTokens), "file").value(), kTokens);
  const Tokens made = MakeTokens();
  EXPECT_EQ(ParseTokens(TokenFileText(made), "file").value(), made);
}

TEST(TokensTest, CommentsSpaceAndOrder_AreFree) {
  EXPECT_EQ(ParseTokens("# mine\r\n\r\n"
                        "control=\"-._~+/=GHIJKLMNO\" # \"for me\"\r\n"
                        "\t view\t = \"0123456789abcdef\"",
                        "file")
                .value(),
            kTokens);
}

class FaultyTokensTest : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(FaultyTokensTest, Error_NamesTheLineAndNoSecret) {
  const auto tokens = ParseTokens(GetParam().first, "tokens");
  ASSERT_FALSE(tokens);
  EXPECT_TRUE(tokens.error().is_bad_usage);
  EXPECT_THAT(tokens.error().message,
              AllOf(HasSubstr(GetParam().second), Not(HasSubstr("secret")), Not(HasSubstr("\n"))));
}

constexpr const char* kNotALine = "tokens:1: not a line of the form view = \"...\" or";

INSTANTIATE_TEST_SUITE_P(
    All, FaultyTokensTest,
    testing::Values(
        std::pair{"", "tokens: the line view = \"...\" is missing"},
        std::pair{"view = \"0123456789secret\"", "tokens: the line control = \"...\" is missing"},
        std::pair{"0123456789secret", kNotALine}, std::pair{"view 0123456789secret", kNotALine},
        std::pair{"view = 0123456789secret", kNotALine},
        std::pair{"view = \"0123456789secret", kNotALine},
        std::pair{"view = '0123456789secret'", kNotALine},
        std::pair{"view = \"0123456789secret\" x", kNotALine},
        std::pair{"secret = \"0123456789secret\"", kNotALine},
        std::pair{"View = \"0123456789secret\"", kNotALine},
        std::pair{"\n#\nview = \"012345678secret\"",
                  "tokens:3: the token has 15 characters, not 16 to 256"},
        std::pair{"view = \"\"", "tokens:1: the token has 0 characters"},
        std::pair{"view = \"0123456789 secret\"",
                  "tokens:1: a token has letters, digits and -._~+/= only"},
        std::pair{"view = \"0123456789\xC3\xBC-secret\"", "tokens:1: a token has letters"},
        std::pair{"view = \"0123456789secret\"\nview = \"0123456789secre2\"",
                  "tokens:2: a second line view"},
        std::pair{"view = \"0123456789secret\"\ncontrol = \"0123456789secret\"",
                  "tokens: both tokens are the same"}));

class TokenFileTest : public testing::Test {
 protected:
  TokenFileTest() { fs::create_directories(folder_); }
  ~TokenFileTest() override { fs::remove_all(folder_); }

  const fs::path folder_ = fs::path(testing::TempDir()) / "tokens_test";
  const fs::path path_ = folder_ / "tokens";
};

TEST_F(TokenFileTest, MadeFile_IsReadAgainAndNeverReplaced) {
  ASSERT_TRUE(MakeTokenFile(path_));
  const auto tokens = ReadTokenFile(path_);
  ASSERT_TRUE(tokens) << tokens.error().message;
  EXPECT_EQ(tokens->view.size(), 22U);
  EXPECT_FALSE(MakeTokenFile(path_));
  EXPECT_EQ(*ReadTokenFile(path_), *tokens);
}

TEST_F(TokenFileTest, MissingFile_ErrorSaysHowToMakeIt) {
  const auto tokens = ReadTokenFile(path_);
  ASSERT_FALSE(tokens);
  EXPECT_TRUE(tokens.error().is_bad_usage);
  EXPECT_EQ(tokens.error().message, "there is no file " + path_.string() +
                                        ": pistream --make-tokens " + path_.string() + " makes it");
}

TEST_F(TokenFileTest, FileOfOtherReaders_IsRefusedButNotACredential) {
  std::ofstream(path_) << TokenFileText(kTokens);
  ASSERT_EQ(::chmod(path_.c_str(), 0644), 0);
  const auto tokens = ReadTokenFile(path_);
  ASSERT_FALSE(tokens);
  EXPECT_TRUE(tokens.error().is_bad_usage);
  EXPECT_THAT(tokens.error().message, HasSubstr("chmod 600 " + path_.string()));
  ASSERT_EQ(::chmod(path_.c_str(), 0440), 0);
  EXPECT_FALSE(ReadTokenFile(path_));
  setenv("CREDENTIALS_DIRECTORY", path_.parent_path().c_str(), 1);
  EXPECT_EQ(ReadTokenFile(path_).value(), kTokens);
  unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_F(TokenFileTest, LongFile_IsRefused) {
  std::ofstream(path_) << TokenFileText(kTokens) << std::string(5000, '#');
  ASSERT_EQ(::chmod(path_.c_str(), 0600), 0);
  EXPECT_FALSE(ReadTokenFile(path_));
}

}  // namespace
}  // namespace pistream
