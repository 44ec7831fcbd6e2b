#include "src/http/address_range.h"

#include <array>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pistream {
namespace {

using testing::HasSubstr;

bool Includes(const std::string& range, const std::string& address) {
  const auto parsed = ParseAddressRange(range);
  EXPECT_TRUE(parsed) << range;
  return parsed && parsed->Includes(address);
}

TEST(AddressRangeTest, Address_IsItselfOnly) {
  EXPECT_TRUE(Includes("192.168.1.7", "192.168.1.7"));
  EXPECT_FALSE(Includes("192.168.1.7", "192.168.1.8"));
  EXPECT_TRUE(Includes("::1", "::1"));
  EXPECT_TRUE(Includes("::1", "0:0:0:0:0:0:0:1"));
  EXPECT_FALSE(Includes("::1", "::2"));
  EXPECT_TRUE(Includes("fe80::1", "fe80::1%eth0"));
}

TEST(AddressRangeTest, Range_IncludesItsNetwork) {
  EXPECT_TRUE(Includes("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(Includes("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(Includes("192.168.1.7/29", "192.168.1.0")) << "bits beyond do not matter";
  EXPECT_FALSE(Includes("192.168.1.7/29", "192.168.1.8"));
  EXPECT_TRUE(Includes("fd00::/8", "fdff::1"));
  EXPECT_FALSE(Includes("fd00::/8", "fe00::1"));
  EXPECT_TRUE(Includes("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(Includes("2001:db8::/33", "2001:db8:8000::1"));
}

TEST(AddressRangeTest, FamiliesAreApart) {
  EXPECT_TRUE(Includes("0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(Includes("0.0.0.0/0", "::1"));
  EXPECT_TRUE(Includes("192.168.1.7", "::ffff:192.168.1.7"));
  EXPECT_TRUE(Includes("::ffff:192.168.1.0/120", "192.168.1.7"));
  EXPECT_TRUE(Includes("::/0", "8.8.8.8"));
}

TEST(AddressRangeTest, WhatIsNoAddress_IsInNoRange) {
  for (const char* const text : {"", "pi", "1.2.3", "::1 ", "[::1]", "%"}) {
    EXPECT_FALSE(Includes("::/0", text)) << text;
    EXPECT_FALSE(IsIpAddress(text)) << text;
  }
  EXPECT_TRUE(IsIpAddress("1.2.3.4"));
  EXPECT_TRUE(IsIpAddress("::1"));
  EXPECT_FALSE(IsIpAddress("fe80::1%eth0"));
}

TEST(AddressRangeTest, FaultyRanges_AreRefused) {
  for (const char* const text : {"", "pi", "192.168.1", "192.168.1.0/", "192.168.1.0/33", "::/129",
                                 "::1/-1", "::1/ 8", "1.2.3.4/8/8", "fe80::1%eth0"}) {
    const auto range = ParseAddressRange(text);
    ASSERT_FALSE(range) << text;
    EXPECT_THAT(range.error().message, HasSubstr("'" + std::string(text) + "' is not a"));
  }
}

TEST(AddressRangeTest, Ranges_IncludeWhatOneOfThemDoes) {
  const std::array ranges = {*ParseAddressRange("10.0.0.0/8"), *ParseAddressRange("::1")};
  EXPECT_TRUE(IncludeAddress(ranges, "::1"));
  EXPECT_FALSE(IncludeAddress(ranges, "127.0.0.1"));
  EXPECT_FALSE(IncludeAddress({}, "127.0.0.1"));
}

}  // namespace
}  // namespace pistream
