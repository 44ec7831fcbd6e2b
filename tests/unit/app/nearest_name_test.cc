#include "src/app/nearest_name.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace pistream {
namespace {

constexpr auto kNames = std::to_array<std::string_view>(
    {"port", "ws-port", "bitrate", "framerate", "control", "allow-origin", "log-level"});

std::string Nearest(std::string_view wrong) {
  return std::string(NearestName(wrong, kNames).value_or("none"));
}

TEST(NearestNameTest, TypingMistakes_FindTheName) {
  EXPECT_EQ(Nearest("prot"), "port");             // swapped
  EXPECT_EQ(Nearest("bitrat"), "bitrate");        // left out
  EXPECT_EQ(Nearest("frame-rate"), "framerate");  // added
  EXPECT_EQ(Nearest("ws_port"), "ws-port");       // replaced
  EXPECT_EQ(Nearest("controls"), "control");
  EXPECT_EQ(Nearest("port"), "port");
}

TEST(NearestNameTest, PartOfAName_FindsTheName) {
  EXPECT_EQ(Nearest("origin"), "allow-origin");
  EXPECT_EQ(Nearest("log"), "log-level");
  EXPECT_EQ(Nearest("video-bitrate"), "bitrate");
}

TEST(NearestNameTest, OtherWords_FindNothing) {
  EXPECT_EQ(Nearest("zoom"), "none");
  EXPECT_EQ(Nearest("o"), "none");
  EXPECT_EQ(Nearest(""), "none");
  EXPECT_EQ(Nearest(std::string(100'000, 'p') + "port"), "none");
}

}  // namespace
}  // namespace pistream
