#include "src/encode/mpeg1/picture_syntax.h"

#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/mpeg1.h"

namespace pistream {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(RepeatPictureTest, OneMacroblock_IsCodedOnce) {
  std::vector<uint8_t> picture = {1, 2, 3};
  WriteRepeatPicture({.width = 16, .height = 16}, picture);
  // Encoded manually by ISO/IEC 11172-2, 2.4.2.5 to 2.4.2.8.
  EXPECT_THAT(picture, ElementsAre(0, 0, 1, 0, 0x00, 0x17, 0xFF, 0xF8, 0x80,  // picture header
                                   0, 0, 1, 1, 0b00001'0'1'0, 0b01'1'1'0000));
}

TEST(RepeatPictureTest, LargePicture_SkipsNearlyAll) {
  std::vector<uint8_t> picture;
  WriteRepeatPicture({.width = 1920, .height = 1080}, picture);
  const auto summary = wire::SummarizePicture(picture);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->type, PictureType::kPredicted);
  EXPECT_EQ(summary->slices, 1);
  // 247 escapes of 11 bits, and at most 33 macroblocks of 6.
  EXPECT_LE(picture.size(), 380U);
}

TEST(RepeatPictureTest, LargestPicture_HasTheDocumentedSize) {
  std::vector<uint8_t> picture;
  WriteRepeatPicture({.width = 4094, .height = 2800}, picture);
  EXPECT_THAT(picture, SizeIs(1894));
}

TEST(TemporalReferenceTest, PictureAfterHeaders_IsChanged) {
  std::vector<uint8_t> bytes = {0, 0, 1, 0xB8, 1, 2, 3, 4};
  std::vector<uint8_t> picture;
  WriteRepeatPicture({.width = 32, .height = 32}, picture);
  bytes.insert(bytes.end(), picture.begin(), picture.end());

  SetTemporalReference(bytes, 0x2A7);

  EXPECT_THAT(std::vector<uint8_t>(bytes.begin(), bytes.begin() + 8),
              ElementsAre(0, 0, 1, 0xB8, 1, 2, 3, 4));
  const std::vector<uint8_t> changed(bytes.begin() + 8, bytes.end());
  const auto summary = wire::SummarizePicture(changed);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->temporal_reference, 0x2A7);
  EXPECT_EQ(summary->type, PictureType::kPredicted);
}

TEST(TemporalReferenceTest, NoPicture_IsUnchanged) {
  std::vector<uint8_t> bytes = {0, 0, 1, 0xB7, 5, 6, 7};
  SetTemporalReference(bytes, 9);
  EXPECT_THAT(bytes, ElementsAre(0, 0, 1, 0xB7, 5, 6, 7));
  std::vector<uint8_t> cut = {0, 0, 1, 0, 5};
  SetTemporalReference(cut, 9);
  EXPECT_THAT(cut, SizeIs(5));
}

}  // namespace
}  // namespace pistream
