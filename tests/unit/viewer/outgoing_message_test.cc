#include "src/viewer/outgoing_message.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

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

std::string TextOf(std::span<const uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

TEST(ChunkedPictureHeadTest, Picture_IsDescribedBehindTheChunksSize) {
  for (const auto& [bytes, line] : std::vector<std::pair<size_t, std::string>>{
           {0, "22\r\n"}, {70, "68\r\n"}, {94, "82\r\n"}, {70'000, "1119a\r\n"}}) {
    Picture picture;
    picture.bytes.resize(bytes);
    const std::string head =
        TextOf(PictureHead(StreamProtocol::kV1Chunked, picture, true, SteadyTime()).bytes());
    const std::string described = TextOf(DescribedPictureHead(picture, true, SteadyTime()).bytes());
    EXPECT_EQ(head, line + described);
    EXPECT_EQ(std::stoul(line, nullptr, 16), described.size() + bytes);
  }
  EXPECT_EQ(TextOf(PictureTrailer(StreamProtocol::kV1Chunked)), "\r\n");
}

TEST(PackedTest, LargestMessages_Fit) {
  const std::vector<uint8_t> payload(wire::kMaximumControlPayload, 'x');
  const MessageHead message = SmallMessage(wire::Opcode::kText, payload);
  EXPECT_EQ(TextOf(Packed(StreamProtocol::kV1, message).bytes()), TextOf(message.bytes()));
  EXPECT_EQ(TextOf(Packed(StreamProtocol::kV1Chunked, message).bytes()),
            "7f\r\n" + TextOf(message.bytes()) + "\r\n");
  EXPECT_EQ(TextOf(PackedLast(StreamProtocol::kV1, message).bytes()), TextOf(message.bytes()));
  EXPECT_EQ(TextOf(PackedLast(StreamProtocol::kV1Chunked, message).bytes()),
            "7f\r\n" + TextOf(message.bytes()) + "\r\n0\r\n\r\n");
}

}  // namespace
}  // namespace pistream
