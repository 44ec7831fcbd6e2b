#include "src/base/rate_limit.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

#include "src/base/fake_clock.h"

namespace pistream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(RateLimitTest, Pass_FirstEvent_IsLetThrough) {
  FakeClock clock;
  RateLimit limit(clock);
  EXPECT_EQ(limit.Pass(), 1U);
}

TEST(RateLimitTest, Pass_WithinTheInterval_IsHeldBack) {
  FakeClock clock;
  RateLimit limit(clock);
  limit.Pass();
  EXPECT_EQ(limit.Pass(), std::nullopt);
  clock.Advance(milliseconds(999));
  EXPECT_EQ(limit.Pass(), std::nullopt);
}

TEST(RateLimitTest, Pass_AfterTheInterval_StandsForThoseHeldBack) {
  FakeClock clock;
  RateLimit limit(clock);
  limit.Pass();
  limit.Pass();
  limit.Pass();
  clock.Advance(seconds(1));
  EXPECT_EQ(limit.Pass(), 3U);
  clock.Advance(seconds(1));
  EXPECT_EQ(limit.Pass(), 1U);
}

TEST(RateLimitTest, Pass_IntervalOfItsOwn_IsKept) {
  FakeClock clock;
  RateLimit limit(clock, seconds(5));
  limit.Pass();
  clock.Advance(milliseconds(4999));
  EXPECT_EQ(limit.Pass(), std::nullopt);
  clock.Advance(milliseconds(1));
  EXPECT_EQ(limit.Pass(), 2U);
}

}  // namespace
}  // namespace pistream
