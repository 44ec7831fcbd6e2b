#include "e2e/links/wire.h"

#include <utility>

namespace pistream::links {

void Wire::Send(Packet packet, SteadyTime now) {
  const Verdict verdict = model_.Offer(now, packet.size());
  switch (verdict.fate) {
    case Fate::kDropped:
      counters_.dropped.Add(packet.size());
      break;
    case Fate::kLost:
      counters_.lost.Add(packet.size());
      break;
    case Fate::kDelivered:
      travelling_.push({verdict.deliver_at, sent_++, std::move(packet)});
      break;
  }
}

std::optional<SteadyTime> Wire::NextArrival() const {
  return travelling_.empty() ? std::nullopt : std::optional(travelling_.top().arrival);
}

std::optional<Packet> Wire::Receive(SteadyTime now) {
  if (travelling_.empty() || travelling_.top().arrival > now) {
    return std::nullopt;
  }
  Packet packet = travelling_.top().packet;
  travelling_.pop();
  counters_.delivered.Add(packet.size());
  return packet;
}

}  // namespace pistream::links
