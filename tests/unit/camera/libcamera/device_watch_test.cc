#include "src/camera/libcamera/device_watch.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <future>
#include <string>
#include <string_view>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/base/fake_clock.h"

namespace pistream {
namespace {

const std::vector<dev_t> kDevices = {makedev(81, 2), makedev(81, 3), makedev(81, 4)};

// What the kernel's folder looks like, of kDevices the first two exist; and a socket that
// announcements come from.
class DeviceWatchTest : public testing::Test {
 protected:
  DeviceWatchTest() {
    std::filesystem::create_directory(folder_);
    Add("81:2");
    Add("81:3");
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sockets_.data()), 0);
  }
  ~DeviceWatchTest() override {
    std::filesystem::remove_all(folder_);
    close(sockets_[0]);
  }

  void Add(const std::string& entry) { std::ofstream(folder_ / entry) << "a device"; }
  void Remove(const std::string& entry) { std::filesystem::remove(folder_ / entry); }
  void Announce(std::string_view event) {
    EXPECT_EQ(send(sockets_[0], event.data(), event.size(), 0), std::ssize(event));
  }
  // To be called once.
  DeviceEvents Events() { return DeviceEvents(sockets_[1]); }

  auto OnGone() {
    return [this] { gone_.set_value(); };
  }
  void AwaitGone() { gone_.get_future().wait(); }

  FakeClock clock_;
  std::promise<void> gone_;  // throws if it is set twice
  std::array<int, 2> sockets_{};
  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(DeviceWatchTest, RemovalAnnounced_IsTold) {
  DeviceWatch watch(kDevices, OnGone(), clock_, folder_, Events());
  EXPECT_FALSE(watch.AnyGone());
  Remove("81:3");
  Announce("remove@/devices/platform/vimc.0/video4linux/video1");
  AwaitGone();
  EXPECT_TRUE(watch.AnyGone());
}

TEST_F(DeviceWatchTest, OtherAnnouncements_NotTold) {
  const auto on_gone = [this] {
    EXPECT_FALSE(std::filesystem::exists(folder_ / "81:3")) << "reported too early";
    gone_.set_value();
  };
  DeviceWatch watch(kDevices, on_gone, clock_, folder_, Events());
  Announce("remove@/devices/pci0000:00/0000:00:14.0/usb1/1-2");
  Announce("add@/devices/virtual/misc/loop-control");
  Announce("");
  Announce("change@/devices/platform/soc/fe00b840.mailbox");
  EXPECT_FALSE(watch.AnyGone());
  Remove("81:3");
  Announce("remove@/devices/platform/vimc.0/video4linux/video1");
  AwaitGone();
}

TEST_F(DeviceWatchTest, ManyAnnouncementsAtOnce_RemovalAmongThemIsTold) {
  DeviceWatch watch(kDevices, OnGone(), clock_, folder_, Events());
  Remove("81:2");
  Announce("add@/devices/virtual/misc/loop-control");
  Announce("remove@/devices/platform/vimc.0/video4linux/video0");
  Announce("add@/devices/virtual/misc/loop-control");
  AwaitGone();
}

TEST_F(DeviceWatchTest, GoneBeforeTheWatchBegan_IsTold) {
  DeviceEvents events = Events();
  Announce("remove@/devices/platform/vimc.0/video4linux/video1");
  Remove("81:2");
  DeviceWatch watch({makedev(81, 3)}, OnGone(), clock_, folder_, std::move(events));
  Remove("81:3");
  Announce("remove@/devices/platform/vimc.0/video4linux/video1");
  AwaitGone();
}

TEST_F(DeviceWatchTest, WithoutEvents_IsToldAfterTheInterval) {
  close(sockets_[1]);
  DeviceWatch watch(kDevices, OnGone(), clock_, folder_, std::nullopt);
  clock_.AwaitSleepers(1);
  Remove("81:3");
  clock_.Advance(std::chrono::milliseconds(50));
  AwaitGone();
}

TEST_F(DeviceWatchTest, OneThatWasNotThereAtFirst_IsNotMissed) {
  DeviceWatch watch(kDevices, OnGone(), clock_, folder_, Events());
  Add("81:4");
  Remove("81:4");
  Announce("remove@/devices/platform/vimc.0/video4linux/video2");
  EXPECT_FALSE(watch.AnyGone());
  Remove("81:2");
  Announce("remove@/devices/platform/vimc.0/video4linux/video0");
  AwaitGone();
}

TEST_F(DeviceWatchTest, NothingHappens_Ends) {
  const DeviceWatch watch(kDevices, [] { FAIL() << "reported"; }, clock_, folder_, Events());
}

TEST(DeviceWatch, NoSuchFolder_WatchesNothing) {
  DeviceWatch watch(
      kDevices, [] { FAIL() << "reported"; }, Clock::Real(), "/nonexistent", std::nullopt);
  EXPECT_FALSE(watch.AnyGone());
}

// Tests of a sandbox have a user namespace of their own.
TEST(DeviceEvents, Open_WhereTheKernelSends) {
  struct stat file{};
  ASSERT_EQ(stat("/proc/self/ns/user", &file), 0);
  const auto events = DeviceEvents::Open();
  EXPECT_EQ(events.has_value(), file.st_ino == 0xEFFFFFFD);
  if (!events) {
    EXPECT_THAT(events.error().message, testing::HasSubstr("user namespace"));
  }
}

}  // namespace
}  // namespace pistream
