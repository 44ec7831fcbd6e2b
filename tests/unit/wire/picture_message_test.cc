#include "src/wire/picture_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace pistream::wire {
namespace {

using std::chrono::nanoseconds;
using testing::ElementsAreArray;

constexpr PictureHeader kHeader{
    .type = PictureType::kPredicted,
    .discontinuity = true,
    .sequence = 0x0102030405060708,
    .captured = SteadyTime(nanoseconds(0x1112131415161718)),
    .sent = SteadyTime(nanoseconds(0x2122232425262728)),
};

TEST(PictureHeaderTest, Make_EachField_IsWhereTheDocumentSays) {
  const std::array<uint8_t, kPictureHeaderSize> expected = {
      1,    2,    0,    1,    0,    0,    0,    0,     // version, type, flags, reserved
      0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,  // sequence
      0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,  // captured
      0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28,  // sent
  };
  EXPECT_THAT(MakePictureHeader(kHeader), ElementsAreArray(expected));
}

TEST(PictureHeaderTest, Make_ContinuousIntra_TypeAndFlagsSaySo) {
  PictureHeader header = kHeader;
  header.type = PictureType::kIntra;
  header.discontinuity = false;
  const auto bytes = MakePictureHeader(header);
  EXPECT_EQ(bytes[1], 1);
  EXPECT_EQ(bytes[2], 0);
  EXPECT_EQ(bytes[3], 0);
}

TEST(PictureHeaderTest, Make_Repeat_SetsFlagBitOne) {
  PictureHeader header = kHeader;
  header.repeats = true;
  EXPECT_EQ(MakePictureHeader(header)[3], 3);
  header.discontinuity = false;
  EXPECT_EQ(MakePictureHeader(header)[3], 2);
}

TEST(PictureHeaderTest, Parse_WhatWasMade_GivesItBack) {
  const auto parsed = ParsePictureHeader(MakePictureHeader(kHeader));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->type, kHeader.type);
  EXPECT_EQ(parsed->discontinuity, kHeader.discontinuity);
  EXPECT_FALSE(parsed->repeats);
  EXPECT_EQ(parsed->sequence, kHeader.sequence);
  EXPECT_EQ(parsed->captured, kHeader.captured);
  EXPECT_EQ(parsed->sent, kHeader.sent);
}

TEST(PictureHeaderTest, Parse_Repeat_SaysSo) {
  PictureHeader header = kHeader;
  header.repeats = true;
  header.discontinuity = false;
  const auto parsed = ParsePictureHeader(MakePictureHeader(header));
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->repeats);
  EXPECT_FALSE(parsed->discontinuity);
}

TEST(PictureHeaderTest, Parse_UnknownFlagsAndReservedField_AreIgnored) {
  auto bytes = MakePictureHeader(kHeader);
  bytes[2] = 0xFF;
  bytes[3] = 0xFC;
  bytes[5] = 0xFF;
  const auto parsed = ParsePictureHeader(bytes);
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed->discontinuity);
  EXPECT_FALSE(parsed->repeats);
}

TEST(PictureHeaderTest, Parse_TooShort_IsNoHeader) {
  const auto bytes = MakePictureHeader(kHeader);
  EXPECT_FALSE(ParsePictureHeader(std::span(bytes).first(kPictureHeaderSize - 1)));
}

TEST(PictureHeaderTest, Parse_OtherVersionOrType_IsNoHeader) {
  auto bytes = MakePictureHeader(kHeader);
  bytes[0] = 2;
  EXPECT_FALSE(ParsePictureHeader(bytes));
  bytes[0] = 1;
  for (const uint8_t type : {uint8_t{0}, uint8_t{3}, uint8_t{255}}) {
    bytes[1] = type;
    EXPECT_FALSE(ParsePictureHeader(bytes));
  }
}

}  // namespace
}  // namespace pistream::wire
