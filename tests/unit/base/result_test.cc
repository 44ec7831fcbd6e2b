#include "src/base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace pistream {
namespace {

Result<std::unique_ptr<int>> Halve(int number) {
  if (number % 2 != 0) {
    return Fail("{} is odd: give an {} number", number, "even");
  }
  return std::make_unique<int>(number / 2);
}

TEST(ResultTest, Success_HoldsTheValue) {
  const auto half = Halve(8);
  ASSERT_TRUE(half);
  EXPECT_EQ(**half, 4);
}

TEST(ResultTest, Fail_HoldsTheFormattedMessage) {
  const auto half = Halve(7);
  ASSERT_FALSE(half);
  EXPECT_EQ(half.error().message, "7 is odd: give an even number");
}

TEST(ResultTest, ResultOfNothing_SucceedsOrFails) {
  const Result<void> fine;
  const Result<void> broken = Fail("broken");
  EXPECT_TRUE(fine);
  EXPECT_FALSE(broken);
}

}  // namespace
}  // namespace pistream
