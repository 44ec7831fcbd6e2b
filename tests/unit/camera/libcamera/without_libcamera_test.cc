// A build without libcamera fails with an error for each use of it.

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/base/fake_clock.h"
#include "src/camera/libcamera/camera.h"

namespace pistream {
namespace {

using testing::AllOf;
using testing::HasSubstr;

auto SaysWhatToDo() {
  return AllOf(HasSubstr("this build has no libcamera"), HasSubstr("--source simulated"),
               HasSubstr("--config=rpi"));
}

TEST(WithoutLibcamera, Version_None) { EXPECT_EQ(LibcameraVersion(), std::nullopt); }

TEST(WithoutLibcamera, List_Fails) {
  const auto cameras = ListLibcameraCameras();
  ASSERT_FALSE(cameras);
  EXPECT_THAT(cameras.error().message, SaysWhatToDo());
}

TEST(WithoutLibcamera, Source_Fails) {
  FakeClock clock;
  const auto source = MakeLibcameraSource("", clock);
  ASSERT_FALSE(source);
  EXPECT_THAT(source.error().message, SaysWhatToDo());
}

TEST(WithoutLibcamera, Find_Fails) {
  FakeClock clock;
  const auto source = FindLibcameraSource(clock);
  ASSERT_FALSE(source);
  EXPECT_THAT(source.error().message, SaysWhatToDo());
}

}  // namespace
}  // namespace pistream
