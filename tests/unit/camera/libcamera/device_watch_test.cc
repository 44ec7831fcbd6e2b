#include "src/camera/libcamera/device_watch.h"

#include <gtest/gtest.h>
#include <sys/sysmacros.h>

#include <fstream>
#include <future>
#include <string>

namespace pistream {
namespace {

const std::vector<dev_t> kDevices = {makedev(81, 2), makedev(81, 3), makedev(81, 4)};

// What the kernel's folder looks like; of kDevices the first two are there.
class DeviceWatchTest : public testing::Test {
 protected:
  DeviceWatchTest() {
    std::filesystem::create_directory(folder_);
    Add("81:2");
    Add("81:3");
  }
  ~DeviceWatchTest() override { std::filesystem::remove_all(folder_); }

  void Add(const std::string& entry) { std::ofstream(folder_ / entry) << "a device"; }
  void Remove(const std::string& entry) { std::filesystem::remove(folder_ / entry); }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(DeviceWatchTest, OneGoes_IsTold) {
  std::promise<void> gone;
  DeviceWatch watch(kDevices, [&] { gone.set_value(); }, Clock::Real(), folder_);
  EXPECT_FALSE(watch.AnyGone());
  Remove("81:3");
  gone.get_future().wait();
  EXPECT_TRUE(watch.AnyGone());
}

TEST_F(DeviceWatchTest, OneThatWasNotThereAtFirst_IsNotMissed) {
  std::promise<void> gone;
  DeviceWatch watch(kDevices, [&] { gone.set_value(); }, Clock::Real(), folder_);
  Add("81:4");
  Remove("81:4");
  EXPECT_FALSE(watch.AnyGone());
  Remove("81:2");
  gone.get_future().wait();
}

TEST(DeviceWatch, NoSuchFolder_WatchesNothing) {
  DeviceWatch watch(kDevices, [] { FAIL() << "told"; }, Clock::Real(), "/nonexistent");
  EXPECT_FALSE(watch.AnyGone());
}

}  // namespace
}  // namespace pistream
