#include "src/base/bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <span>

namespace pistream {
namespace {

using testing::ElementsAre;

TEST(BytesTest, WriteBigEndian_PutsTheMostSignificantByteFirst) {
  std::array<uint8_t, 4> bytes{};
  WriteBigEndian(bytes, 0x01020304);
  EXPECT_THAT(bytes, ElementsAre(1, 2, 3, 4));
}

TEST(BytesTest, WriteBigEndian_ValueOfFewerBytes_FillsWithZeros) {
  std::array<uint8_t, 8> bytes;
  bytes.fill(0xFF);
  WriteBigEndian(bytes, 0x0102);
  EXPECT_THAT(bytes, ElementsAre(0, 0, 0, 0, 0, 0, 1, 2));
}

TEST(BytesTest, WriteBigEndian_ValueTooBig_KeepsTheLowBytes) {
  std::array<uint8_t, 2> bytes{};
  WriteBigEndian(bytes, 0x123456);
  EXPECT_THAT(bytes, ElementsAre(0x34, 0x56));
}

TEST(BytesTest, WriteBigEndian_PartOfABuffer_LeavesTheRest) {
  std::array<uint8_t, 4> bytes = {9, 9, 9, 9};
  WriteBigEndian(std::span(bytes).subspan(1, 2), 0x0102);
  EXPECT_THAT(bytes, ElementsAre(9, 1, 2, 9));
}

TEST(BytesTest, ReadBigEndian_ReadsWhatWasWritten) {
  for (const uint64_t value :
       {uint64_t{0}, uint64_t{1}, uint64_t{0x0102030405060708}, UINT64_MAX}) {
    std::array<uint8_t, 8> bytes{};
    WriteBigEndian(bytes, value);
    EXPECT_EQ(ReadBigEndian(bytes), value);
  }
}

TEST(BytesTest, ReadBigEndian_BytesWithTheHighBitSet_AreNotNegative) {
  constexpr std::array<uint8_t, 2> kBytes = {0x80, 0xFF};
  static_assert(ReadBigEndian(kBytes) == 0x80FF);
  EXPECT_EQ(ReadBigEndian({}), 0U);
}

}  // namespace
}  // namespace pistream
