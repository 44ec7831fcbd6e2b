#include "src/camera/libcamera/device_watch.h"

#include <fmt/format.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

#include "src/base/log.h"
#include "src/base/thread_name.h"

namespace pistream {
namespace {

// Without events. A camera that is back before libcamera's manager has ended makes libcamera end
// the process: it knows a camera of this name already.
constexpr Duration kInterval = std::chrono::milliseconds(50);

bool IsThere(const std::filesystem::path& entry) {
  std::error_code unreadable;
  return std::filesystem::exists(entry, unreadable) || unreadable;
}

// None for no devices (virtual cameras).
std::optional<DeviceEvents> EventsFor(const std::vector<dev_t>& devices) {
  if (devices.empty()) {
    return std::nullopt;
  }
  auto events = DeviceEvents::Open();
  if (!events) {
    log::Info("looking for lost cameras every {} ms: {}",
              std::chrono::duration_cast<std::chrono::milliseconds>(kInterval).count(),
              events.error().message);
    return std::nullopt;
  }
  return *std::move(events);
}

}  // namespace

DeviceWatch::DeviceWatch(const std::vector<dev_t>& devices, std::function<void()> on_gone,
                         Clock& clock)
    : DeviceWatch(devices, std::move(on_gone), clock, "/sys/dev/char", EventsFor(devices)) {}

DeviceWatch::DeviceWatch(const std::vector<dev_t>& devices, std::function<void()> on_gone,
                         Clock& clock, const std::filesystem::path& sysfs,
                         std::optional<DeviceEvents> events)
    : clock_(clock), events_(std::move(events)) {
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

void DeviceWatch::Watch(const std::stop_token& stop, const std::function<void()>& on_gone) {
  SetThreadName("camera-watch");
  do {
    if (AnyGone()) {
      on_gone();
      return;
    }
  } while (AwaitRemoval(stop));
}

bool DeviceWatch::AwaitRemoval(const std::stop_token& stop) {
  return events_ ? events_->AwaitRemoval(stop) : clock_.SleepUntil(clock_.Now() + kInterval, stop);
}

}  // namespace pistream
