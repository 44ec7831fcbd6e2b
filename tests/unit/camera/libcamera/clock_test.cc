#include "src/camera/libcamera/clock.h"

#include <chrono>

#include "gtest/gtest.h"

namespace pistream {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr SteadyTime kNow{hours(5)};
constexpr ClockReading kNeverSlept{kNow, Duration(0)};
constexpr ClockReading kSleptTwoHours{kNow, hours(2)};

int64_t StampOf(Duration since_boot) { return std::chrono::nanoseconds(since_boot).count(); }

TEST(LibcameraClock, NeverSlept_StampIsSteadyTime) {
  EXPECT_EQ(SteadyTimeOfStamp(StampOf(hours(5) - milliseconds(30)), kNeverSlept),
            kNow - milliseconds(30));
}

TEST(LibcameraClock, BootTimeStampAfterSleep_SleepTakenOff) {
  EXPECT_EQ(SteadyTimeOfStamp(StampOf(hours(7) - milliseconds(30)), kSleptTwoHours),
            kNow - milliseconds(30));
}

TEST(LibcameraClock, MonotonicStampAfterSleep_TakenAsItIs) {
  EXPECT_EQ(SteadyTimeOfStamp(StampOf(hours(5) - milliseconds(30)), kSleptTwoHours),
            kNow - milliseconds(30));
}

TEST(LibcameraClock, StampThatMakesNoSense_IsNow) {
  for (const int64_t stamp :
       {int64_t{0}, int64_t{-1}, StampOf(hours(1)), StampOf(hours(6)), INT64_MAX, INT64_MIN}) {
    EXPECT_EQ(SteadyTimeOfStamp(stamp, kSleptTwoHours), kNow) << stamp;
  }
}

TEST(LibcameraClock, StampALittleAhead_IsNow) {
  EXPECT_EQ(SteadyTimeOfStamp(StampOf(hours(5) + milliseconds(2)), kNeverSlept), kNow);
}

TEST(LibcameraClock, ReadClocks_IsTheSteadyClock) {
  const SteadyTime before = std::chrono::steady_clock::now();
  const ClockReading reading = ReadClocks();
  EXPECT_GE(reading.steady, before);
  EXPECT_LE(reading.steady, std::chrono::steady_clock::now());
  EXPECT_GE(reading.ahead_by, Duration(0));
}

}  // namespace
}  // namespace pistream
