// Delays between attempts: exponential back-off.
#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

#include "src/base/clock.h"

namespace pistream {

class BackOff {
 public:
  static constexpr Duration kShortest = std::chrono::milliseconds(500);
  static constexpr Duration kLongest = std::chrono::seconds(8);

  // kShortest, then twice as long each time, up to kLongest.
  Duration Next() { return std::exchange(next_, std::min(2 * next_, kLongest)); }

  // After a success.
  void Reset() { next_ = kShortest; }

 private:
  Duration next_ = kShortest;
};

}  // namespace pistream
