// The kernel's announcements of devices that come and go (netlink's kobject uevents). They need
// neither udevd nor privileges.
#pragma once

#include <stop_token>
#include <string_view>

#include "src/base/result.h"

namespace pistream {

// Move-only.
class DeviceEvents {
 public:
  // Fails where the kernel sends none to this process: without netlink (RestrictAddressFamilies=),
  // and in a container with a user namespace of its own.
  static Result<DeviceEvents> Open();

  // Takes over a socket that gives one announcement with each recv().
  explicit DeviceEvents(int socket) : socket_(socket) {}
  DeviceEvents(DeviceEvents&& other) noexcept;
  DeviceEvents& operator=(DeviceEvents&& other) noexcept;
  DeviceEvents(const DeviceEvents&) = delete;
  DeviceEvents& operator=(const DeviceEvents&) = delete;
  ~DeviceEvents();

  // Blocks until a device was removed, any device, or announcements were lost (true), or until
  // `stop` is requested (false). The kernel removes a device from sysfs before it announces it.
  bool AwaitRemoval(const std::stop_token& stop);

 private:
  // Receives what has arrived. Whether that included a removal.
  bool TakeArrived();

  int socket_;
};

}  // namespace pistream
