#include "sim/bt709.h"

#include <initializer_list>

#include "gtest/gtest.h"
#include "sim/pattern.h"
#include "src/convert/pixel_converter.h"
#include "tests/unit/sim/picture.h"

namespace pistream::sim {
namespace {

constexpr Size kSize{16, 16};

Picture Filled(Colour colour) {
  Picture picture(kSize);
  FillRect({0, 0, kSize.width, kSize.height}, colour, picture.Planes());
  return picture;
}

Colour Converted(Colour colour) {
  Picture picture = Filled(colour);
  ConvertToBt709(kSize, picture.Planes());
  return picture.ColourAt(8, 8);
}

TEST(ConvertToBt709, Greys_StayWhatTheyAre) {
  for (const uint8_t luma : std::initializer_list<uint8_t>{16, 17, 128, 234, 235}) {
    EXPECT_EQ(Converted({luma, 128, 128}), (Colour{luma, 128, 128})) << int{luma};
  }
}

// 75 % red, BT.709-6 3.2 to 3.4: E'Y = 0.2126 * 0.75.
TEST(ConvertToBt709, Red_HasTheOtherMatrixsLumaAndChroma) {
  const Colour red = Converted({65, 100, 212});
  EXPECT_NEAR(red.y, 51, 1);
  EXPECT_NEAR(red.u, 109, 1);
  EXPECT_NEAR(red.v, 212, 1);
}

// By libswscale, as a camera's frames are converted.
TEST(ConvertToBt709, ThereAndBack_TheSameColours) {
  for (const Colour& colour : kBarColours) {
    Picture picture = Filled(colour);
    ConvertToBt709(kSize, picture.Planes());
    Picture returned(kSize);
    const MutablePlanes from = picture.Planes();
    auto back = PixelConverter::Make(PixelLayout::kI420, {.matrix = ColorMatrix::kBt709}, kSize);
    ASSERT_TRUE(back);
    back->Convert({Plane{from[0].data, from[0].stride}, Plane{from[1].data, from[1].stride},
                   Plane{from[2].data, from[2].stride}},
                  returned.Planes());
    const Colour after = returned.ColourAt(8, 8);
    EXPECT_NEAR(after.y, colour.y, 2);
    EXPECT_NEAR(after.u, colour.u, 2);
    EXPECT_NEAR(after.v, colour.v, 2);
  }
}

}  // namespace
}  // namespace pistream::sim
