// Tells when a camera's device nodes go. libcamera does not, but for USB cameras; and the system's
// calls on a node that has gone only fail, as many others do.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <stop_token>
#include <thread>
#include <vector>

#include "src/base/clock.h"

namespace pistream {

class DeviceWatch {
 public:
  // Of the `devices` those that are there now. `on_gone` is called once, after the first of them
  // has gone, on a thread of the watch's own. `sysfs` is where the kernel keeps an entry for each
  // character device, MAJOR:MINOR. `clock` outlives the watch.
  DeviceWatch(const std::vector<dev_t>& devices, std::function<void()> on_gone, Clock& clock,
              const std::filesystem::path& sysfs = "/sys/dev/char");
  DeviceWatch(const DeviceWatch&) = delete;
  DeviceWatch& operator=(const DeviceWatch&) = delete;
  ~DeviceWatch() = default;  // waits for `on_gone`, where that is under way

  // Whether one has gone, as of now. Any thread.
  bool AnyGone() const;

 private:
  void Watch(const std::stop_token& stop, const std::function<void()>& on_gone) const;

  Clock& clock_;
  std::vector<std::filesystem::path> entries_;
  std::jthread watching_;
};

}  // namespace pistream
