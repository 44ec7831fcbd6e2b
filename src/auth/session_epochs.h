// What is kept of sessions: a secret for their key, and their epochs. "Log out everywhere" begins a
// new epoch, and the cookies of others are worth nothing.
#pragma once

#include <cstdint>
#include <filesystem>

#include "src/auth/digest.h"
#include "src/auth/role.h"
#include "src/base/mutex.h"
#include "src/base/result.h"

namespace pistream {

// Thread-safe.
class SessionEpochs {
 public:
  // Kept in memory only: with another secret, the next start ends all sessions.
  SessionEpochs();

  // Kept in `file`, whose folder exists. If it is missing or faulty, with another secret all
  // sessions end. Blocks. Before others use `epochs`.
  static Result<void> Load(const std::filesystem::path& file, SessionEpochs& epochs);

  // Random: it makes nothing of a cookie that who has one could guess at.
  Digest secret() const;

  // Of sessions of `role`: kView or kControl.
  uint64_t Of(Role role) const;

  // Who may watch ends the sessions of those who may watch, who may control all. In memory it is
  // done even if the file cannot be written. Blocks.
  Result<void> End(Role role);

 private:
  struct Epochs {
    Digest secret{};
    uint64_t view = 0;
    uint64_t control = 0;
  };

  Result<void> Keep() PISTREAM_REQUIRES(writing_);

  Mutex writing_;  // taken before mutex_, which is never held while blocking
  mutable Mutex mutex_;
  std::filesystem::path file_ PISTREAM_GUARDED_BY(mutex_);  // empty: none
  Epochs epochs_ PISTREAM_GUARDED_BY(mutex_);
};

}  // namespace pistream
