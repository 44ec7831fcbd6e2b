// A stream whose pictures are published by a test.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "src/base/mutex.h"
#include "src/stream/stream.h"

namespace pistream {

// Thread-safe.
class FakeStream final : public Stream {
 public:
  FakeStream(std::string name, const VideoFormat& format, Clock& clock)
      : Stream(std::move(name), clock), format_(format) {}

  VideoFormat format() const override {
    const MutexLock lock(mutex_);
    return format_;
  }
  int64_t bitrate_bps() const override { return 800'000; }
  // 400'000, 100'000, 25'000.
  int64_t sufficient_bitrate_bps(VideoScale scale) const override {
    return 400'000 >> (2 * static_cast<int>(scale));
  }
  std::optional<std::string> UnhealthyReason() const override {
    const MutexLock lock(mutex_);
    return unhealthy_reason_;
  }

  void SetFormat(const VideoFormat& format) {
    const MutexLock lock(mutex_);
    format_ = format;
  }
  void SetUnhealthyReason(std::optional<std::string> reason) {
    const MutexLock lock(mutex_);
    unhealthy_reason_ = std::move(reason);
  }

 private:
  mutable Mutex mutex_;
  VideoFormat format_ PISTREAM_GUARDED_BY(mutex_);
  std::optional<std::string> unhealthy_reason_ PISTREAM_GUARDED_BY(mutex_);
};

}  // namespace pistream
