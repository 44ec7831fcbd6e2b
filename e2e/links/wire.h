// One direction of an emulated link: packets on their way, and how many there were.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "e2e/links/link_model.h"
#include "src/base/clock.h"

namespace pistream::links {

// An IP packet.
using Packet = std::vector<char>;

struct Traffic {
  uint64_t packets = 0;
  uint64_t bytes = 0;

  void Add(size_t size) {
    ++packets;
    bytes += size;
  }
};

struct Counters {
  Traffic delivered;
  // By the full buffer.
  Traffic dropped;
  Traffic lost;
};

// Not thread-safe.
class Wire {
 public:
  explicit Wire(const LinkProfile& profile) : model_(profile) {}

  // Begins the schedule of steps and outages.
  void Start(SteadyTime now) { model_.Start(now); }

  void Send(Packet packet, SteadyTime now);

  // When Receive has a packet; nothing if none is on its way.
  std::optional<SteadyTime> NextArrival() const;

  // A packet that has arrived by now, the earliest first.
  std::optional<Packet> Receive(SteadyTime now);

  const Counters& counters() const { return counters_; }

 private:
  struct Travelling {
    SteadyTime arrival;
    // Of packets that arrive at the same time, the first comes first.
    uint64_t number = 0;
    Packet packet;

    bool operator>(const Travelling& other) const {
      return arrival != other.arrival ? arrival > other.arrival : number > other.number;
    }
  };

  LinkModel model_;
  std::priority_queue<Travelling, std::vector<Travelling>, std::greater<>> travelling_;
  uint64_t sent_ = 0;
  Counters counters_;
};

}  // namespace pistream::links
