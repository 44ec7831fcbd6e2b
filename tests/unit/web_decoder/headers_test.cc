#include "web/decoder/headers.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "tests/unit/web_decoder/bit_writer.h"

namespace pistream::mpeg1 {
namespace {

using test::BitWriter;

ByteSpan SpanOf(const std::vector<uint8_t>& bytes) {
  return {bytes.data(), bytes.data() + bytes.size()};
}

struct SequenceFields {
  int width = 640;
  int height = 480;
  int marker = 1;
  int intra_weight = 0;  // Of all; 0: no matrix.
  int non_intra_weight = 0;
};

void PutMatrix(BitWriter& bits, int weight) {
  bits.Put(weight > 0 ? 1 : 0, 1);
  for (int i = 0; weight > 0 && i < kCoefficients; ++i) bits.Put(i == 5 ? weight : 77, 8);
}

std::vector<uint8_t> MakeSequenceHeader(const SequenceFields& fields) {
  BitWriter bits;
  bits.Put(fields.width, 12);
  bits.Put(fields.height, 12);
  bits.Put(0x13, 8);
  bits.Put(1000, 18);
  bits.Put(fields.marker, 1);
  bits.Put(20, 10);
  bits.Put(0, 1);
  PutMatrix(bits, fields.intra_weight);
  PutMatrix(bits, fields.non_intra_weight);
  return bits.Take();
}

TEST(SequenceHeader, WithoutMatrices_HasTheStandards) {
  SequenceHeader header;
  ASSERT_TRUE(ParseSequenceHeader(SpanOf(MakeSequenceHeader({})), header));
  EXPECT_EQ(header.width, 640);
  EXPECT_EQ(header.height, 480);
  EXPECT_EQ(header.intra_matrix.weights[0], 8);
  EXPECT_EQ(header.intra_matrix.weights[63], 83);
  EXPECT_EQ(header.non_intra_matrix.weights[17], 16);
}

TEST(SequenceHeader, WithMatrices_KeepsTheOrderOfTransmission) {
  SequenceHeader header;
  const auto bytes = MakeSequenceHeader({.intra_weight = 9, .non_intra_weight = 255});
  ASSERT_TRUE(ParseSequenceHeader(SpanOf(bytes), header));
  EXPECT_EQ(header.intra_matrix.weights[4], 77);
  EXPECT_EQ(header.intra_matrix.weights[5], 9);
  EXPECT_EQ(header.non_intra_matrix.weights[5], 255);
}

TEST(SequenceHeader, SizeNotInMacroblocks_IsRoundedUp) {
  SequenceHeader header;
  ASSERT_TRUE(ParseSequenceHeader(SpanOf(MakeSequenceHeader({.width = 17, .height = 16})), header));
  EXPECT_EQ(header.macroblock_columns(), 2);
  EXPECT_EQ(header.coded_width(), 32);
  EXPECT_EQ(header.coded_height(), 16);
}

TEST(SequenceHeader, ForbiddenValue_IsRefused) {
  SequenceHeader header;
  EXPECT_FALSE(ParseSequenceHeader(SpanOf(MakeSequenceHeader({.width = 0})), header));
  EXPECT_FALSE(ParseSequenceHeader(SpanOf(MakeSequenceHeader({.height = 0})), header));
  EXPECT_FALSE(ParseSequenceHeader(SpanOf(MakeSequenceHeader({.marker = 0})), header));
}

TEST(SequenceHeader, WeightOfZero_IsRefused) {
  std::vector<uint8_t> bytes = MakeSequenceHeader({.intra_weight = 9});
  for (uint8_t& byte : bytes) byte = 0xff;
  bytes[20] = bytes[21] = 0;
  SequenceHeader header;
  EXPECT_FALSE(ParseSequenceHeader(SpanOf(bytes), header));
}

TEST(SequenceHeader, CutOff_IsRefused) {
  std::vector<uint8_t> bytes = MakeSequenceHeader({.non_intra_weight = 9});
  SequenceHeader header;
  while (!bytes.empty()) {
    bytes.pop_back();
    EXPECT_FALSE(ParseSequenceHeader(SpanOf(bytes), header)) << bytes.size();
  }
}

std::vector<uint8_t> MakePictureHeader(int type, int full_pel, int forward_f_code) {
  BitWriter bits;
  bits.Put(3, 10);
  bits.Put(type, 3);
  bits.Put(0xffff, 16);
  bits.Put(full_pel, 1);
  bits.Put(forward_f_code, 3);
  bits.Put(0, 1);
  return bits.Take();
}

TEST(PictureHeader, OfPredictedPicture_HasVectorRange) {
  PictureHeader header;
  ASSERT_TRUE(ParsePictureHeader(SpanOf(MakePictureHeader(2, 1, 7)), header));
  EXPECT_EQ(header.type, PictureType::kPredicted);
  EXPECT_TRUE(header.full_pel_vectors);
  EXPECT_EQ(header.forward_r_size, 6);
}

TEST(PictureHeader, OfIntraPicture_HasNone) {
  PictureHeader header;
  ASSERT_TRUE(ParsePictureHeader(SpanOf(MakePictureHeader(1, 0, 0)), header));
  EXPECT_EQ(header.type, PictureType::kIntra);
  EXPECT_EQ(header.forward_r_size, 0);
}

TEST(PictureHeader, ForbiddenValueOrCutOff_IsRefused) {
  PictureHeader header;
  EXPECT_FALSE(ParsePictureHeader(SpanOf(MakePictureHeader(0, 0, 1)), header));
  EXPECT_FALSE(ParsePictureHeader(SpanOf(MakePictureHeader(5, 0, 1)), header));
  EXPECT_FALSE(ParsePictureHeader(SpanOf(MakePictureHeader(2, 0, 0)), header));
  EXPECT_FALSE(ParsePictureHeader(SpanOf({0x00, 0x10, 0xff}), header));
}

}  // namespace
}  // namespace pistream::mpeg1
