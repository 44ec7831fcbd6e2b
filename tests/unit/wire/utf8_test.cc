#include "src/wire/utf8.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace pistream::wire {
namespace {

struct Utf8Case {
  std::string name;
  std::string text;
  // Where the first byte is that cannot be right; npos: none.
  size_t wrong_at = std::string::npos;
  bool complete = true;
};

void PrintTo(const Utf8Case& one, std::ostream* out) { *out << one.name; }

class Utf8CheckerTest : public testing::TestWithParam<Utf8Case> {};

TEST_P(Utf8CheckerTest, Add_EachByte_IsRefusedAsEarlyAsItIsKnown) {
  Utf8Checker checker;
  for (size_t i = 0; i < GetParam().text.size(); ++i) {
    const bool right = checker.Add(static_cast<uint8_t>(GetParam().text[i]));
    ASSERT_EQ(right, i != GetParam().wrong_at) << "at byte " << i;
    if (!right) {
      return;
    }
  }
  EXPECT_EQ(GetParam().wrong_at, std::string::npos);
  EXPECT_EQ(checker.IsComplete(), GetParam().complete);
}

INSTANTIATE_TEST_SUITE_P(
    All, Utf8CheckerTest,
    testing::Values(
        Utf8Case{"Empty", ""}, Utf8Case{"Ascii", "a~\x7F"}, Utf8Case{"TwoBytesLowest", "\xC2\x80"},
        Utf8Case{"TwoBytesHighest", "\xDF\xBF"}, Utf8Case{"ThreeBytesLowest", "\xE0\xA0\x80"},
        Utf8Case{"BeforeSurrogates", "\xED\x9F\xBF"}, Utf8Case{"AfterSurrogates", "\xEE\x80\x80"},
        Utf8Case{"ThreeBytesHighest", "\xEF\xBF\xBF"},
        Utf8Case{"FourBytesLowest", "\xF0\x90\x80\x80"},
        Utf8Case{"FourBytesHighest", "\xF4\x8F\xBF\xBF"},
        Utf8Case{"Mixed", "h\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80!"},
        Utf8Case{"LoneContinuation", "a\x80", 1}, Utf8Case{"OverlongTwo", "\xC1\xBF", 0},
        Utf8Case{"OverlongThree", "\xE0\x9F\xBF", 1},
        Utf8Case{"OverlongFour", "\xF0\x8F\xBF\xBF", 1},
        Utf8Case{"FirstSurrogate", "\xED\xA0\x80", 1},
        Utf8Case{"AboveUnicode", "\xF4\x90\x80\x80", 1},
        Utf8Case{"FarAboveUnicode", "\xF5\x80\x80\x80", 0},
        Utf8Case{"ByteThatNeverOccurs", "\xFF", 0}, Utf8Case{"CharacterBrokenOff", "\xE2\x82 ", 2},
        Utf8Case{"BoundsHoldForTheNextByteOnly", "\xE0\xA0\x7F", 2},
        Utf8Case{"EndsInsideTwo", "\xC3", std::string::npos, false},
        Utf8Case{"EndsInsideFour", "a\xF0\x9F\x98", std::string::npos, false}),
    [](const auto& info) { return info.param.name; });

TEST(Utf8CheckerTest, Reset_AfterAFault_StartsAnew) {
  Utf8Checker checker;
  checker.Add(0xE0);
  checker.Add(0xFF);
  checker.Reset();
  EXPECT_TRUE(checker.IsComplete());
  EXPECT_TRUE(checker.Add(0xC3));
  EXPECT_TRUE(checker.Add(0xA9));
}

TEST(CutUtf8Test, TextThatFits_IsWhole) { EXPECT_EQ(CutUtf8("caf\xC3\xA9", 5), "caf\xC3\xA9"); }

TEST(CutUtf8Test, LimitBetweenCharacters_CutsThere) {
  EXPECT_EQ(CutUtf8("caf\xC3\xA9!", 5), "caf\xC3\xA9");
  EXPECT_EQ(CutUtf8("abc", 2), "ab");
}

TEST(CutUtf8Test, LimitInsideACharacter_LeavesItOut) {
  EXPECT_EQ(CutUtf8("caf\xC3\xA9", 4), "caf");
  EXPECT_EQ(CutUtf8("\xF0\x9F\x98\x80", 3), "");
}

}  // namespace
}  // namespace pistream::wire
