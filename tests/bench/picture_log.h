// Which picture reached how many viewers, and when.
#pragma once

#include <chrono>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace pistream::bench {

using Time = std::chrono::steady_clock::time_point;

class PictureLog {
 public:
  struct Entry {
    Time first;
    Time last;
    int viewers = 0;
  };

  // One steady viewer received the picture. Returns its index, rising by one with each new picture.
  // A picture that was last seen over kForget ago is another one that looks the same: a server may
  // send a recording in a loop.
  size_t Received(uint64_t fingerprint, Time now);

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  static constexpr std::chrono::seconds kForget{3};

  std::unordered_map<uint64_t, size_t> index_;
  std::vector<Entry> entries_;
};

// Milliseconds at these ranks of `samples`, which it sorts.
struct Percentiles {
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
  double max = 0;
};
Percentiles PercentilesOf(std::vector<double>& samples);

}  // namespace pistream::bench
