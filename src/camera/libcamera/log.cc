#include "src/camera/libcamera/log.h"

#include <libcamera/logging.h>

#include <atomic>
#include <cstdlib>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

#include "src/base/log.h"
#include "src/base/mutex.h"
#include "src/base/thread_annotations.h"

namespace pistream {
namespace {

std::atomic<int> running_cameras = 0;

bool IsError(std::string_view line) { return line.find(" ERROR ") != std::string_view::npos; }

// Then libcamera aborts.
bool IsFatal(std::string_view line) { return line.find(" FATAL ") != std::string_view::npos; }

log::Level LevelOf(std::string_view line) {
  if (IsFatal(line)) {
    return log::Level::kError;
  }
  return running_cameras > 0 && IsError(line) ? log::Level::kWarning : log::Level::kDebug;
}

// libcamera writes whole lines, from any of its threads.
class LineBuffer final : public std::streambuf {
 protected:
  std::streamsize xsputn(const char* text, std::streamsize count) override {
    MutexLock lock(mutex_);
    for (const char c : std::string_view(text, static_cast<size_t>(count))) {
      Add(c);
    }
    return count;
  }

  int_type overflow(int_type c) override {
    MutexLock lock(mutex_);
    if (!traits_type::eq_int_type(c, traits_type::eof())) {
      Add(traits_type::to_char_type(c));
    }
    return traits_type::not_eof(c);
  }

 private:
  void Add(char c) PISTREAM_REQUIRES(mutex_) {
    if (c != '\n') {
      line_.push_back(c);
      return;
    }
    log::Write(LevelOf(line_), "libcamera: " + line_);
    line_.clear();
  }

  Mutex mutex_;
  std::string line_ PISTREAM_GUARDED_BY(mutex_);
};

bool Route() {
  if (getenv("LIBCAMERA_LOG_FILE") == nullptr) {
    // Never destroyed: libcamera may log until the process is gone.
    static auto* const kStream = new std::ostream(new LineBuffer);
    libcamera::logSetStream(kStream);
  }
  return true;
}

}  // namespace

void RouteLibcameraLog() {
  static const bool kRouted = Route();
  static_cast<void>(kRouted);
}

void SetCameraRuns(bool runs) { running_cameras += runs ? 1 : -1; }

}  // namespace pistream
