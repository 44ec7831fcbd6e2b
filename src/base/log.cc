#include "src/base/log.h"

#include <atomic>
#include <memory>

#include "spdlog/sinks/stdout_sinks.h"
#include "spdlog/spdlog.h"
#include "src/base/thread_name.h"

namespace pistream::log {
namespace {

std::atomic<Level> minimum_level = Level::kInfo;

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
    case Level::kOff:
      break;
  }
  return spdlog::level::off;
}

// Made on first use and never destroyed: threads may log until the process is gone.
spdlog::logger& Logger() {
  static spdlog::logger& logger = *[] {
    auto made = new spdlog::logger("pistream", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_level(spdlog::level::trace);
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%e %L %v");
    return made;
  }();
  return logger;
}

}  // namespace

void SetLevel(Level level) { minimum_level = level; }

bool IsEnabled(Level level) { return level >= minimum_level.load(std::memory_order_relaxed); }

void Write(Level level, std::string_view text) {
  if (IsEnabled(level)) {
    Logger().log(ToSpdlog(level), "[{}] {}", ThreadName(), text);
  }
}

}  // namespace pistream::log
