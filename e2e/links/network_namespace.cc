#include "e2e/links/network_namespace.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace pistream::links {
namespace {

constexpr char kCongestionControl[] = "/proc/sys/net/ipv4/tcp_congestion_control";
constexpr char kAllowed[] = "/proc/sys/net/ipv4/tcp_allowed_congestion_control";

Result<void> Write(const std::string& path, std::string_view text) {
  std::ofstream file(path);
  file << text << std::flush;
  if (!file) {
    return Fail("cannot write '{}' to {}: {}", text, path, std::strerror(errno));
  }
  return {};
}

std::string ReadLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

Result<void> EnterUserNamespace() {
  const uid_t user = geteuid();
  const gid_t group = getegid();
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
    return Fail("no right to create network namespaces, nor a user namespace: {}",
                std::strerror(errno));
  }
  return Write("/proc/self/setgroups", "deny")
      .and_then([&] { return Write("/proc/self/uid_map", fmt::format("0 {} 1", user)); })
      .and_then([&] { return Write("/proc/self/gid_map", fmt::format("0 {} 1", group)); });
}

Result<void> BringUpLoopback() {
  const FileDescriptor any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  if (ioctl(any.get(), SIOCSIFFLAGS, &request) != 0) {
    return Fail("cannot bring lo up: {}", std::strerror(errno));
  }
  return {};
}

}  // namespace

Result<void> GainNetworkRights() {
  return unshare(CLONE_NEWNET) == 0 ? Result<void>() : EnterUserNamespace();
}

Result<FileDescriptor> EnterNewNamespace() {
  if (unshare(CLONE_NEWNET) != 0) {
    return Fail("cannot create a network namespace: {}", std::strerror(errno));
  }
  FileDescriptor network(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  const auto up = BringUpLoopback();
  if (!up) {
    return tl::unexpected(up.error());
  }
  // Its own messages would be counted among the packets.
  (void)Write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
  // A new connection begins as if it were the first.
  (void)Write("/proc/sys/net/ipv4/tcp_no_metrics_save", "1");
  return network;
}

Result<void> EnterNamespace(const FileDescriptor& network) {
  if (setns(network.get(), CLONE_NEWNET) != 0) {
    return Fail("cannot enter a network namespace: {}", std::strerror(errno));
  }
  return {};
}

Result<std::string> ReadCongestionControl() { return ReadLine(kCongestionControl); }

Result<void> SetCongestionControl(const std::string& name) {
  return Write(kCongestionControl, name);
}

void AllowCongestionControl(const std::string& name) {
  const std::string allowed = ReadLine(kAllowed);
  if ((" " + allowed + " ").find(" " + name + " ") == std::string::npos) {
    (void)Write(kAllowed, allowed + " " + name);
  }
}

}  // namespace pistream::links
