// The end of a session while libcamera and the device watch report events.
#include "src/camera/libcamera/session.h"

#include <libcamera/camera.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/camera/libcamera/camera_signals.h"
#include "tests/contract/recording_sink.h"
#include "tests/unit/camera/libcamera/virtual_session.h"

namespace pistream {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Blocks a thread at a certain point until the test releases it.
class Gate {
 public:
  void Pass() {
    std::unique_lock lock(mutex_);
    reached_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void AwaitReached() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return reached_; });
  }
  void Open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool reached_ = false;
  bool open_ = false;
};

class LibcameraSessionTest : public testing::Test {
 protected:
  void Start() {
    session_ = StartSession(device_, sink_);
    ASSERT_TRUE(session_);
    while (sink_.FrameCount() == 0) {
      sink_.AwaitChange(0, 0, std::chrono::seconds(1));
    }
  }
  void End() { EXPECT_FALSE(session_->End(/*devices_gone=*/false)); }

  const std::shared_ptr<LibcameraManager> manager_ = LibcameraManager::Lease().value();
  const std::shared_ptr<libcamera::Camera> device_ = manager_->Cameras().front();
  RecordingSink sink_;
  std::shared_ptr<LibcameraSession> session_;
};

TEST_F(LibcameraSessionTest, DevicesGoneWhileStreaming_SinkIsToldOnce) {
  Start();
  session_->OnDevicesGone();
  session_->OnDisconnected();
  session_->OnDevicesGone();
  End();
  EXPECT_THAT(sink_.Losses(), ElementsAre(HasSubstr("'Virtual0' are gone")));
}

// The device watch has started to report a loss when the camera is stopped, and continues
// afterwards.
TEST_F(LibcameraSessionTest, DevicesGoneAfterTheEnd_Harmless) {
  Start();
  End();
  session_->OnDevicesGone();
  session_->OnDisconnected();
  EXPECT_THAT(sink_.Losses(), IsEmpty());
}

TEST_F(LibcameraSessionTest, DevicesGoneDuringTheEnd_Harmless) {
  for (int round = 0; round < 3; ++round) {
    Start();
    std::jthread watch([session = session_](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        session->OnDevicesGone();
        std::this_thread::yield();
      }
    });
    End();
  }
}

// libcamera calls a copy of its list of slots: what was in it is called, whatever happens
// meanwhile.
TEST_F(LibcameraSessionTest, EndsWhileDisconnectedIsEmitted_Harmless) {
  Gate gate;
  device_->disconnected.connect(&gate, &Gate::Pass);
  Start();
  std::jthread unplugs([&] { device_->disconnected.emit(); });
  gate.AwaitReached();
  End();
  session_.reset();
  gate.Open();
  unplugs.join();
  device_->disconnected.disconnect(&gate);
  EXPECT_THAT(sink_.Losses(), IsEmpty());
}

TEST_F(LibcameraSessionTest, ManySessions_OneConnection) {
  const auto signals = CameraSignals::Of(*device_);
  Start();
  End();
  Start();
  End();
  EXPECT_EQ(CameraSignals::Of(*device_), signals);
}

}  // namespace
}  // namespace pistream
