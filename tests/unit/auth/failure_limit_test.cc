#include "src/auth/failure_limit.h"

#include <chrono>
#include <string>

#include "gtest/gtest.h"
#include "src/base/fake_clock.h"

namespace pistream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class FailureLimitTest : public testing::Test {
 protected:
  // Until the limit of `address` is reached.
  int CountToLimit(const std::string& address) {
    int count = 0;
    while (!limit_.Count(address)) {
      ++count;
    }
    return count;
  }

  FakeClock clock_;
  FailureLimit limit_{clock_};
};

TEST_F(FailureLimitTest, Burst_IsFreeAndThenOneEachInterval) {
  EXPECT_EQ(CountToLimit("192.168.1.7"), FailureLimit::kBurst);
  EXPECT_EQ(limit_.Count("192.168.1.7"), seconds(6));
  clock_.Advance(milliseconds(2500));
  EXPECT_EQ(limit_.Count("192.168.1.7"), seconds(4)) << "rounded up";
  clock_.Advance(milliseconds(3499));
  EXPECT_EQ(limit_.Count("192.168.1.7"), seconds(1)) << "a second at least";
  clock_.Advance(milliseconds(1));
  EXPECT_EQ(CountToLimit("192.168.1.7"), 1);
}

TEST_F(FailureLimitTest, FailuresBeyond_DoNotProlongTheWait) {
  CountToLimit("192.168.1.7");
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(limit_.Count("192.168.1.7"), seconds(6));
  }
}

TEST_F(FailureLimitTest, AfterAPause_TheBurstIsFreeAgain) {
  CountToLimit("192.168.1.7");
  clock_.Advance(3 * FailureLimit::kInterval);
  EXPECT_EQ(CountToLimit("192.168.1.7"), 3);
  clock_.Advance(std::chrono::hours(24));
  EXPECT_EQ(CountToLimit("192.168.1.7"), FailureLimit::kBurst);
}

TEST_F(FailureLimitTest, Addresses_DoNotShareALimit) {
  CountToLimit("192.168.1.7");
  EXPECT_EQ(CountToLimit("192.168.1.8"), FailureLimit::kBurst);
}

TEST_F(FailureLimitTest, AddressesOfOneIpv6Network_ShareALimit) {
  CountToLimit("2001:db8:1:2::7");
  EXPECT_TRUE(limit_.Count("2001:db8:1:2:ffff::1"));
  EXPECT_FALSE(limit_.Count("2001:db8:1:3::7"));
}

TEST_F(FailureLimitTest, Table_IsBoundedAndForgetsTheOldest) {
  CountToLimit("192.168.1.7");
  CountToLimit("192.168.1.8");
  const size_t others = FailureLimit::kMaximumAddresses - 1;
  for (size_t i = 0; i < others; ++i) {
    if (i == others / 2) {
      EXPECT_TRUE(limit_.Count("192.168.1.7")) << "not the oldest any more";
    }
    limit_.Count("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256));
  }
  EXPECT_EQ(limit_.size(), FailureLimit::kMaximumAddresses);
  EXPECT_TRUE(limit_.Count("192.168.1.7"));
  EXPECT_FALSE(limit_.Count("192.168.1.8")) << "forgotten";
  EXPECT_EQ(limit_.size(), FailureLimit::kMaximumAddresses);
}

TEST(AddressGroupTest, Addresses_OfAHost) {
  EXPECT_EQ(AddressGroup("192.168.1.7"), "192.168.1.7");
  EXPECT_EQ(AddressGroup("::ffff:192.168.1.7"), "192.168.1.7");
  EXPECT_EQ(AddressGroup("2001:DB8:0:0:1:2:3:4"), "2001:db8::/64");
  EXPECT_EQ(AddressGroup("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(AddressGroup("fe80::1%eth0"), "fe80::/64");
  EXPECT_EQ(AddressGroup("::1"), "::1") << "nobody bans himself";
  EXPECT_EQ(AddressGroup("2001:db8:1:2:3:4:5:6", Ipv6Prefix::kSite), "2001:db8:1::/48");
  EXPECT_EQ(AddressGroup("192.168.1.7", Ipv6Prefix::kSite), "192.168.1.7");
  EXPECT_EQ(AddressGroup(""), "");
  EXPECT_EQ(AddressGroup("unknown"), "unknown");
}

}  // namespace
}  // namespace pistream
