#include "e2e/links/wire.h"

#include <gtest/gtest.h>

#include <chrono>

namespace pistream::links {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SteadyTime kStart{seconds(1000)};

LinkProfile Profile() {
  LinkProfile profile;
  profile.rate = {{.bits_per_second = 1e6}};
  profile.buffer = seconds(1);
  profile.delay = milliseconds(10);
  return profile;
}

// 125 bytes take a millisecond on the line.
Packet PacketOf(char content) { return Packet(125, content); }

TEST(WireTest, Empty_HasNothingToDeliver) {
  Wire wire(Profile());
  EXPECT_EQ(wire.NextArrival(), std::nullopt);
  EXPECT_EQ(wire.Receive(kStart), std::nullopt);
}

TEST(WireTest, Packets_ArriveUnchangedAndInOrder_NotBeforeTheirTime) {
  Wire wire(Profile());
  wire.Send(PacketOf('a'), kStart);
  wire.Send(PacketOf('b'), kStart);
  EXPECT_EQ(wire.NextArrival(), kStart + milliseconds(11));
  EXPECT_EQ(wire.Receive(kStart + milliseconds(10)), std::nullopt);
  EXPECT_EQ(wire.Receive(kStart + milliseconds(11)), PacketOf('a'));
  EXPECT_EQ(wire.Receive(kStart + milliseconds(11)), std::nullopt);
  EXPECT_EQ(wire.Receive(kStart + milliseconds(12)), PacketOf('b'));
  EXPECT_EQ(wire.NextArrival(), std::nullopt);
}

TEST(WireTest, PacketsThatArriveTogether_KeepTheirOrder) {
  LinkProfile profile = Profile();
  profile.rate[0].bits_per_second = 1e12;
  Wire wire(profile);
  for (char each = 'a'; each <= 'z'; ++each) {
    wire.Send(PacketOf(each), kStart);
  }
  for (char each = 'a'; each <= 'z'; ++each) {
    EXPECT_EQ(wire.Receive(kStart + seconds(1)), PacketOf(each));
  }
}

TEST(WireTest, EachPacket_IsCountedOnce) {
  LinkProfile profile = Profile();
  profile.buffer = milliseconds(30);
  profile.outages = {{.at = seconds(5), .duration = seconds(5), .keeps_traffic = false}};
  Wire wire(profile);
  wire.Start(kStart);
  for (int i = 0; i < 40; ++i) {
    wire.Send(PacketOf('a'), kStart);
  }
  while (wire.Receive(kStart + seconds(1))) {
  }
  wire.Send(PacketOf('b'), kStart + seconds(6));
  EXPECT_EQ(wire.counters().delivered.packets, 30U);
  EXPECT_EQ(wire.counters().delivered.bytes, 30U * 125);
  EXPECT_EQ(wire.counters().dropped.packets, 10U);
  EXPECT_EQ(wire.counters().lost.packets, 1U);
}

}  // namespace
}  // namespace pistream::links
