#include "src/camera/libcamera/orientation.h"

#include <libcamera/orientation.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pistream {
namespace {

using libcamera::Orientation;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(Flipped, EachFlip_AsLibcameraCallsIt) {
  EXPECT_EQ(Flipped(Orientation::Rotate0, false, false), Orientation::Rotate0);
  EXPECT_EQ(Flipped(Orientation::Rotate0, true, false), Orientation::Rotate0Mirror);
  EXPECT_EQ(Flipped(Orientation::Rotate0, false, true), Orientation::Rotate180Mirror);
  EXPECT_EQ(Flipped(Orientation::Rotate0, true, true), Orientation::Rotate180);
}

TEST(CheckOrientation, AsRequested_Passes) {
  for (const auto orientation : {Orientation::Rotate0, Orientation::Rotate180}) {
    EXPECT_TRUE(CheckOrientation(orientation, orientation));
  }
}

TEST(CheckOrientation, FlipsTheCameraDoesNotSupport_Named) {
  const auto reason = [](Orientation requested, Orientation delivered) {
    const auto checked = CheckOrientation(requested, delivered);
    EXPECT_TRUE(checked || checked.error().is_bad_usage);
    return checked ? "passed" : checked.error().message;
  };
  EXPECT_THAT(reason(Orientation::Rotate0Mirror, Orientation::Rotate0),
              AllOf(HasSubstr("support hflip:"), Not(HasSubstr("vflip"))));
  EXPECT_THAT(reason(Orientation::Rotate180Mirror, Orientation::Rotate0),
              AllOf(HasSubstr("support vflip:"), Not(HasSubstr("hflip"))));
  EXPECT_THAT(reason(Orientation::Rotate180, Orientation::Rotate0),
              HasSubstr("support hflip and vflip:"));
  EXPECT_THAT(reason(Orientation::Rotate180, Orientation::Rotate180Mirror),
              AllOf(HasSubstr("support hflip:"), Not(HasSubstr("vflip"))))
      << "of two, the one that is missing";
}

}  // namespace
}  // namespace pistream
