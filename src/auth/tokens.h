// The secrets of an installation: one for each role.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "src/auth/role.h"
#include "src/base/result.h"

namespace pistream {

inline constexpr size_t kMinimumToken = 16;   // characters
inline constexpr size_t kMaximumToken = 256;  // characters

// Never to be logged, nor part of an error.
struct Tokens {
  std::string view;
  std::string control;

  bool operator==(const Tokens&) const = default;
};

// Two random ones of 128 bits, each 22 characters of base64url.
Tokens MakeTokens();

// A file of tokens:
//   # a comment
//   view = "..."
//   control = "..."
// A token has kMinimumToken to kMaximumToken letters, digits and -._~+/=, and both differ.
std::string TokenFileText(const Tokens& tokens);

// Errors name the line in `name`, and what is wrong with it without what it says.
Result<Tokens> ParseTokens(std::string_view text, std::string_view name);

// Writes new tokens to `path`, readable by the owner only. Fails if there is something already.
Result<void> MakeTokenFile(const std::filesystem::path& path);

// Fails if the file is missing or faulty, or if other users may read it. Credentials that systemd
// has passed on (0440, in $CREDENTIALS_DIRECTORY) are accepted. All errors are bad usage.
Result<Tokens> ReadTokenFile(const std::filesystem::path& path);

}  // namespace pistream
