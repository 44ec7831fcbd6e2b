// Whether frames are expected to come, and if not, why not.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace pistream {

// Thread-safe.
class Health {
 public:
  explicit Health(std::string trouble) : trouble_(std::move(trouble)) {}

  void SetTrouble(std::string trouble) {
    std::lock_guard lock(mutex_);
    trouble_ = std::move(trouble);
  }

  void Clear() {
    std::lock_guard lock(mutex_);
    trouble_.reset();
  }

  // Empty when all is well.
  std::optional<std::string> Trouble() const {
    std::lock_guard lock(mutex_);
    return trouble_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<std::string> trouble_;
};

}  // namespace pistream
