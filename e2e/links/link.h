// An emulated link between two network namespaces: a TUN device in each, and a wire in each
// direction.
#pragma once

#include <optional>
#include <string>

#include "e2e/links/profile.h"
#include "e2e/links/tun_device.h"
#include "e2e/links/wire.h"
#include "src/base/result.h"

namespace pistream::links {

// The namespaces that all links are between.
struct Ends {
  FileDescriptor server;
  FileDescriptor client;
};

class Link {
 public:
  // `number`: from 0 to 254, another for each link between the same namespaces.
  static Result<Link> Create(const LinkProfile& profile, int number, const Ends& ends);

  // The addresses of link `number`.
  static std::string ServerAddress(int number);
  static std::string ClientAddress(int number);

  // Descriptors to poll: Exchange has something to do once one is readable.
  int server_fd() const { return server_.fd(); }
  int client_fd() const { return client_.fd(); }

  // Begins the schedule of steps and outages.
  void Start(SteadyTime now);

  // Takes the packets that the namespaces have sent, and delivers those that have arrived.
  void Exchange(SteadyTime now);

  // When Exchange has something to deliver.
  std::optional<SteadyTime> NextArrival() const;

  const std::string& name() const { return name_; }
  // From server to client.
  const Counters& down() const { return down_.counters(); }
  const Counters& up() const { return up_.counters(); }

 private:
  Link(const LinkProfile& profile, TunDevice server, TunDevice client);

  std::string name_;
  TunDevice server_;
  TunDevice client_;
  Wire down_;
  Wire up_;
};

}  // namespace pistream::links
