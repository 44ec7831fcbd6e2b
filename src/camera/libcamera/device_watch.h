// Detects that a camera's devices were removed. libcamera does so for USB cameras only.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "src/base/clock.h"
#include "src/camera/libcamera/device_events.h"

namespace pistream {

// Its thread sleeps until the kernel announces that a device was removed.
class DeviceWatch {
 public:
  // Of the `devices` those that exist now. `on_gone` is called once, after the first of them was
  // removed, on a thread of the watch's own. `clock` outlives the watch.
  DeviceWatch(const std::vector<dev_t>& devices, std::function<void()> on_gone, Clock& clock);

  // The same where `sysfs` has an entry for each character device, MAJOR:MINOR. Without `events`
  // the entries are looked at every 50 ms.
  DeviceWatch(const std::vector<dev_t>& devices, std::function<void()> on_gone, Clock& clock,
              const std::filesystem::path& sysfs, std::optional<DeviceEvents> events);
  DeviceWatch(const DeviceWatch&) = delete;
  DeviceWatch& operator=(const DeviceWatch&) = delete;
  ~DeviceWatch() = default;  // waits for `on_gone`, if that is under way

  // Whether one is missing now. Any thread.
  bool AnyGone() const;

 private:
  void Watch(const std::stop_token& stop, const std::function<void()>& on_gone);
  bool AwaitRemoval(const std::stop_token& stop);

  Clock& clock_;
  std::vector<std::filesystem::path> entries_;
  std::optional<DeviceEvents> events_;
  std::jthread watching_;
};

}  // namespace pistream
