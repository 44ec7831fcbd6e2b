#include "src/camera/libcamera/silence.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <string>
#include <system_error>

namespace pistream {
namespace {

bool IsOneOf(std::span<const dev_t> devices, int fd) {
  struct stat file{};
  return fstat(fd, &file) == 0 && S_ISCHR(file.st_mode) &&
         std::ranges::find(devices, file.st_rdev) != devices.end();
}

}  // namespace

void SilenceDevices(std::span<const dev_t> devices) {
  const int silent = eventfd(0, EFD_CLOEXEC);
  if (silent < 0) {
    return;
  }
  std::error_code unreadable;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", unreadable)) {
    const std::string name = entry.path().filename();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    if (fd >= 0 && IsOneOf(devices, fd)) {
      dup3(silent, fd, O_CLOEXEC);
    }
  }
  close(silent);
}

}  // namespace pistream
