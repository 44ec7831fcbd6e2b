// libcamera is found by the compiler, linked, and its manager starts and stops.

#include <libcamera/camera.h>
#include <libcamera/camera_manager.h>

#include <string>

#include "gtest/gtest.h"

namespace {

TEST(Toolchain, Libcamera_ManagerStartsAndStops) {
  libcamera::CameraManager manager;
  ASSERT_EQ(manager.start(), 0);
  // Which cameras there are is the machine's business; without any, the list is empty.
  for (const auto& camera : manager.cameras()) EXPECT_NE(camera->id(), std::string());
  manager.stop();
}

}  // namespace
