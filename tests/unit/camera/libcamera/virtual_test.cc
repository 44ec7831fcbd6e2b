// Properties of the libcamera backend beyond the contract, with libcamera's virtual camera under
// qemu.

#include <dlfcn.h>
#include <libcamera/camera.h>
#include <libcamera/control_ids.h>
#include <libcamera/framebuffer.h>
#include <libcamera/request.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/camera/libcamera/camera.h"
#include "src/camera/libcamera/manager.h"
#include "src/convert/frame_converter.h"
#include "tests/contract/in_place_camera.h"
#include "tests/contract/recording_sink.h"

namespace pistream {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr VideoFormat kFormat{{320, 240}, {20, 1}};
constexpr int kVirtualBuffers = 4;  // whatever number is requested

std::unique_ptr<CameraSource> MakeSource(const std::string& id = "") {
  return MakeLibcameraSource(id, Clock::Real()).value();
}

// Only the test's own time limit ends a wait for frames that never come.
void AwaitFrames(RecordingSink& sink, size_t count) {
  while (sink.FrameCount() < count) {
    sink.AwaitChange(sink.FrameCount(), 0, std::chrono::seconds(1));
  }
}

void AwaitLoss(RecordingSink& sink) {
  while (sink.Losses().empty()) {
    sink.AwaitChange(sink.FrameCount(), 0, std::chrono::seconds(1));
  }
}

int AskShim(const char* function) {
  auto* const found = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, function));
  EXPECT_NE(found, nullptr) << "the shim is not loaded";
  return found == nullptr ? -1 : found();
}

// Makes another camera of the virtual one: made before the camera under test is started, it sees
// each completed request before that does, on libcamera's thread.
class RequestInterceptor {
 public:
  using Intercept = std::function<void(libcamera::Camera&, libcamera::Request&)>;

  explicit RequestInterceptor(Intercept intercept)
      : manager_(LibcameraManager::Lease().value()), camera_(manager_->Cameras().front()) {
    camera_->requestCompleted.connect(
        this, [this, intercept = std::move(intercept)](libcamera::Request* request) {
          ++requests_;
          intercept(*camera_, *request);
        });
  }
  RequestInterceptor(const RequestInterceptor&) = delete;
  RequestInterceptor& operator=(const RequestInterceptor&) = delete;
  ~RequestInterceptor() { camera_->requestCompleted.disconnect(this); }

  int requests() const { return requests_; }

 private:
  const std::shared_ptr<LibcameraManager> manager_;
  const std::shared_ptr<libcamera::Camera> camera_;
  std::atomic<int> requests_ = 0;
};

// As one without a picture, whose buffer is at fault.
void Spoil(const libcamera::Request& request) {
  const libcamera::FrameMetadata& frame = request.buffers().begin()->second->metadata();
  const_cast<libcamera::FrameMetadata&>(frame).status = libcamera::FrameMetadata::FrameError;
}

TEST(Libcamera, Version_IsThatOfTheLibrary) {
  ASSERT_TRUE(LibcameraVersion());
  EXPECT_THAT(*LibcameraVersion(), testing::MatchesRegex("[0-9]+\\.[0-9]+(\\.[0-9]+)?"));
}

TEST(Libcamera, List_NamesIdAndModel) {
  const auto cameras = ListLibcameraCameras();
  ASSERT_TRUE(cameras) << cameras.error().message;
  ASSERT_THAT(*cameras, SizeIs(2));
  EXPECT_EQ(cameras->front().id, "Virtual0");
  EXPECT_EQ(cameras->front().model, "Virtual camera with bars");
  EXPECT_EQ(cameras->back().id, "Virtual1");
  EXPECT_EQ(cameras->back().model, "Virtual camera with lines");
}

TEST(Libcamera, ListWhileOneRuns_TheSame) {
  RecordingSink sink;
  const auto source = MakeSource();
  const auto camera = source->Open().value();
  ASSERT_TRUE(camera->Start({.format = kFormat}, sink));
  const auto cameras = ListLibcameraCameras();
  ASSERT_TRUE(cameras);
  EXPECT_THAT(*cameras, SizeIs(2));
  AwaitFrames(sink, sink.FrameCount() + 2);
  camera->Stop();
}

TEST(Libcamera, Id_OpensThatCamera) {
  const auto source = MakeSource("Virtual0");
  EXPECT_EQ(source->Name(), "libcamera:Virtual0");
  EXPECT_TRUE(source->Open());
}

TEST(Libcamera, UnknownId_NamesThoseThereAre) {
  const auto camera = MakeSource("imx219")->Open();
  ASSERT_FALSE(camera);
  EXPECT_THAT(camera.error().message, AllOf(HasSubstr("'imx219'"), HasSubstr("'Virtual0'")));
}

TEST(Libcamera, UsedElsewhere_SaysSo) {
  RecordingSink sink;
  RecordingSink second_sink;
  const auto source = MakeSource();
  const auto second_source = MakeSource();
  const auto camera = source->Open().value();
  const auto second = second_source->Open().value();
  ASSERT_TRUE(camera->Start({.format = kFormat}, sink));
  const auto refused = second->Start({.format = kFormat}, second_sink);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr("'Virtual0'"), HasSubstr("in use by another program")));

  camera->Stop();
  const auto started = second->Start({.format = kFormat}, second_sink);
  EXPECT_TRUE(started) << "a stopped camera is free for others";
  second->Stop();
}

TEST(Libcamera, SizeItHasNot_AdoptsAndTellsItsOwn) {
  RecordingSink sink;
  const auto source = MakeSource();
  const auto camera = source->Open().value();
  const auto got = camera->Start({.format = {{800, 600}, {20, 1}}}, sink);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->size, (Size{1280, 720}));
  AwaitFrames(sink, 2);
  camera->Stop();
  EXPECT_EQ(sink.Notes().back().size, got->size);
}

TEST(Libcamera, RateAboveItsFastest_TellsItsFastest) {
  RecordingSink sink;
  const auto source = MakeSource();
  const auto camera = source->Open().value();
  const auto got = camera->Start({.format = {kFormat.size, {120, 1}}}, sink);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->framerate, (FrameRate{60, 1}));
  camera->Stop();
}

TEST(Libcamera, RateBelowItsSlowest_Throttled) {
  RecordingSink sink;
  const auto source = MakeSource();
  const auto camera = source->Open().value();
  const auto got = camera->Start({.format = {kFormat.size, {2, 1}}}, sink);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->framerate, (FrameRate{2, 1}));
  AwaitFrames(sink, 3);
  camera->Stop();
  const auto notes = sink.Notes();
  EXPECT_GE(notes[2].captured - notes[0].captured, std::chrono::milliseconds(900));
}

// The sensor's default frame time does not depend on the requested frame rate.
TEST(Libcamera, ThrottledSensorFasterThanAsked_NoFrameCountsAsLost) {
  RequestInterceptor fast([](libcamera::Camera&, libcamera::Request& request) {
    constexpr int64_t kOneMillisecond = 1000;
    const_cast<libcamera::ControlList&>(request.metadata())
        .set(libcamera::controls::FrameDuration, kOneMillisecond);
  });
  RecordingSink sink;
  const auto source = MakeSource();
  const auto camera = source->Open().value();
  ASSERT_TRUE(camera->Start({.format = {kFormat.size, {2, 1}}}, sink));
  AwaitFrames(sink, 3);
  camera->Stop();
  const auto notes = sink.Notes();
  // Two, and a few deadlines that a busy machine may miss.
  EXPECT_LT(notes[2].sequence - notes[0].sequence, 100U);
}

TEST(Libcamera, CaptureTime_IsOfTheSteadyClock) {
  RecordingSink sink;
  const auto source = MakeSource();
  const auto camera = source->Open().value();
  const SteadyTime before = std::chrono::steady_clock::now();
  ASSERT_TRUE(camera->Start({.format = kFormat}, sink));
  AwaitFrames(sink, 2);
  camera->Stop();
  for (const auto& note : sink.Notes()) {
    EXPECT_GE(note.captured, before);
    EXPECT_LE(note.captured, std::chrono::steady_clock::now());
  }
}

TEST(Libcamera, ColourBars_SeveralColours) {
  RecordingSink sink;
  const auto source = MakeSource();
  const auto camera = source->Open().value();
  sink.KeepFrames(true);
  ASSERT_TRUE(camera->Start({.format = kFormat}, sink));
  AwaitFrames(sink, 1);
  camera->Stop();
  const auto frames = sink.TakeFrames();
  std::set<std::vector<uint8_t>> colours;
  FrameConverter converter;
  const auto view = converter.Convert(frames.front());
  ASSERT_TRUE(view);
  for (int x = 0; x < kFormat.size.width; x += 8) {
    const Planes& planes = view->planes();
    colours.insert({planes[0].data[x], planes[1].data[x / 2], planes[2].data[x / 2]});
  }
  EXPECT_GE(colours.size(), 6U);
}

TEST(Libcamera, Frames_SynchronisedWhileTheyAreRead) {
  RecordingSink sink;
  const auto source = MakeInPlaceSource(Clock::Real());
  const auto camera = source->Open().value();
  sink.KeepFrames(true);
  ASSERT_TRUE(camera->Start({.format = kFormat}, sink));
  AwaitFrames(sink, 2);
  camera->Stop();
  auto frames = sink.TakeFrames();
  EXPECT_EQ(AskShim("UdmabufShimReadsOpen"), 0);
  {
    const FrameView first(frames.front());
    const FrameView second(frames.front());
    EXPECT_EQ(AskShim("UdmabufShimReadsOpen"), 1);
    frames.clear();  // the views keep theirs
    EXPECT_EQ(AskShim("UdmabufShimReadsOpen"), 1);
  }
  EXPECT_EQ(AskShim("UdmabufShimReadsOpen"), 0);
}

TEST(Libcamera, FramesConverted_SynchronisedWhileTheyAreRead) {
  RecordingSink sink;
  const auto source = MakeSource();
  const auto camera = source->Open().value();
  sink.KeepFrames(true);
  ASSERT_TRUE(camera->Start({.format = kFormat}, sink));
  AwaitFrames(sink, 1);
  camera->Stop();
  const int before = AskShim("UdmabufShimReadsBegun");
  FrameConverter converter;
  const auto view = converter.Convert(sink.TakeFrames().front());
  ASSERT_TRUE(view);
  EXPECT_GT(AskShim("UdmabufShimReadsBegun"), before);
  EXPECT_EQ(AskShim("UdmabufShimReadsOpen"), 0);
}

TEST(Libcamera, Disconnected_SinkIsToldOnceAndStopReturns) {
  RecordingSink sink;
  const auto source = MakeSource();
  const auto camera = source->Open().value();
  ASSERT_TRUE(camera->Start({.format = kFormat}, sink));
  AwaitFrames(sink, 1);
  {
    // As libcamera does when a camera's device disappears.
    const auto manager = LibcameraManager::Lease().value();
    manager->Cameras().front()->disconnected.emit();
    manager->Cameras().front()->disconnected.emit();
  }
  camera->Stop();
  ASSERT_THAT(sink.Losses(), SizeIs(1));
  EXPECT_THAT(sink.Losses().front(), HasSubstr("'Virtual0' was disconnected"));
}

TEST(Libcamera, Disconnected_NoFrameAfterItAndNoRequest) {
  RequestInterceptor unplugs(
      [](libcamera::Camera& camera, libcamera::Request&) { camera.disconnected.emit(); });
  RecordingSink sink;
  const auto source = MakeSource();
  const auto camera = source->Open().value();
  ASSERT_TRUE(camera->Start({.format = {kFormat.size, {60, 1}}}, sink));
  AwaitLoss(sink);
  // Requests that were queued already come back.
  camera->Stop();
  EXPECT_EQ(sink.FrameCount(), 0U);
  EXPECT_THAT(sink.Losses(), SizeIs(1));
  EXPECT_LE(unplugs.requests(), kVirtualBuffers);
}

TEST(Libcamera, SomeRequestsFail_GapsInTheSequence) {
  int completed = 0;
  RequestInterceptor fails([&](libcamera::Camera&, libcamera::Request& request) {
    if (++completed % 2 == 1) {
      Spoil(request);
    }
  });
  RecordingSink sink;
  const auto source = MakeSource();
  const auto camera = source->Open().value();
  ASSERT_TRUE(camera->Start({.format = kFormat}, sink));
  AwaitFrames(sink, 3);
  camera->Stop();
  EXPECT_THAT(sink.Losses(), IsEmpty());
  const auto notes = sink.Notes();
  EXPECT_EQ(notes[0].sequence, 1U);
  EXPECT_GE(notes[2].sequence, 5U);
}

TEST(Libcamera, AllRequestsFail_SinkIsToldOnce) {
  RequestInterceptor fails([](libcamera::Camera&, libcamera::Request& request) { Spoil(request); });
  RecordingSink sink;
  const auto source = MakeSource();
  const auto camera = source->Open().value();
  ASSERT_TRUE(camera->Start({.format = {kFormat.size, {60, 1}}}, sink));
  AwaitLoss(sink);
  camera->Stop();
  EXPECT_EQ(sink.FrameCount(), 0U);
  ASSERT_THAT(sink.Losses(), SizeIs(1));
  EXPECT_THAT(sink.Losses().front(), HasSubstr("60 requests in a row"));
}

TEST(Libcamera, ReopenedWhileOldFramesLive_BothDeliver) {
  RecordingSink sink;
  const auto source = MakeInPlaceSource(Clock::Real());
  auto camera = source->Open().value();
  sink.KeepFrames(true);
  ASSERT_TRUE(camera->Start({.format = kFormat}, sink));
  AwaitFrames(sink, 2);
  camera.reset();  // and with it the last lease of libcamera's manager
  const auto old_frames = sink.TakeFrames();

  RecordingSink next;
  camera = source->Open().value();
  ASSERT_TRUE(camera->Start({.format = kFormat}, next));
  AwaitFrames(next, 3);
  camera->Stop();
  EXPECT_EQ(old_frames.front().size(), kFormat.size);
}

TEST(Libcamera, OpenedOnAThreadThatHasEnded_CanBeUsed) {
  RecordingSink sink;
  const auto source = MakeSource();
  std::unique_ptr<Camera> camera;
  std::jthread([&] { camera = source->Open().value(); }).join();
  ASSERT_TRUE(camera->Start({.format = kFormat}, sink));
  AwaitFrames(sink, 2);
  std::jthread([&] { camera.reset(); }).join();
  EXPECT_TRUE(source->Open());
}

// Frames that die on one thread while another stops the camera: requests must not be queued then.
TEST(Libcamera, FramesDieDuringStop_Harmless) {
  const auto source = MakeInPlaceSource(Clock::Real());
  const auto camera = source->Open().value();
  for (int round = 0; round < 10; ++round) {
    RecordingSink sink;
    sink.KeepFrames(true);
    ASSERT_TRUE(camera->Start({.format = {kFormat.size, {60, 1}}}, sink));
    AwaitFrames(sink, 3);
    const std::jthread releaser([frames = sink.TakeFrames()]() mutable { frames.clear(); });
    camera->Stop();
  }
}

TEST(Libcamera, OpenAndRun_NothingOnStderr) {
  testing::internal::CaptureStderr();
  {
    RecordingSink sink;
    const auto source = MakeSource();
    const auto camera = source->Open().value();
    EXPECT_TRUE(camera->Start({.format = kFormat, .hflip = true}, sink));
    AwaitFrames(sink, 2);
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(), IsEmpty());
}

}  // namespace
}  // namespace pistream
