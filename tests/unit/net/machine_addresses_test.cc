#include "src/net/machine_addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pistream {
namespace {

TEST(MachineAddressesTest, Lasting_AreLoopbackAndNoneOfOneLink) {
  const auto addresses = LastingAddresses();
  EXPECT_THAT(addresses, testing::Contains("127.0.0.1"));
  EXPECT_THAT(addresses, testing::Each(testing::Not(testing::StartsWith("fe80:"))));
  EXPECT_THAT(addresses, testing::Each(testing::Not(testing::StartsWith("169.254."))));
}

TEST(MachineAddressesTest, Unspecified_AreForAllAddresses) {
  EXPECT_TRUE(IsUnspecified("0.0.0.0"));
  EXPECT_TRUE(IsUnspecified("::"));
  EXPECT_TRUE(IsUnspecified("0:0::"));
  EXPECT_FALSE(IsUnspecified("127.0.0.1"));
  EXPECT_FALSE(IsUnspecified("::1"));
  EXPECT_FALSE(IsUnspecified("pi.local"));
}

}  // namespace
}  // namespace pistream
