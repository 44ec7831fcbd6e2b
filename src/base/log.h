// Log lines to stderr: time, level, thread name, text. A facade: spdlog stays in log.cc.
//
// Thread-safe; never throws. stdout is not touched: it belongs to the one "ready" line.
#pragma once

#include <string_view>
#include <utility>

#include "fmt/core.h"

namespace pistream::log {

enum class Level { kDebug, kInfo, kWarning, kError, kOff };

// Lines below `level` are not written. kInfo until set.
void SetLevel(Level level);
bool IsEnabled(Level level);

void Write(Level level, std::string_view text);

template <typename... Args>
void Debug(fmt::format_string<Args...> format, Args&&... args) {
  if (IsEnabled(Level::kDebug)) {
    Write(Level::kDebug, fmt::format(format, std::forward<Args>(args)...));
  }
}
template <typename... Args>
void Info(fmt::format_string<Args...> format, Args&&... args) {
  if (IsEnabled(Level::kInfo)) {
    Write(Level::kInfo, fmt::format(format, std::forward<Args>(args)...));
  }
}
template <typename... Args>
void Warning(fmt::format_string<Args...> format, Args&&... args) {
  if (IsEnabled(Level::kWarning)) {
    Write(Level::kWarning, fmt::format(format, std::forward<Args>(args)...));
  }
}
template <typename... Args>
void Error(fmt::format_string<Args...> format, Args&&... args) {
  if (IsEnabled(Level::kError)) {
    Write(Level::kError, fmt::format(format, std::forward<Args>(args)...));
  }
}

}  // namespace pistream::log
