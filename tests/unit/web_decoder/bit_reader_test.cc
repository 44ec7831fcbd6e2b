#include "web/decoder/bit_reader.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

namespace pistream::mpeg1 {
namespace {

constexpr std::array<uint8_t, 9> kBytes = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0x81};

BitReader ReaderOf(size_t size) { return BitReader(ByteSpan{kBytes.data(), kBytes.data() + size}); }

TEST(BitReader, Read_TakesMostSignificantBitsFirst) {
  BitReader bits = ReaderOf(kBytes.size());
  EXPECT_EQ(bits.Read(4), 0x1u);
  EXPECT_EQ(bits.Read(12), 0x234u);
  EXPECT_EQ(bits.Read(32), 0x56789abcu);
  EXPECT_EQ(bits.Read(1), 1u);
  EXPECT_EQ(bits.Read(23), 0x5ef081u);
  EXPECT_FALSE(bits.Overrun());
}

TEST(BitReader, Refill_MakesAtLeast33BitsAvailable) {
  for (int offset = 0; offset < 32; ++offset) {
    BitReader bits = ReaderOf(kBytes.size());
    bits.Refill();
    bits.Skip(offset);
    bits.Refill();
    const uint64_t expected = 0x123456789abcdef0u << offset;
    EXPECT_EQ(bits.Peek(32), expected >> 32) << offset;
    bits.Skip(32);
    EXPECT_EQ(bits.Peek(1), (expected >> 31) & 1) << offset;
  }
}

TEST(BitReader, PeekBit_IsTheLastBitOfPeek) {
  BitReader bits = ReaderOf(kBytes.size());
  bits.Refill();
  for (int count = 1; count <= 32; ++count) {
    EXPECT_EQ(bits.PeekBit(count), bits.Peek(count) & 1) << count;
  }
}

TEST(BitReader, BehindTheEnd_ReadsZerosAndTells) {
  for (size_t size = 0; size <= kBytes.size(); ++size) {
    BitReader bits = ReaderOf(size);
    for (size_t i = 0; i < size; ++i) ASSERT_EQ(bits.Read(8), kBytes[i]);
    EXPECT_FALSE(bits.Overrun()) << size;
    EXPECT_EQ(bits.Read(32), 0u) << size;
    EXPECT_TRUE(bits.Overrun()) << size;
    for (int i = 0; i < 100; ++i) EXPECT_EQ(bits.Read(32), 0u);
  }
}

TEST(BitReader, OfNothing_ReadsZeros) {
  BitReader bits;
  EXPECT_EQ(bits.Read(1), 0u);
  EXPECT_TRUE(bits.Overrun());
}

}  // namespace
}  // namespace pistream::mpeg1
