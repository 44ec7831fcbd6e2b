#include "src/base/parse_number.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace pistream {
namespace {

TEST(ParseNumberTest, WholeText_IsTheNumber) {
  EXPECT_EQ(ParseNumber<int>("640"), 640);
  EXPECT_EQ(ParseNumber<int>("-1"), -1);
  EXPECT_EQ(ParseNumber<uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(ParseNumber<double>("1.5e2"), 150.0);
}

TEST(ParseNumberTest, AnythingElseInTheText_Fails) {
  for (const char* const text : {"", " 1", "1 ", "+1", "1x", "0x1", "1,5", "-"}) {
    EXPECT_FALSE(ParseNumber<int>(text)) << text;
    EXPECT_FALSE(ParseNumber<double>(text)) << text;
  }
  EXPECT_FALSE(ParseNumber<unsigned>("-1"));
}

TEST(ParseNumberTest, NotANumber_IsQuoted) {
  EXPECT_EQ(ParseNumber<int>("1.5").error().message, "'1.5' is not a whole number");
  EXPECT_EQ(ParseNumber<double>("half").error().message, "'half' is not a number");
}

TEST(ParseNumberTest, InfinityAndNan_Fail) {
  for (const char* const text : {"inf", "-inf", "nan"}) {
    EXPECT_EQ(ParseNumber<double>(text).error().message,
              "'" + std::string(text) + "' is not a number");
  }
}

TEST(ParseNumberTest, MoreThanTheTypeHolds_IsOutOfRange) {
  EXPECT_EQ(ParseNumber<uint8_t>("256").error().message, "'256' is out of range");
  EXPECT_EQ(ParseNumber<double>("1e999").error().message, "'1e999' is out of range");
  EXPECT_EQ(ParseNumber<uint8_t>("256x").error().message, "'256x' is not a whole number");
}

TEST(ParseNumberTest, WithLimits_BothAreIncluded) {
  EXPECT_EQ(ParseNumber("1", 1, 65535), 1);
  EXPECT_EQ(ParseNumber("65535", 1, 65535), 65535);
  EXPECT_EQ(ParseNumber("0.5", 0.0, 0.5), 0.5);
}

TEST(ParseNumberTest, WithLimits_WhatIsOutsideOrNoNumber_FailsNamingThem) {
  for (const char* const text : {"0", "65536", "99999999999", "port"}) {
    EXPECT_EQ(ParseNumber(text, 1, 65535).error().message,
              "'" + std::string(text) + "' is not a whole number from 1 to 65535");
  }
  EXPECT_EQ(ParseNumber("2", 0.5, 1.5).error().message, "'2' is not a number from 0.5 to 1.5");
}

}  // namespace
}  // namespace pistream
