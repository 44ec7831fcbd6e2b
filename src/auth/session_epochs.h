// The epochs of sessions: "log out everywhere" begins a new one, and the cookies of others are
// worth nothing.
#pragma once

#include <cstdint>
#include <filesystem>

#include "src/auth/role.h"
#include "src/base/mutex.h"
#include "src/base/result.h"

namespace pistream {

// Thread-safe.
class SessionEpochs {
 public:
  // Kept in memory only: with the next start, what was ended would be valid again.
  SessionEpochs() = default;

  // Kept in `file`, whose folder exists. If it is missing or faulty, new epochs begin: sessions end
  // too early rather than too late. Blocks.
  static Result<void> Load(const std::filesystem::path& file, SessionEpochs& epochs);

  // Of sessions of `role`: kView or kControl.
  uint64_t Of(Role role) const;

  // Who may watch ends the sessions of those who may watch, who may control all. In memory it is
  // done even if the file cannot be written. Blocks.
  Result<void> End(Role role);

  bool is_kept() const;

 private:
  struct Epochs {
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
