#include "src/viewer/outgoing_message.h"

#include <gtest/gtest.h>

#include <chrono>

#include "src/wire/picture_message.h"

namespace pistream {
namespace {

wire::PictureHeader HeaderIn(const MessageHead& head) {
  const auto bytes = head.bytes();
  EXPECT_GE(bytes.size(), wire::kPictureHeaderSize);
  const auto header = wire::ParsePictureHeader(bytes.last(wire::kPictureHeaderSize));
  EXPECT_TRUE(header);
  return header.value_or(wire::PictureHeader());
}

TEST(DescribedPictureHeadTest, Picture_IsDescribedAsItIs) {
  Picture picture;
  picture.bytes.resize(70);
  picture.type = PictureType::kPredicted;
  picture.sequence = 8;
  picture.captured = SteadyTime(std::chrono::milliseconds(5));
  const SteadyTime sent(std::chrono::milliseconds(9));
  const auto header = HeaderIn(DescribedPictureHead(picture, true, sent));
  EXPECT_EQ(header.type, PictureType::kPredicted);
  EXPECT_TRUE(header.discontinuity);
  EXPECT_FALSE(header.repeats);
  EXPECT_EQ(header.sequence, 8U);
  EXPECT_EQ(header.captured, picture.captured);
  EXPECT_EQ(header.sent, sent);
}

TEST(DescribedPictureHeadTest, Repeat_IsFlagged) {
  Picture picture;
  picture.type = PictureType::kPredicted;
  picture.repeats = true;
  const auto header = HeaderIn(DescribedPictureHead(picture, false, SteadyTime()));
  EXPECT_TRUE(header.repeats);
  EXPECT_FALSE(header.discontinuity);
}

}  // namespace
}  // namespace pistream
