#include "src/camera/libcamera/device_watch.h"

#include <fmt/format.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

#include "src/base/thread_name.h"

namespace pistream {
namespace {

// Sysfs has no events of its own. A camera that is back before libcamera's manager has ended makes
// that one end the process: it knows a camera of this name already.
constexpr Duration kInterval = std::chrono::milliseconds(50);

bool IsThere(const std::filesystem::path& entry) {
  std::error_code unreadable;
  return std::filesystem::exists(entry, unreadable) || unreadable;
}

}  // namespace

DeviceWatch::DeviceWatch(const std::vector<dev_t>& devices, std::function<void()> on_gone,
                         Clock& clock, const std::filesystem::path& sysfs)
    : clock_(clock) {
  for (const dev_t device : devices) {
    auto entry = sysfs / fmt::format("{}:{}", major(device), minor(device));
    std::error_code unreadable;
    if (std::filesystem::exists(entry, unreadable)) {
      entries_.push_back(std::move(entry));
    }
  }
  if (!entries_.empty()) {
    watching_ = std::jthread([this, on_gone = std::move(on_gone)](const std::stop_token& stop) {
      Watch(stop, on_gone);
    });
  }
}

bool DeviceWatch::AnyGone() const { return !std::ranges::all_of(entries_, IsThere); }

void DeviceWatch::Watch(const std::stop_token& stop, const std::function<void()>& on_gone) const {
  SetThreadName("camera-watch");
  while (clock_.SleepUntil(clock_.Now() + kInterval, stop)) {
    if (AnyGone()) {
      on_gone();
      return;
    }
  }
}

}  // namespace pistream
