#include "src/camera/libcamera/choice.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pistream {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const CameraDescription kPresent[] = {{"/base/i2c@1/imx219@10", "imx219"}, {"usb-1.2", ""}};

TEST(ChooseCamera, NoId_First) { EXPECT_EQ(ChooseCamera(kPresent, ""), 0U); }

TEST(ChooseCamera, Id_ThatOne) { EXPECT_EQ(ChooseCamera(kPresent, "usb-1.2"), 1U); }

TEST(ChooseCamera, PartOfAnId_NotTaken) { EXPECT_FALSE(ChooseCamera(kPresent, "usb")); }

TEST(ChooseCamera, UnknownId_NamesThoseThereAre) {
  const auto chosen = ChooseCamera(kPresent, "ov5647");
  ASSERT_FALSE(chosen);
  EXPECT_THAT(chosen.error().message, AllOf(HasSubstr("'ov5647'"), HasSubstr("'usb-1.2'"),
                                            HasSubstr("'/base/i2c@1/imx219@10'")));
}

TEST(ChooseCamera, NoneThere_SaysWhatToDo) {
  EXPECT_THAT(ChooseCamera({}, "").error().message,
              AllOf(HasSubstr("no camera"), HasSubstr("--source simulated")));
  EXPECT_THAT(ChooseCamera({}, "ov5647").error().message, HasSubstr("'ov5647'"));
}

}  // namespace
}  // namespace pistream
