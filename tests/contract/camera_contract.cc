#include "tests/contract/camera_contract.h"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <thread>
#include <utility>

#include "src/convert/frame_converter.h"
#include "tests/contract/recording_sink.h"

namespace pistream {
namespace {

// Reached only by a test that fails.
constexpr auto kWatchdog = std::chrono::seconds(120);

using Note = RecordingSink::Note;

// Lets time pass until `is_done()` returns true; false after the timeout.
template <typename Condition>
bool LetPassUntil(CameraRig& rig, RecordingSink& sink, Duration frame_time, Condition is_done) {
  const auto give_up = std::chrono::steady_clock::now() + kWatchdog;
  while (!is_done()) {
    if (std::chrono::steady_clock::now() > give_up) {
      return false;
    }
    const size_t frames = sink.FrameCount();
    const size_t losses = sink.Losses().size();
    rig.LetPass(frame_time);
    sink.AwaitChange(frames, losses, frame_time);
  }
  return true;
}

// Waits until the sink has received `count` frames in total.
bool AwaitFrames(CameraRig& rig, RecordingSink& sink, Duration frame_time, size_t count) {
  return LetPassUntil(rig, sink, frame_time, [&] { return sink.FrameCount() >= count; });
}

void ExpectInOrder(const std::vector<Note>& notes) {
  for (size_t i = 1; i < notes.size(); ++i) {
    ASSERT_GT(notes[i].sequence, notes[i - 1].sequence) << "frame " << i;
    ASSERT_GT(notes[i].captured, notes[i - 1].captured) << "frame " << i;
  }
}

// The mean frame time between two notes, with gaps counted, relative to the requested frame time.
double RelativeRate(const Note& first, const Note& last, Duration frame_time) {
  const std::chrono::duration<double> between = last.captured - first.captured;
  const std::chrono::duration<double> asked = frame_time;
  return between.count() / (asked.count() * static_cast<double>(last.sequence - first.sequence));
}

uint64_t SumOfPlane(const Plane& plane, int width, int height) {
  uint64_t sum = 0;
  for (int y = 0; y < height; ++y) {
    const uint8_t* const row = plane.data + static_cast<std::ptrdiff_t>(y) * plane.stride;
    for (int x = 0; x < width; ++x) {
      sum += row[x];
    }
  }
  return sum;
}

// Reads every pixel.
uint64_t SumOfPixels(const Frame& frame) {
  const Size size = frame.size();
  FrameConverter converter;
  const auto view = converter.Convert(frame);
  if (!view) {
    ADD_FAILURE() << view.error().message;
    return 0;
  }
  const Planes& planes = view->planes();
  return SumOfPlane(planes[0], size.width, size.height) +
         SumOfPlane(planes[1], size.width / 2, size.height / 2) +
         SumOfPlane(planes[2], size.width / 2, size.height / 2);
}

std::vector<uint64_t> SumsOfPixels(const std::vector<Frame>& frames) {
  std::vector<uint64_t> sums;
  sums.reserve(frames.size());
  for (const Frame& frame : frames) {
    sums.push_back(SumOfPixels(frame));
  }
  return sums;
}

}  // namespace

// A camera of the rig's source, started on request; destroyed with the test.
class OpenedCamera {
 public:
  explicit OpenedCamera(CameraRig& rig) : rig_(rig), format_(rig.Formats().front()) {
    auto opened = rig.Source().Open();
    EXPECT_TRUE(opened) << opened.error().message;
    if (opened) {
      camera_ = std::move(*opened);
    }
  }

  explicit operator bool() const { return camera_ != nullptr; }
  Camera& operator*() const { return *camera_; }
  Camera* operator->() const { return camera_.get(); }
  void Destroy() { camera_.reset(); }

  Result<VideoFormat> Start(RecordingSink& sink) {
    return camera_->Start({.format = format_}, sink);
  }
  bool Await(RecordingSink& sink, size_t frames) {
    return AwaitFrames(rig_, sink, frame_time(), frames);
  }
  const VideoFormat& format() const { return format_; }
  Duration frame_time() const { return format_.framerate.FrameTime(); }

 private:
  CameraRig& rig_;
  const VideoFormat format_;
  std::unique_ptr<Camera> camera_;
};

// Example failure is a camera that negotiates, but whose requests are never queued.
TEST_P(CameraContractTest, Start_DeliversFrames) {
  RecordingSink sink;
  OpenedCamera camera(*rig_);
  ASSERT_TRUE(camera);
  const auto format = camera.Start(sink);
  ASSERT_TRUE(format) << format.error().message;
  ASSERT_TRUE(camera.Await(sink, 5));
  camera->Stop();
  for (const Note& note : sink.Notes()) {
    EXPECT_EQ(note.size, format->size);
    EXPECT_TRUE(note.has_planes);
  }
  EXPECT_TRUE(sink.Losses().empty());
}

// Example failure is a callback that is still running when Stop returns, and calls a destroyed
// sink.
TEST_P(CameraContractTest, Stop_NoFrameAfterIt) {
  RecordingSink sink;
  OpenedCamera camera(*rig_);
  ASSERT_TRUE(camera);
  ASSERT_TRUE(camera.Start(sink));
  ASSERT_TRUE(camera.Await(sink, 3));
  camera->Stop();
  const size_t frames = sink.FrameCount();

  // A second session: if the first one were still running, its sink would receive frames.
  RecordingSink second;
  ASSERT_TRUE(camera.Start(second));
  ASSERT_TRUE(camera.Await(second, 5));
  camera->Stop();
  EXPECT_EQ(sink.FrameCount(), frames);
}

// Example failure is a Stop that joins a thread which was never started.
TEST_P(CameraContractTest, StopWhenStopped_Harmless) {
  RecordingSink sink;
  OpenedCamera camera(*rig_);
  ASSERT_TRUE(camera);
  camera->Stop();
  ASSERT_TRUE(camera.Start(sink));
  camera->Stop();
  camera->Stop();
  ASSERT_TRUE(camera.Start(sink));
  EXPECT_TRUE(camera.Await(sink, 2));
}

// Example failure is a camera whose buffers of the first session are not freed, so that the fourth
// has none.
TEST_P(CameraContractTest, Restart_DeliversEachTime) {
  OpenedCamera camera(*rig_);
  ASSERT_TRUE(camera);
  for (int session = 0; session < 4; ++session) {
    RecordingSink sink;
    const auto format = camera.Start(sink);
    ASSERT_TRUE(format) << format.error().message;
    ASSERT_TRUE(camera.Await(sink, 3)) << "session " << session;
    camera->Stop();
    ExpectInOrder(sink.Notes());
  }
}

// Example failure is a camera that stays acquired by the object destroyed first.
TEST_P(CameraContractTest, OpenAgainAfterDestruction_Delivers) {
  for (int i = 0; i < 2; ++i) {
    RecordingSink sink;
    OpenedCamera camera(*rig_);
    ASSERT_TRUE(camera);
    const auto format = camera.Start(sink);
    ASSERT_TRUE(format) << format.error().message;
    ASSERT_TRUE(camera.Await(sink, 2));
    camera.Destroy();  // running: this stops it
  }
}

// Example failure is two completed requests delivered in the wrong order, or one twice.
TEST_P(CameraContractTest, Frames_RiseInSequenceAndTime) {
  RecordingSink sink;
  OpenedCamera camera(*rig_);
  ASSERT_TRUE(camera);
  ASSERT_TRUE(camera.Start(sink));
  ASSERT_TRUE(camera.Await(sink, 20));
  camera->Stop();
  ExpectInOrder(sink.Notes());
}

// Example failure is a frame whose destructor does not return its buffer: the stream ends when all
// buffers are in use.
TEST_P(CameraContractTest, DroppedFrames_BuffersReturn) {
  RecordingSink sink;
  OpenedCamera camera(*rig_);
  ASSERT_TRUE(camera);
  ASSERT_TRUE(camera.Start(sink));
  EXPECT_TRUE(camera.Await(sink, static_cast<size_t>(4 * rig_->MoreThanItsBuffers())));
  camera->Stop();
}

// Example failure is a buffer returned on the encoder's thread that races with the camera's thread.
TEST_P(CameraContractTest, FramesDroppedOnAnotherThread_BuffersReturn) {
  RecordingSink sink;
  OpenedCamera camera(*rig_);
  ASSERT_TRUE(camera);
  sink.KeepFrames(true);
  ASSERT_TRUE(camera.Start(sink));
  for (int round = 1; round <= 3 * rig_->MoreThanItsBuffers(); ++round) {
    ASSERT_TRUE(camera.Await(sink, static_cast<size_t>(round)));
    std::jthread([frames = sink.TakeFrames()] {});
  }
  camera->Stop();
}

// Example failure is a camera that blocks its thread while it waits for a buffer, or that allocates
// another buffer for each frame in use.
TEST_P(CameraContractTest, SinkKeepsAllFrames_CameraLosesFramesThenRecovers) {
  RecordingSink sink;
  OpenedCamera camera(*rig_);
  ASSERT_TRUE(camera);
  sink.KeepFrames(true);
  ASSERT_TRUE(camera.Start(sink));
  for (int i = 0; i < 2 * rig_->MoreThanItsBuffers(); ++i) {
    rig_->LetPass(camera.frame_time());
  }
  EXPECT_LT(sink.FrameCount(), static_cast<size_t>(rig_->MoreThanItsBuffers()));

  sink.KeepFrames(false);
  const size_t before = sink.FrameCount();
  sink.TakeFrames();
  ASSERT_TRUE(camera.Await(sink, before + 5));
  camera->Stop();
  const auto notes = sink.Notes();
  ExpectInOrder(notes);
  if (rig_->CountsStarvedFrames()) {
    EXPECT_GT(notes.back().sequence - notes.front().sequence, notes.size() - 1);
  }
}

// Example failure is a Stop that waits until all buffers have been returned: here forever.
TEST_P(CameraContractTest, StopWhileFramesAreOut_Returns) {
  RecordingSink sink;
  OpenedCamera camera(*rig_);
  ASSERT_TRUE(camera);
  sink.KeepFrames(true);
  ASSERT_TRUE(camera.Start(sink));
  ASSERT_TRUE(camera.Await(sink, 2));
  camera->Stop();
  const auto frames = sink.TakeFrames();

  // Frames of the last session that are still in use do not affect the next one.
  RecordingSink next;
  ASSERT_TRUE(camera.Start(next));
  EXPECT_TRUE(camera.Await(next, 2));
  camera->Stop();
}

// Example failure is a buffer unmapped or freed by the camera's destructor: the read crashes, or
// returns other pixels (address sanitizer detects both).
TEST_P(CameraContractTest, FramesOutliveTheCamera_PixelsStay) {
  RecordingSink sink;
  OpenedCamera camera(*rig_);
  ASSERT_TRUE(camera);
  sink.KeepFrames(true);
  ASSERT_TRUE(camera.Start(sink));
  ASSERT_TRUE(camera.Await(sink, 2));
  camera->Stop();
  auto frames = sink.TakeFrames();
  const auto before = SumsOfPixels(frames);
  camera.Destroy();
  EXPECT_EQ(SumsOfPixels(frames), before);
  frames.clear();  // safe although the camera no longer exists
}

// Example failure is a camera that delivers its largest size, or its default rate, whatever is
// requested.
TEST_P(CameraContractTest, SizeAndRate_AsAsked) {
  for (const VideoFormat& asked : rig_->Formats()) {
    SCOPED_TRACE(ToString(asked.size) + " at " + ToString(asked.framerate));
    RecordingSink sink;
    auto camera = rig_->Source().Open();
    ASSERT_TRUE(camera) << camera.error().message;
    const auto got = (*camera)->Start({.format = asked}, sink);
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(*got, asked);
    ASSERT_TRUE(AwaitFrames(*rig_, sink, asked.framerate.FrameTime(), 12));
    (*camera)->Stop();

    const auto notes = sink.Notes();
    EXPECT_EQ(notes.back().size, asked.size);
    const double rate = RelativeRate(notes.front(), notes.back(), asked.framerate.FrameTime());
    EXPECT_NEAR(rate, 1.0, rig_->RateTolerance());
  }
}

// Example failure is a configuration with flips that the camera rejects, or whose frames have width
// and height swapped.
TEST_P(CameraContractTest, Flips_DeliverTheSameSize) {
  for (const auto& [hflip, vflip] : {std::pair(true, false), {false, true}, {true, true}}) {
    RecordingSink sink;
    OpenedCamera camera(*rig_);
    ASSERT_TRUE(camera);
    const auto got =
        camera->Start({.format = camera.format(), .hflip = hflip, .vflip = vflip}, sink);
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(got->size, camera.format().size);
    ASSERT_TRUE(camera.Await(sink, 2));
    camera->Stop();
    EXPECT_EQ(sink.Notes().back().size, camera.format().size);
  }
}

// Example failure is a second session that replaces the first one's thread without stopping it.
TEST_P(CameraContractTest, StartTwice_FailsAndTheFirstGoesOn) {
  RecordingSink sink;
  RecordingSink second;
  OpenedCamera camera(*rig_);
  ASSERT_TRUE(camera);
  ASSERT_TRUE(camera.Start(sink));
  const auto again = camera.Start(second);
  ASSERT_FALSE(again);
  EXPECT_FALSE(again.error().message.empty());
  EXPECT_TRUE(camera.Await(sink, sink.FrameCount() + 2));
  camera->Stop();
  EXPECT_EQ(second.FrameCount(), 0U);
}

// Example failure is a size of 0x0 passed to an allocator, or a division by a rate of 0.
TEST_P(CameraContractTest, ImpossibleFormat_FailsAndTheCameraCanBeStarted) {
  OpenedCamera camera(*rig_);
  ASSERT_TRUE(camera);
  const FrameRate rate = camera.format().framerate;
  const Size size = camera.format().size;
  for (const VideoFormat& impossible :
       {VideoFormat{{0, 0}, rate}, VideoFormat{{-640, 480}, rate}, VideoFormat{{641, 480}, rate},
        VideoFormat{{640, 479}, rate}, VideoFormat{{8, 8}, rate}, VideoFormat{{8194, 480}, rate},
        VideoFormat{{640, 8194}, rate}, VideoFormat{size, {0, 1}}, VideoFormat{size, {24, 0}},
        VideoFormat{size, {-24, 1}}}) {
    RecordingSink sink;
    const auto started = camera->Start({.format = impossible}, sink);
    ASSERT_FALSE(started) << ToString(impossible.size);
    EXPECT_FALSE(started.error().message.empty());
  }
  RecordingSink sink;
  ASSERT_TRUE(camera.Start(sink));
  EXPECT_TRUE(camera.Await(sink, 2));
  camera->Stop();  // before the sink is destroyed
}

// Example failure is a null camera returned without an error.
TEST_P(CameraContractTest, CameraAbsent_OpenFailsWithAReason) {
  const auto source = rig_->AbsentSource();
  const auto camera = source->Open();
  ASSERT_FALSE(camera);
  EXPECT_FALSE(camera.error().message.empty());
}

// Example failure is a camera that stops without reporting its loss: viewers would see a frozen
// picture forever.
TEST_P(CameraContractTest, CameraVanishes_SinkIsToldOnceAndStopReturns) {
  const auto source = rig_->VanishingSource();
  if (!source) {
    GTEST_SKIP() << "this rig cannot take its camera away";
  }
  const VideoFormat format = rig_->Formats().front();
  const Duration frame_time = format.framerate.FrameTime();
  RecordingSink sink;
  auto camera = source->Open();
  ASSERT_TRUE(camera) << camera.error().message;
  ASSERT_TRUE((*camera)->Start({.format = format}, sink));
  ASSERT_TRUE(LetPassUntil(*rig_, sink, frame_time, [&] { return !sink.Losses().empty(); }));
  const size_t frames = sink.FrameCount();
  rig_->LetPass(frame_time);
  (*camera)->Stop();
  EXPECT_EQ(sink.Losses().size(), 1U);
  EXPECT_FALSE(sink.Losses().front().empty());
  EXPECT_EQ(sink.FrameCount(), frames);

  RecordingSink next;
  EXPECT_FALSE((*camera)->Start({.format = format}, next));
  camera->reset();
  EXPECT_FALSE(source->Open());
}

}  // namespace pistream
