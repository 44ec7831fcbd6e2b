#include "src/camera/libcamera/silence.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <vector>

namespace pistream {
namespace {

const dev_t kNull = makedev(1, 3);
const dev_t kZero = makedev(1, 5);

class SilenceDevicesTest : public testing::Test {
 protected:
  ~SilenceDevicesTest() override {
    for (const int fd : open_) {
      close(fd);
    }
  }

  int Open(const char* path) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    EXPECT_GE(fd, 0) << path;
    open_.push_back(fd);
    return fd;
  }

  static bool HasEvents(int fd) {
    pollfd file{.fd = fd, .events = POLLIN, .revents = 0};
    return poll(&file, 1, 0) > 0;
  }

 private:
  std::vector<int> open_;
};

TEST_F(SilenceDevicesTest, EachFileOfTheDevices_HasNoEventsAndOthersDo) {
  const int one = Open("/dev/null");
  const int other_device = Open("/dev/zero");
  const int another = Open("/dev/null");
  ASSERT_TRUE(HasEvents(one) && HasEvents(another) && HasEvents(other_device));
  SilenceDevices(std::vector{kNull});
  EXPECT_FALSE(HasEvents(one));
  EXPECT_FALSE(HasEvents(another));
  EXPECT_TRUE(HasEvents(other_device));
}

TEST_F(SilenceDevicesTest, FileNumbersStayTaken_AndAreNotInherited) {
  const int fd = Open("/dev/zero");
  SilenceDevices(std::vector{kNull, kZero});
  EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

TEST_F(SilenceDevicesTest, NoDevices_ChangesNothing) {
  const int fd = Open("/dev/null");
  SilenceDevices({});
  EXPECT_TRUE(HasEvents(fd));
}

}  // namespace
}  // namespace pistream
