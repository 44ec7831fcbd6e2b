// Whether pictures are expected, and if not, the reason.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "src/base/mutex.h"

namespace pistream {

// Thread-safe.
class Health {
 public:
  // The parts that can be unhealthy, in the order of severity.
  enum class Part { kStream, kCamera, kEncoder, kHalfEncoder, kQuarterEncoder };

  void SetUnhealthy(Part part, std::string reason) {
    const MutexLock lock(mutex_);
    reasons_[static_cast<size_t>(part)] = std::move(reason);
  }

  void SetHealthy(Part part) {
    const MutexLock lock(mutex_);
    reasons_[static_cast<size_t>(part)].reset();
  }

  // Empty when all parts are healthy.
  std::optional<std::string> UnhealthyReason() const {
    const MutexLock lock(mutex_);
    for (const auto& reason : reasons_) {
      if (reason) {
        return reason;
      }
    }
    return std::nullopt;
  }

 private:
  mutable Mutex mutex_;
  std::array<std::optional<std::string>, 5> reasons_ PISTREAM_GUARDED_BY(mutex_);
};

}  // namespace pistream
