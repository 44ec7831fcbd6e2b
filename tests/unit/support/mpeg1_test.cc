#include "tests/support/mpeg1.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace pistream::wire {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes Join(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

// 640x480, square pixels, 24 frames a second, no matrices of its own.
const Bytes kSequence = {0, 0, 1, 0xB3, 0x28, 0x01, 0xE0, 0x12, 0x01, 0xF4, 0x20, 0xA0};
const Bytes kGroup = {0, 0, 1, 0xB8, 0x00, 0x08, 0x00, 0x40};
// temporal_reference 3; vbv_delay 0xFFFF; P: forward_f_code 1.
const Bytes kIntra = {0, 0, 1, 0x00, 0x00, 0xCF, 0xFF, 0xF8};
const Bytes kPredicted = {0, 0, 1, 0x00, 0x00, 0xD7, 0xFF, 0xF8, 0x80};
const Bytes kBidirectional = {0, 0, 1, 0x00, 0x00, 0xDF, 0xFF, 0xF8, 0x88};
const Bytes kSlice = {0, 0, 1, 0x01, 0x13, 0xF8, 0x7D};
const Bytes kLaterSlice = {0, 0, 1, 0x02, 0x13, 0xF8};
const Bytes kUserData = {0, 0, 1, 0xB2, 'h', 'i'};
const Bytes kEnd = {0, 0, 1, 0xB7};
const Bytes kMatrix(64, 16);

Bytes SequenceWithMatrices(bool intra, bool inter) {
  Bytes header = kSequence;
  if (intra) {
    header.back() |= 0x02;
    header.insert(header.end(), kMatrix.begin(), kMatrix.end());
  }
  if (inter) {
    header.back() |= 0x01;
    header.insert(header.end(), kMatrix.begin(), kMatrix.end());
  }
  return header;
}

TEST(FindStartCodeTest, NoneThere_FindsNothing) {
  for (const Bytes& bytes : {Bytes{}, Bytes{0}, Bytes{0, 0, 1}, Bytes{0, 0, 0, 0},
                             Bytes{0, 1, 0, 1}, Bytes{1, 1, 1, 1, 1}, Bytes{2, 0, 1, 9}}) {
    EXPECT_FALSE(FindStartCode(bytes));
  }
}

TEST(FindStartCodeTest, AtAnyPlace_IsFound) {
  for (size_t offset = 0; offset < 70; ++offset) {
    Bytes bytes(offset, 0xFF);
    bytes.insert(bytes.end(), {0, 0, 1, 0xB3});
    const auto found = FindStartCode(bytes);
    ASSERT_TRUE(found) << offset;
    EXPECT_EQ(found->offset, offset);
    EXPECT_EQ(found->code, 0xB3);
  }
}

TEST(FindStartCodeTest, AfterFrom_FindsTheNextOne) {
  const Bytes bytes = {0, 0, 1, 0xB3, 0, 0, 1, 0x00};
  EXPECT_EQ(FindStartCode(bytes, 0)->offset, 0U);
  EXPECT_EQ(FindStartCode(bytes, 1)->offset, 4U);
  EXPECT_EQ(FindStartCode(bytes, 4)->offset, 4U);
  EXPECT_FALSE(FindStartCode(bytes, 5));
  EXPECT_FALSE(FindStartCode(bytes, 100));
}

TEST(FindStartCodeTest, MoreZerosInFront_PrefixIsTheLastTwo) {
  const auto found = FindStartCode(Bytes{0, 0, 0, 0, 1, 0x05});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->offset, 2U);
}

TEST(FindStartCodeTest, LoneOnesInFront_AreSkipped) {
  const auto found = FindStartCode(Bytes{1, 0, 1, 0, 1, 1, 0, 0, 1, 0x05});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->offset, 6U);
}

TEST(FindStartCodeTest, CodeMissing_IsNotFound) { EXPECT_FALSE(FindStartCode(Bytes{9, 0, 0, 1})); }

struct PictureCase {
  std::string name;
  Bytes bytes;
};

void PrintTo(const PictureCase& one, std::ostream* out) { *out << one.name; }

std::string NameOf(const testing::TestParamInfo<PictureCase>& info) { return info.param.name; }

TEST(SummarizePictureTest, IntraWithHeaders_TellsAll) {
  const auto summary =
      SummarizePicture(Join({kSequence, kGroup, kIntra, kSlice, kLaterSlice, kLaterSlice}));
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->type, PictureType::kIntra);
  EXPECT_EQ(summary->size, (Size{640, 480}));
  EXPECT_EQ(summary->temporal_reference, 3);
  EXPECT_EQ(summary->slices, 3);
}

TEST(SummarizePictureTest, Predicted_TellsAll) {
  const auto summary = SummarizePicture(Join({kPredicted, kSlice}));
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->type, PictureType::kPredicted);
  EXPECT_EQ(summary->size, std::nullopt);
  EXPECT_EQ(summary->temporal_reference, 3);
  EXPECT_EQ(summary->slices, 1);
}

class GoodPictureTest : public testing::TestWithParam<PictureCase> {};

TEST_P(GoodPictureTest, Summarize_GivesASummary) {
  EXPECT_TRUE(SummarizePicture(GetParam().bytes));
}

INSTANTIATE_TEST_SUITE_P(
    All, GoodPictureTest,
    testing::Values(
        PictureCase{"IntraWithoutHeaders", Join({kIntra, kSlice})},
        PictureCase{"IntraMatrix",
                    Join({SequenceWithMatrices(true, false), kGroup, kIntra, kSlice})},
        PictureCase{"InterMatrix",
                    Join({SequenceWithMatrices(false, true), kGroup, kIntra, kSlice})},
        PictureCase{"BothMatrices",
                    Join({SequenceWithMatrices(true, true), kGroup, kIntra, kSlice})},
        PictureCase{"UserData",
                    Join({kSequence, kUserData, kGroup, kUserData, kIntra, kUserData, kSlice})},
        PictureCase{"ZeroStuffing",
                    Join({kSequence, {0, 0, 0}, kGroup, {0}, kIntra, {0, 0}, kSlice, {0, 0, 0}})},
        PictureCase{"LastSlice", Join({kIntra, {0, 0, 1, 0xAF, 0x10}})},
        PictureCase{"PredictedWithFCodeInLowBitOnly",
                    Join({{0, 0, 1, 0x00, 0x00, 0xD7, 0xFF, 0xF9, 0x00}, kSlice})}),
    NameOf);

class BadPictureTest : public testing::TestWithParam<PictureCase> {};

TEST_P(BadPictureTest, Summarize_GivesNothing) { EXPECT_FALSE(SummarizePicture(GetParam().bytes)); }

Bytes Cut(Bytes bytes, size_t by) {
  bytes.resize(bytes.size() - by);
  return bytes;
}

Bytes With(Bytes bytes, size_t index, uint8_t value) {
  bytes[index] = value;
  return bytes;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadPictureTest,
    testing::Values(
        PictureCase{"Nothing", {}}, PictureCase{"BytesInFront", Join({{0}, kIntra, kSlice})},
        PictureCase{"NoSlice", Join({kSequence, kGroup, kIntra})},
        PictureCase{"HeadersOnly", Join({kSequence, kGroup})}, PictureCase{"SliceOnly", kSlice},
        PictureCase{"TwoPictures", Join({kPredicted, kSlice, kPredicted, kSlice})},
        PictureCase{"PictureThenHeaders", Join({kPredicted, kSlice, kSequence, kGroup})},
        PictureCase{"SequenceWithoutGroup", Join({kSequence, kIntra, kSlice})},
        PictureCase{"GroupWithoutSequence", Join({kGroup, kIntra, kSlice})},
        PictureCase{"GroupBeforeSequence", Join({kGroup, kSequence, kIntra, kSlice})},
        PictureCase{"PredictedAfterGroup", Join({kSequence, kGroup, kPredicted, kSlice})},
        PictureCase{"BidirectionalPicture", Join({kBidirectional, kSlice})},
        PictureCase{"SequenceEnd", Join({kIntra, kSlice, kEnd})},
        PictureCase{"UserDataFirst", Join({kUserData, kIntra, kSlice})},
        PictureCase{"UserDataAmongSlices", Join({kIntra, kSlice, kUserData})},
        PictureCase{"SlicesBackwards", Join({kIntra, kLaterSlice, kSlice})},
        PictureCase{"SliceOfNoBytes", Join({kIntra, {0, 0, 1, 0x01}})},
        PictureCase{"ReservedCode", Join({kIntra, {0, 0, 1, 0xB0, 1}, kSlice})},
        PictureCase{"SystemCode", Join({kIntra, kSlice, {0, 0, 1, 0xBA, 1}})},
        PictureCase{"SequenceTooShort", Join({Cut(kSequence, 1), kGroup, kIntra, kSlice})},
        PictureCase{"MatrixTooShort",
                    Join({Cut(SequenceWithMatrices(true, false), 1), kGroup, kIntra, kSlice})},
        PictureCase{"SecondMatrixTooShort",
                    Join({Cut(SequenceWithMatrices(true, true), 1), kGroup, kIntra, kSlice})},
        PictureCase{"NoMarkerInSequence",
                    Join({With(kSequence, 10, 0x00), kGroup, kIntra, kSlice})},
        PictureCase{"NoWidth",
                    Join({With(With(kSequence, 4, 0), 5, 0x01), kGroup, kIntra, kSlice})},
        PictureCase{"NoMarkerInGroup", Join({kSequence, With(kGroup, 5, 0x00), kIntra, kSlice})},
        PictureCase{"IntraTooShort", Join({Cut(kIntra, 1), kSlice})},
        PictureCase{"PredictedTooShort", Join({Cut(kPredicted, 1), kSlice})},
        PictureCase{"ForbiddenFCode", Join({With(kPredicted, 8, 0x00), kSlice})},
        PictureCase{"ForbiddenType", Join({With(kIntra, 5, 0xC7), kSlice})}),
    NameOf);

}  // namespace
}  // namespace pistream::wire
