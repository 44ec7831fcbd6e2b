// A TUN device: a network interface whose packets this process reads and writes.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "e2e/links/file_descriptor.h"
#include "e2e/links/wire.h"
#include "src/base/result.h"

namespace pistream::links {

class TunDevice {
 public:
  // Creates it in the current network namespace, with an address of a network of 256, and brings it
  // up. Fails without /dev/net/tun, or the right to use it.
  static Result<TunDevice> Create(const std::string& name, const std::string& address);

  int fd() const { return fd_.get(); }

  // Does not block: nothing if there is no packet.
  std::optional<Packet> Read() const;

  // The kernel drops a packet that it cannot take.
  void Write(const Packet& packet) const;

 private:
  explicit TunDevice(FileDescriptor fd) : fd_(std::move(fd)) {}

  FileDescriptor fd_;
};

}  // namespace pistream::links
