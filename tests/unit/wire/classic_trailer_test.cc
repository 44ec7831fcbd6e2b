#include "src/wire/classic_trailer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/mpeg1.h"

namespace pistream::wire {
namespace {

// The original player's behaviour in an animation frame without new data: it interprets the next
// bits as a picture header, reads the type, and skips to the end of vbv_delay unless it is I or P.
constexpr size_t kBitsForEach = 29;
constexpr size_t kTypeOffset = 10;

int TypeAt(std::span<const uint8_t> bytes, size_t bit) {
  int type = 0;
  for (size_t i = bit + kTypeOffset; i < bit + kTypeOffset + 3; ++i) {
    type = type << 1 | (bytes[i / 8] >> (7 - i % 8) & 1);
  }
  return type;
}

// How often it may do that in `bytes` before they end.
size_t HarmlessDecodings(std::span<const uint8_t> bytes) {
  size_t count = 0;
  while ((count + 1) * kBitsForEach <= bytes.size() * 8) {
    const int type = TypeAt(bytes, count * kBitsForEach);
    if (type == 1 || type == 2) {
      break;
    }
    ++count;
  }
  return count;
}

// The picture's start code is where the player parts one picture from the next.
size_t PictureOffset() {
  auto found = FindStartCode(ClassicTrailer());
  while (found && found->code != static_cast<uint8_t>(StartCode::kPicture)) {
    found = FindStartCode(ClassicTrailer(), found->offset + 4);
  }
  return found->offset;
}

TEST(ClassicTrailerTest, StartCodes_AreEndEmptyPictureEndSlice) {
  std::vector<int> codes;
  for (auto found = FindStartCode(ClassicTrailer()); found;
       found = FindStartCode(ClassicTrailer(), found->offset + 4)) {
    codes.push_back(found->code);
  }
  EXPECT_THAT(codes, testing::ElementsAre(0xB7, 0x00, 0xB7, 0x01));
}

TEST(ClassicTrailerTest, Picture_IsOfTypeB) {
  EXPECT_EQ(TypeAt(ClassicTrailer(), (PictureOffset() + 4) * 8), 3);
}

// Six pictures are twelve messages, for which the player requests twelve animation frames, one of
// them for the picture.
TEST(ClassicTrailerTest, BehindAPicture_ElevenDecodingsAreHarmless) {
  EXPECT_GE(HarmlessDecodings(ClassicTrailer().first(PictureOffset())), 11u);
}

TEST(ClassicTrailerTest, InTheEmptyPicture_ElevenDecodingsAreHarmless) {
  EXPECT_GE(HarmlessDecodings(ClassicTrailer().subspan(PictureOffset() + 4)), 11u);
}

// The length of such a message takes one byte.
TEST(ClassicTrailerTest, Size_IsSmall) { EXPECT_LT(ClassicTrailer().size(), 126u); }

}  // namespace
}  // namespace pistream::wire
