#include "src/camera/libcamera/device_events.h"

#include <linux/netlink.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

namespace pistream {
namespace {

// The kernel's own announcements; those of udevd, in group 2, are later.
constexpr uint32_t kKernelGroup = 1;

// PROC_USER_INIT_INO: the machine's own user namespace. Network namespaces of others get no
// announcements of devices.
constexpr ino_t kFirstUserNamespace = 0xEFFFFFFD;

bool IsInFirstUserNamespace() {
  struct stat file{};
  return stat("/proc/self/ns/user", &file) == 0 && file.st_ino == kFirstUserNamespace;
}

// An eventfd that has an event once `stop` is requested.
class StopEvent {
 public:
  explicit StopEvent(const std::stop_token& stop)
      : fd_(eventfd(0, EFD_CLOEXEC)), callback_(stop, Raise{fd_}) {}
  StopEvent(const StopEvent&) = delete;
  StopEvent& operator=(const StopEvent&) = delete;
  ~StopEvent() { close(fd_); }

  int fd() const { return fd_; }

 private:
  struct Raise {
    int fd;
    void operator()() const { eventfd_write(fd, 1); }
  };

  const int fd_;
  std::stop_callback<Raise> callback_;
};

}  // namespace

Result<DeviceEvents> DeviceEvents::Open() {
  if (!IsInFirstUserNamespace()) {
    return Fail("the kernel announces no devices in a container's user namespace");
  }
  DeviceEvents events(
      socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = kKernelGroup;
  if (events.socket_ < 0 ||
      bind(events.socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Fail("cannot listen to the kernel's announcements of devices: {}", strerror(errno));
  }
  return events;
}

DeviceEvents::DeviceEvents(DeviceEvents&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)) {}

DeviceEvents& DeviceEvents::operator=(DeviceEvents&& other) noexcept {
  std::swap(socket_, other.socket_);
  return *this;
}

DeviceEvents::~DeviceEvents() {
  if (socket_ >= 0) {
    close(socket_);
  }
}

bool DeviceEvents::AwaitRemoval(const std::stop_token& stop) {
  const StopEvent stopped(stop);
  while (!stop.stop_requested()) {
    std::array<pollfd, 2> files{{{socket_, POLLIN, 0}, {stopped.fd(), POLLIN, 0}}};
    poll(files.data(), files.size(), -1);
    if (TakeArrived()) {
      return true;
    }
  }
  return false;
}

bool DeviceEvents::TakeArrived() {
  constexpr std::string_view kRemoval = "remove@";
  std::array<char, kRemoval.size()> start{};
  bool is_removal = false;
  for (;;) {
    const ssize_t length = recv(socket_, start.data(), start.size(), MSG_DONTWAIT);
    if (length < 0) {
      // ENOBUFS: the kernel has dropped some.
      return is_removal || errno == ENOBUFS;
    }
    is_removal |= std::string_view(start.data(), static_cast<size_t>(length)) == kRemoval;
  }
}

}  // namespace pistream
