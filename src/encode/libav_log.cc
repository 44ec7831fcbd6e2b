#include "src/encode/libav_log.h"

#include <array>
#include <cstdarg>
#include <mutex>
#include <string_view>

#include "src/base/log.h"

extern "C" {
#include <libavutil/log.h>
}

namespace pistream {
namespace {

log::Level ToLevel(int libav_level) {
  if (libav_level <= AV_LOG_ERROR) {
    return log::Level::kError;
  }
  return libav_level <= AV_LOG_WARNING ? log::Level::kWarning : log::Level::kDebug;
}

// Called by FFmpeg's libraries on any thread.
void Write(void* context, int libav_level, const char* format, va_list arguments) {
  // Messages below kVerbose are about single macroblocks.
  const log::Level level = ToLevel(libav_level);
  if (libav_level > AV_LOG_VERBOSE || !log::IsEnabled(level)) {
    return;
  }
  std::array<char, 512> line{};
  int print_prefix = 1;
  av_log_format_line2(context, libav_level, format, arguments, line.data(),
                      static_cast<int>(line.size()), &print_prefix);
  std::string_view text(line.data());
  while (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  log::Write(level, text);
}

}  // namespace

void RouteLibavLog() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(&Write); });
}

}  // namespace pistream
