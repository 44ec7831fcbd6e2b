// Several libcamera cameras in one process: events of one do not affect the others.

#include <libcamera/camera.h>

#include <chrono>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/camera/libcamera/camera.h"
#include "src/camera/libcamera/manager.h"
#include "tests/contract/recording_sink.h"

namespace pistream {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Slow: no machine, however busy, misses a frame's time.
constexpr VideoFormat kSteady{{320, 240}, {5, 1}};
constexpr VideoFormat kOther{{640, 480}, {10, 1}};

// A camera with its own source, and the frames that it has delivered.
struct Running {
  explicit Running(const std::string& id)
      : source(MakeLibcameraSource(id, Clock::Real()).value()), camera(source->Open().value()) {}

  void AwaitFrames(size_t more) {
    const size_t wanted = sink->FrameCount() + more;
    while (sink->FrameCount() < wanted) {
      sink->AwaitChange(sink->FrameCount(), sink->Losses().size(), std::chrono::seconds(1));
    }
  }

  // With a new sink, so that it records only this session.
  void Start(const VideoFormat& format) {
    sink = std::make_unique<RecordingSink>();
    const auto started = camera->Start({.format = format}, *sink);
    ASSERT_TRUE(started) << started.error().message;
    EXPECT_EQ(*started, format);
  }

  void Reopen() {
    camera.reset();
    auto opened = source->Open();
    ASSERT_TRUE(opened) << opened.error().message;
    camera = *std::move(opened);
  }

  std::unique_ptr<CameraSource> source;
  std::unique_ptr<RecordingSink> sink;
  std::unique_ptr<Camera> camera;  // before its sink
};

class SeveralCamerasTest : public testing::Test {
 protected:
  SeveralCamerasTest() {
    steady_.Start(kSteady);
    steady_.AwaitFrames(2);
  }

  // Stops the steady camera, and checks that nothing was lost since it started.
  ~SeveralCamerasTest() override {
    steady_.AwaitFrames(2);
    steady_.camera->Stop();
    EXPECT_THAT(steady_.sink->Losses(), IsEmpty());
    const auto notes = steady_.sink->Notes();
    for (size_t i = 1; i < notes.size(); ++i) {
      EXPECT_EQ(notes[i].sequence, notes[i - 1].sequence + 1) << "frame " << i;
      EXPECT_EQ(notes[i].size, kSteady.size) << "frame " << i;
    }
  }

  // As libcamera does when a USB camera's device disappears.
  static void Disconnect(const std::string& id) {
    const auto manager = LibcameraManager::Lease().value();
    for (const auto& camera : manager->Cameras()) {
      if (camera->id() == id) {
        camera->disconnected.emit();
      }
    }
  }

  Running steady_{"Virtual0"};
};

TEST_F(SeveralCamerasTest, BothStream_EachItsOwnSizeWithoutAGap) {
  Running other("Virtual1");
  other.Start(kOther);
  other.AwaitFrames(5);
  other.camera->Stop();
  EXPECT_EQ(other.sink->Notes().back().size, kOther.size);
}

TEST_F(SeveralCamerasTest, OneStartsAndStopsOften_TheOtherDoesNotNotice) {
  Running other("Virtual1");
  for (int round = 0; round < 5; ++round) {
    other.Start(kOther);
    other.AwaitFrames(1);
    other.camera->Stop();
  }
}

TEST_F(SeveralCamerasTest, OneIsReopened_TheOtherDoesNotNotice) {
  Running other("Virtual1");
  for (int round = 0; round < 3; ++round) {
    other.Start(kOther);
    other.AwaitFrames(1);
    other.Reopen();
  }
}

TEST_F(SeveralCamerasTest, OneIsLostAndReopened_OnlyItsSinkIsTold) {
  Running other("Virtual1");
  other.Start(kOther);
  other.AwaitFrames(1);
  Disconnect("Virtual1");
  ASSERT_THAT(other.sink->Losses(), SizeIs(1));
  EXPECT_THAT(other.sink->Losses().front(), HasSubstr("'Virtual1'"));
  other.Reopen();
  other.Start(kOther);
  other.AwaitFrames(3);
  other.camera->Stop();
}

TEST_F(SeveralCamerasTest, OneCannotStart_TheOtherDoesNotNotice) {
  Running other("Virtual1");
  const auto refused = other.camera->Start({.format = kOther, .controls = {{"NoSuch", 1}}},
                                           *(other.sink = std::make_unique<RecordingSink>()));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("NoSuch"));
}

TEST_F(SeveralCamerasTest, CamerasAreListed_TheOtherDoesNotNotice) {
  for (int round = 0; round < 3; ++round) {
    EXPECT_THAT(ListLibcameraCameras().value(), SizeIs(2));
  }
}

TEST(FindLibcameraSourceTest, FirstCamera_OpenedWithTheLeaseThatFoundIt) {
  const auto source = FindLibcameraSource(Clock::Real()).value();
  EXPECT_EQ(source->Name(), "libcamera");
  // Not kept: it would keep the CameraManager's handlers.
  const auto* const found = LibcameraManager::Lease().value()->Cameras().front().get();
  auto camera = source->Open().value();
  EXPECT_EQ(LibcameraManager::Lease().value()->Cameras().front().get(), found)
      << "another CameraManager looked for the cameras";
  camera.reset();
  EXPECT_TRUE(source->Open()) << "a second time, with a lease of its own";
}

}  // namespace
}  // namespace pistream
