#include "e2e/links/tun_device.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace pistream::links {
namespace {

constexpr char kNetmask[] = "255.255.255.0";
// The MTU of a new TUN device.
constexpr size_t kLongestPacket = 1500;

ifreq RequestFor(const std::string& name) {
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  return request;
}

sockaddr AddressOf(const std::string& text) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, text.c_str(), &address.sin_addr);
  sockaddr generic{};
  std::memcpy(&generic, &address, sizeof generic);
  return generic;
}

// Address, netmask, and up.
bool Configure(const std::string& name, const std::string& address) {
  const FileDescriptor any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request = RequestFor(name);
  request.ifr_addr = AddressOf(address);
  if (ioctl(any.get(), SIOCSIFADDR, &request) != 0) {
    return false;
  }
  request.ifr_netmask = AddressOf(kNetmask);
  if (ioctl(any.get(), SIOCSIFNETMASK, &request) != 0) {
    return false;
  }
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return ioctl(any.get(), SIOCSIFFLAGS, &request) == 0;
}

}  // namespace

Result<TunDevice> TunDevice::Create(const std::string& name, const std::string& address) {
  FileDescriptor fd(open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (fd.get() < 0) {
    return Fail("cannot open /dev/net/tun: {}", std::strerror(errno));
  }
  ifreq request = RequestFor(name);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (ioctl(fd.get(), TUNSETIFF, &request) != 0) {
    return Fail("cannot create a TUN device: {}", std::strerror(errno));
  }
  if (!Configure(name, address)) {
    return Fail("cannot configure a TUN device: {}", std::strerror(errno));
  }
  return TunDevice(std::move(fd));
}

std::optional<Packet> TunDevice::Read() const {
  Packet packet(kLongestPacket);
  const ssize_t size = read(fd(), packet.data(), packet.size());
  if (size <= 0) {
    return std::nullopt;
  }
  packet.resize(static_cast<size_t>(size));
  return packet;
}

void TunDevice::Write(const Packet& packet) const {
  (void)!write(fd(), packet.data(), packet.size());
}

}  // namespace pistream::links
