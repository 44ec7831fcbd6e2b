// Result<T>: a value or an Error.
//
// No exception crosses a module of pistream; functions that can fail return Result<T>.
#pragma once

// Declared before its definition, which lacks the attribute: a returned tl::expected must not be
// ignored.
namespace tl {
template <typename T, typename E>
class [[nodiscard]] expected;  // NOLINT(readability-identifier-naming): the library's name
}  // namespace tl

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "fmt/core.h"

namespace pistream {

// A description of an error and its remedy for the user, in one line without a final full stop.
struct Error {
  std::string message;
  // The cause is an option or the configuration, so a retry does not help.
  bool is_bad_usage = false;
};

// Must not be ignored: a caller that cannot handle an error writes `(void)Call();` and a comment
// that says why.
template <typename T>
using Result = tl::expected<T, Error>;

// Creates the error of any Result: `return Fail("cannot open {}: {}", path, reason);`
template <typename... Args>
tl::unexpected<Error> Fail(fmt::format_string<Args...> format, Args&&... args) {
  return tl::unexpected<Error>(Error{fmt::format(format, std::forward<Args>(args)...)});
}

// The same for an invalid option or configuration.
template <typename... Args>
tl::unexpected<Error> FailUsage(fmt::format_string<Args...> format, Args&&... args) {
  return tl::unexpected<Error>(
      {.message = fmt::format(format, std::forward<Args>(args)...), .is_bad_usage = true});
}

}  // namespace pistream
