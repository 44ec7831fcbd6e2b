#include "tests/bench/picture_log.h"

#include <algorithm>

namespace pistream::bench {

size_t PictureLog::Received(uint64_t fingerprint, Time now) {
  const auto [found, is_new] = index_.try_emplace(fingerprint, entries_.size());
  if (!is_new && now - entries_[found->second].last > kForget) {
    found->second = entries_.size();
  }
  if (found->second == entries_.size()) {
    entries_.push_back({now, now, 0});
  }
  Entry& entry = entries_[found->second];
  entry.last = now;
  ++entry.viewers;
  return found->second;
}

Percentiles PercentilesOf(std::vector<double>& samples) {
  if (samples.empty()) {
    return {};
  }
  std::sort(samples.begin(), samples.end());
  const auto rank = [&](double share) {
    return samples[static_cast<size_t>(share * static_cast<double>(samples.size() - 1))];
  };
  return {rank(0.5), rank(0.95), rank(0.99), samples.back()};
}

}  // namespace pistream::bench
