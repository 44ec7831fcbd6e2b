// A camera that was pulled out while it ran, unknown to libcamera, beside one that goes on. In a
// program of its own: libcamera's virtual cameras cannot be found again in one that has an
// abandoned camera.

#include <libcamera/camera.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/camera/libcamera/camera.h"
#include "src/camera/libcamera/manager.h"
#include "tests/contract/recording_sink.h"
#include "tests/unit/camera/libcamera/virtual_session.h"

namespace pistream {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

void AwaitFrames(RecordingSink& sink, size_t more) {
  const size_t wanted = sink.FrameCount() + more;
  while (sink.FrameCount() < wanted) {
    sink.AwaitChange(sink.FrameCount(), sink.Losses().size(), std::chrono::seconds(1));
  }
}

std::vector<std::string> ListedIds() {
  std::vector<std::string> ids;
  const auto cameras = ListLibcameraCameras().value();
  for (const auto& camera : cameras) {
    ids.push_back(camera.id);
  }
  return ids;
}

TEST(AbandonedCamera, BesideARunningOne_HiddenUntilTheManagerEnds) {
  const auto source = MakeLibcameraSource("Virtual0", Clock::Real()).value();
  auto steady = source->Open().value();
  RecordingSink sink;
  ASSERT_TRUE(steady->Start({.format = {{320, 240}, {5, 1}}}, sink));
  AwaitFrames(sink, 2);

  RecordingSink lost_sink;
  std::vector<Frame> frames;
  {
    const auto manager = LibcameraManager::Lease().value();
    const auto device = FindVirtual(*manager, "Virtual1");
    lost_sink.KeepFrames(true);
    const auto session = StartSession(device, lost_sink);
    ASSERT_TRUE(session);
    AwaitFrames(lost_sink, 1);
    session->OnDevicesGone();
    auto abandoned = session->End(/*devices_gone=*/true);
    ASSERT_TRUE(abandoned);
    manager->Abandon(*std::move(abandoned));
    EXPECT_TRUE(manager->IsHidden("Virtual1"));
    EXPECT_FALSE(manager->IsHidden("Virtual0"));
  }
  EXPECT_THAT(lost_sink.Losses(), ElementsAre(HasSubstr("'Virtual1' are gone")));
  EXPECT_THAT(ListedIds(), ElementsAre("Virtual0"));
  const auto again = MakeLibcameraSource("Virtual1", Clock::Real()).value()->Open();
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message,
              AllOf(HasSubstr("'Virtual1' was unplugged"), HasSubstr("restart pistream")));

  AwaitFrames(sink, 3);
  steady->Stop();
  EXPECT_THAT(sink.Losses(), IsEmpty());
  const auto notes = sink.Notes();
  for (size_t i = 1; i < notes.size(); ++i) {
    EXPECT_EQ(notes[i].sequence, notes[i - 1].sequence + 1) << "frame " << i;
  }

  // The last lease, and with it the CameraManager.
  steady.reset();
  frames = lost_sink.TakeFrames();
  EXPECT_EQ(frames.front().size(), (Size{320, 240})) << "frames outlive it";
}

}  // namespace
}  // namespace pistream
