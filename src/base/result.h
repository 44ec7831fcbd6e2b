// Result<T>: a value, or an Error a person can act on.
//
// No exception crosses a module of pistream; functions that can fail return Result<T>.
#pragma once

// Before its definition, because the library does not say it of its own class: no tl::expected that
// a function returns, Result or not, may be ignored.
namespace tl {
template <typename T, typename E>
class [[nodiscard]] expected;  // NOLINT(readability-identifier-naming): the library's name
}  // namespace tl

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "fmt/format.h"

namespace pistream {

// What went wrong and what to do about it, in one line without a final full stop, fit for stderr.
struct Error {
  std::string message;
  // The cause is what the program was told, by option or file: trying again will not help.
  bool is_bad_usage = false;
};

// Cannot be dropped: a caller that has nothing to do about an error says so, `(void)Call();`, and
// why.
template <typename T>
using Result = tl::expected<T, Error>;

// Makes the failing side of any Result: `return Fail("cannot open {}: {}", path, reason);`
template <typename... Args>
tl::unexpected<Error> Fail(fmt::format_string<Args...> format, Args&&... args) {
  return tl::unexpected<Error>(Error{fmt::format(format, std::forward<Args>(args)...)});
}

// The same for what was asked of the program and cannot be.
template <typename... Args>
tl::unexpected<Error> FailUsage(fmt::format_string<Args...> format, Args&&... args) {
  return tl::unexpected<Error>(
      {.message = fmt::format(format, std::forward<Args>(args)...), .is_bad_usage = true});
}

}  // namespace pistream
