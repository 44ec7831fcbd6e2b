#include "src/stream/pipeline.h"

#include <stop_token>
#include <thread>
#include <utility>

#include "src/base/log.h"
#include "src/base/rate_limit.h"
#include "src/base/thread_name.h"
#include "src/stream/back_off.h"
#include "src/stream/camera_keeper.h"
#include "src/stream/encoder_keeper.h"
#include "src/stream/health.h"

namespace pistream {

// What runs on the encoder thread. Everything but Stop and Trouble is that thread's once Start has
// returned.
class Pipeline::Worker : private PictureSink {
 public:
  Worker(const PipelineConfig& config, CameraSource& source, EncoderFactory make_encoder,
         Broadcaster& broadcaster, Demand& demand, Metrics& metrics, Clock& clock)
      : grace_(config.grace),
        source_(source),
        broadcaster_(broadcaster),
        demand_(demand),
        metrics_(metrics),
        clock_(clock),
        encoder_faults_(clock),
        camera_(config.camera, config.camera_patience, source, metrics, clock),
        encoder_(std::move(make_encoder), config.bitrate_bps, config.gop_pictures, metrics, clock) {
  }

  Result<VideoFormat> Start();
  void Stop();
  std::optional<std::string> Trouble() const { return health_.Trouble(); }

 private:
  void Run(const std::stop_token& stop);
  void AwaitAndHandleFrame(const std::stop_token& stop);
  void OnFrame(Frame frame);
  void EncodeAndPublish(Frame frame);
  void OnPicture(PicturePtr picture) override;
  void OnCameraStarted(const VideoFormat& format);
  void OnEncoderFault(const Error& error);
  void PauseStream();
  bool IsGraceOver();
  void RestUntilWatched(const std::stop_token& stop);
  void ReopenCamera(const Error& loss, const std::stop_token& stop);

  const Duration grace_;
  CameraSource& source_;
  Broadcaster& broadcaster_;
  Demand& demand_;
  Metrics& metrics_;
  Clock& clock_;

  Health health_{"the stream has not been started"};
  RateLimit encoder_faults_;
  BackOff back_off_;
  CameraKeeper camera_;
  EncoderKeeper encoder_;
  bool streaming_ = false;  // a picture was published since the last pause
  SteadyTime watched_;      // when somebody was last seen to watch, or the camera's start
  std::jthread thread_;     // last: joined before what it uses is gone
};

Result<VideoFormat> Pipeline::Worker::Start() {
  auto format = camera_.Open();
  if (!format) {
    return format;
  }
  const auto prepared = encoder_.Prepare(*format);
  if (!prepared) {
    camera_.Close();
    return tl::unexpected(prepared.error());
  }
  log::Info("camera {}: {} at {} frames a second", source_.Name(), ToString(format->size),
            ToString(format->framerate));
  watched_ = clock_.Now();
  health_.Clear();
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  return format;
}

void Pipeline::Worker::Stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
    health_.SetTrouble("the stream has been stopped");
  }
}

void Pipeline::Worker::Run(const std::stop_token& stop) {
  SetThreadName("encoder");
  while (!stop.stop_requested()) {
    AwaitAndHandleFrame(stop);
    if (IsGraceOver()) {
      RestUntilWatched(stop);
    }
  }
  camera_.Close();
}

void Pipeline::Worker::AwaitAndHandleFrame(const std::stop_token& stop) {
  const bool watched = demand_.viewers() > 0;
  auto frame = camera_.Take(watched ? SteadyTime::max() : watched_ + grace_, stop);
  if (!frame) {
    ReopenCamera(frame.error(), stop);
  } else if (*frame) {
    OnFrame(*std::move(frame));
  }
}

void Pipeline::Worker::OnFrame(Frame frame) {
  back_off_.Reset();
  if (demand_.viewers() > 0) {
    EncodeAndPublish(std::move(frame));
  } else {
    metrics_.frames_unwatched.Increment();
    PauseStream();
    health_.Clear();
  }
}

void Pipeline::Worker::EncodeAndPublish(Frame frame) {
  const bool keyframe = !streaming_ || demand_.TakeKeyframeRequest();
  const auto encoded = encoder_.Encode(std::move(frame), keyframe, *this);
  if (!encoded) {
    OnEncoderFault(encoded.error());
  }
}

void Pipeline::Worker::OnPicture(PicturePtr picture) {
  if (picture->type == PictureType::kIntra) {
    demand_.KeyframeMade();
  }
  streaming_ = true;
  health_.Clear();
  broadcaster_.Publish(picture);
}

void Pipeline::Worker::OnCameraStarted(const VideoFormat& format) {
  // A fault here is not final: the encoder is tried again with each frame.
  const auto prepared = encoder_.Prepare(format);
  if (!prepared) {
    OnEncoderFault(prepared.error());
  }
}

void Pipeline::Worker::OnEncoderFault(const Error& error) {
  health_.SetTrouble(fmt::format("the encoder fails: {}", error.message));
  if (const auto count = encoder_faults_.Pass()) {
    log::Error("encoder failed ({} times since the last such line): {}", *count, error.message);
  }
}

// So that new viewers get nothing old, and the next picture is one they can begin with.
void Pipeline::Worker::PauseStream() {
  if (std::exchange(streaming_, false)) {
    broadcaster_.Pause();
  }
}

bool Pipeline::Worker::IsGraceOver() {
  const SteadyTime now = clock_.Now();
  if (demand_.viewers() > 0) {
    watched_ = now;
  }
  return now >= watched_ + grace_;
}

void Pipeline::Worker::RestUntilWatched(const std::stop_token& stop) {
  PauseStream();
  camera_.Stop();
  log::Info("nobody watches: camera off");
  health_.Clear();
  if (!demand_.AwaitViewers(stop)) {
    return;
  }
  log::Info("somebody watches: camera on");
  watched_ = clock_.Now();
  const auto format = camera_.Start();
  if (format) {
    OnCameraStarted(*format);
  } else {
    ReopenCamera(format.error(), stop);
  }
}

// Returns with a camera that runs, or when stop is requested.
void Pipeline::Worker::ReopenCamera(const Error& loss, const std::stop_token& stop) {
  metrics_.camera_losses.Increment();
  log::Warning("camera lost: {}", loss.message);
  health_.SetTrouble(fmt::format("the camera was lost: {}", loss.message));
  PauseStream();
  camera_.Close();
  while (clock_.SleepUntil(clock_.Now() + back_off_.Next(), stop)) {
    const auto format = camera_.Open();
    if (format) {
      log::Info("camera {} is back", source_.Name());
      watched_ = clock_.Now();
      return OnCameraStarted(*format);
    }
    log::Warning("camera still away: {}", format.error().message);
    health_.SetTrouble(fmt::format("the camera is away: {}", format.error().message));
  }
}

Pipeline::Pipeline(const PipelineConfig& config, CameraSource& source, EncoderFactory make_encoder,
                   Broadcaster& broadcaster, Demand& demand, Metrics& metrics, Clock& clock)
    : worker_(std::make_unique<Worker>(config, source, std::move(make_encoder), broadcaster, demand,
                                       metrics, clock)) {}

Pipeline::~Pipeline() { Stop(); }

Result<VideoFormat> Pipeline::Start() { return worker_->Start(); }

void Pipeline::Stop() { worker_->Stop(); }

std::optional<std::string> Pipeline::Trouble() const { return worker_->Trouble(); }

}  // namespace pistream
