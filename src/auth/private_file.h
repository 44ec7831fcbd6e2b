// Small files that only their owner can read (mode 0600), and that are there as a whole or not at
// all, also after a power failure.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace pistream {

// All calls block. Errors name the file and the cause, never the contents.

// Fails if there is something at `path`.
Result<void> CreatePrivateFile(const std::filesystem::path& path, std::string_view text);

// Replaces what is at `path`.
Result<void> WritePrivateFile(const std::filesystem::path& path, std::string_view text);

enum class Readers {
  kOwner,           // fails if others than the owner can read the file
  kOwnerOrService,  // as well as a credential that systemd has passed on: 0440
};

// Fails for a file that is longer than `maximum` bytes, or belongs to another user than ourselves
// and root, and for what is no regular file. Nothing: there is no file.
Result<std::optional<std::string>> ReadPrivateFile(const std::filesystem::path& path,
                                                   Readers readers, size_t maximum);

}  // namespace pistream
