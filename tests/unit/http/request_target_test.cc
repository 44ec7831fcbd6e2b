#include "src/http/request_target.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace pistream {
namespace {

using namespace std::string_literals;

TEST(DecodePathTest, UsualTargets_AreDecoded) {
  EXPECT_EQ(DecodePath("/"), "/");
  EXPECT_EQ(DecodePath("/index.html?a=/../b"), "/index.html");
  EXPECT_EQ(DecodePath("/a%20b/%C3%A9"), "/a b/\xC3\xA9");
  EXPECT_EQ(DecodePath("http://pi:8082/x"), "/x");
  EXPECT_EQ(DecodePath("http://pi"), "/");
  EXPECT_EQ(DecodePath("/..."), "/...");
  EXPECT_EQ(DecodePath("/%252e%252e"), "/%2e%2e");
}

TEST(DecodePathTest, WhatNoBrowserSends_IsRefused) {
  for (const std::string& target :
       {""s,           "*"s,     "index.html"s, "/.."s,    "/../x"s, "/a/.."s,     "/./a"s,
        "/%2e%2e/x"s,  "/.%2E"s, "/a%2fb"s,     "/a%2Fb"s, "/%"s,    "/%1"s,       "/%zz"s,
        "/%00"s,       "/\0"s,   "/a\\b"s,      "/%5c"s,   "/%0a"s,  "/\x7F"s,     "/%c0%ae"s,
        "/%ed%a0%80"s, "/%ff"s,  "/\xC3"s,      "/%c3"s,   "/a#b"s,  "ftp://x/y"s, "?"s}) {
    EXPECT_EQ(DecodePath(target), std::nullopt) << target;
  }
}

}  // namespace
}  // namespace pistream
