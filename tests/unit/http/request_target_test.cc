#include "src/http/request_target.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace pistream {
namespace {

using namespace std::string_literals;

std::optional<std::string> DecodePath(std::string_view target) {
  auto parsed = ParseTarget(target);
  return parsed ? std::optional(std::move(parsed->path)) : std::nullopt;
}

TEST(ParseTargetTest, UsualPaths_AreDecoded) {
  EXPECT_EQ(DecodePath("/"), "/");
  EXPECT_EQ(DecodePath("/index.html?a=/../b"), "/index.html");
  EXPECT_EQ(DecodePath("/a%20b/%C3%A9"), "/a b/\xC3\xA9");
  EXPECT_EQ(DecodePath("http://pi:8082/x"), "/x");
  EXPECT_EQ(DecodePath("http://pi"), "/");
  EXPECT_EQ(DecodePath("https://pi?x=/"), "/");
  EXPECT_EQ(DecodePath("/..."), "/...");
  EXPECT_EQ(DecodePath("/%252e%252e"), "/%2e%2e");
}

TEST(ParseTargetTest, PathThatNoBrowserSends_IsRefused) {
  for (const std::string& target :
       {""s,           "*"s,     "index.html"s, "/.."s,    "/../x"s, "/a/.."s,     "/./a"s,
        "/%2e%2e/x"s,  "/.%2E"s, "/a%2fb"s,     "/a%2Fb"s, "/%"s,    "/%1"s,       "/%zz"s,
        "/%00"s,       "/\0"s,   "/a\\b"s,      "/%5c"s,   "/%0a"s,  "/\x7F"s,     "/%c0%ae"s,
        "/%ed%a0%80"s, "/%ff"s,  "/\xC3"s,      "/%c3"s,   "/a#b"s,  "ftp://x/y"s, "?"s}) {
    EXPECT_EQ(DecodePath(target), std::nullopt) << target;
  }
}

TEST(ParseTargetTest, SeveralSlashes_AreOne) {
  EXPECT_EQ(DecodePath("//stream"), "/stream");
  EXPECT_EQ(DecodePath("///streams//garden///"), "/streams/garden/");
  EXPECT_EQ(DecodePath("//.."), std::nullopt);
}

TEST(ParseTargetTest, Query_IsDecodedInOrder) {
  const auto target = ParseTarget("/a?x=1&y=%20+%2B%26&x=&z&&=v&q=a=b?&%78=3#");
  EXPECT_FALSE(target) << "a fragment is never sent";
  const auto query = ParseTarget("/a?x=1&y=%20+%2B%26&x=&z&&=v&q=a=b?&%78=3")->query;
  const std::vector<QueryParameter> expected = {{"x", "1"}, {"y", " ++&"}, {"x", ""}, {"z", ""},
                                                {"", "v"},  {"q", "a=b?"}, {"x", "3"}};
  EXPECT_EQ(query, expected);
  EXPECT_EQ(ParseTarget("http://pi/a?b=c")->query, (std::vector<QueryParameter>{{"b", "c"}}));
  EXPECT_EQ(ParseTarget("http://pi/a?b=%41?")->raw_query, "?b=%41?");
  EXPECT_EQ(ParseTarget("/a")->raw_query, "");
  EXPECT_TRUE(ParseTarget("/a?")->query.empty());
  EXPECT_TRUE(ParseTarget("/a")->query.empty());
}

TEST(ParseTargetTest, QueryWithoutProperEncoding_StaysAsItIs) {
  EXPECT_EQ(ParseTarget("/?a=100%&b=%zz&c=%4")->query,
            (std::vector<QueryParameter>{{"a", "100%"}, {"b", "%zz"}, {"c", "%4"}}));
}

TEST(ParseTargetTest, Find_GivesTheFirstOfAName) {
  const auto target = ParseTarget("/?a=1&b=2&a=3");
  ASSERT_NE(target->Find("a"), nullptr);
  EXPECT_EQ(*target->Find("a"), "1");
  EXPECT_EQ(target->Find("c"), nullptr);
}

}  // namespace
}  // namespace pistream
