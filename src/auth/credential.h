// Which secret let somebody in, to know later whether it still would.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace pistream {

// The tokens of an installation have one, and the cookies of a role and an epoch. It reveals
// neither, and expiry is not part of it.
enum class CredentialId : uint64_t {
  kNone = 0,  // nobody needed one
};

// Those that count at one moment.
class ValidCredentials {
 public:
  ValidCredentials() = default;  // all: nobody needs one
  explicit ValidCredentials(const std::array<CredentialId, 3>& ids) : ids_(ids) {}

  bool Include(CredentialId id) const {
    return !ids_ || std::ranges::find(*ids_, id) != ids_->end();
  }

 private:
  std::optional<std::array<CredentialId, 3>> ids_;
};

}  // namespace pistream
