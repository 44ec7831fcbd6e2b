#include "e2e/links/link.h"

#include <algorithm>
#include <utility>

#include "e2e/links/network_namespace.h"
#include "fmt/format.h"

namespace pistream::links {
namespace {

// Packets taken from a device at a time, before others have their turn.
constexpr int kMostAtATime = 64;

Result<TunDevice> CreateDevice(const FileDescriptor& network, int number,
                               const std::string& address) {
  // Not called tun: Chromium takes those for another network's tunnel.
  return EnterNamespace(network).and_then(
      [&] { return TunDevice::Create(fmt::format("link{}", number), address); });
}

void Take(const TunDevice& from, Wire& wire, SteadyTime now) {
  for (int i = 0; i < kMostAtATime; ++i) {
    auto packet = from.Read();
    if (!packet) {
      return;
    }
    wire.Send(*std::move(packet), now);
  }
}

void Deliver(Wire& wire, const TunDevice& to, SteadyTime now) {
  while (const auto packet = wire.Receive(now)) {
    to.Write(*packet);
  }
}

}  // namespace

std::string Link::ServerAddress(int number) { return fmt::format("10.77.{}.1", number); }
std::string Link::ClientAddress(int number) { return fmt::format("10.77.{}.2", number); }

Link::Link(const LinkProfile& profile, TunDevice server, TunDevice client)
    : name_(profile.name),
      server_(std::move(server)),
      client_(std::move(client)),
      down_(profile),
      up_(Upstream(profile)) {}

Result<Link> Link::Create(const LinkProfile& profile, int number, const Ends& ends) {
  auto server = CreateDevice(ends.server, number, ServerAddress(number));
  if (!server) {
    return tl::unexpected(server.error());
  }
  auto client = CreateDevice(ends.client, number, ClientAddress(number));
  if (!client) {
    return tl::unexpected(client.error());
  }
  return Link(profile, *std::move(server), *std::move(client));
}

void Link::Start(SteadyTime now) {
  down_.Start(now);
  up_.Start(now);
}

void Link::Exchange(SteadyTime now) {
  Take(server_, down_, now);
  Take(client_, up_, now);
  Deliver(down_, client_, now);
  Deliver(up_, server_, now);
}

std::optional<SteadyTime> Link::NextArrival() const {
  const auto down = down_.NextArrival();
  const auto up = up_.NextArrival();
  return down && up ? std::min(down, up) : down ? down : up;
}

}  // namespace pistream::links
