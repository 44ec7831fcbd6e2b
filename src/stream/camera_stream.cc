#include "src/stream/camera_stream.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "src/base/log.h"
#include "src/base/thread_name.h"
#include "src/stream/camera_timeout.h"

namespace pistream {
namespace {

// Cameras take their time to start.
Duration FirstFrameTimeout(FrameRate framerate) {
  return std::max<Duration>(std::chrono::seconds(10), CameraTimeout(framerate));
}

}  // namespace

CameraStream::CameraStream(std::string name, CameraStreamConfig config,
                           std::unique_ptr<CameraSource> source, const EncoderFactory& encoders,
                           Metrics& metrics, Clock& clock)
    : Stream(std::move(name), clock),
      metrics_(metrics, this->name()),
      clock_(clock),
      format_(config.camera.format),
      config_(std::move(config)),
      requested_camera_(config_.camera),
      source_(std::move(source)),
      frames_({.on_first_frame = [this] { OnFirstFrame(); },
               .on_lost =
                   [this](const Error& error) {
                     Post([&](Inbox& inbox) { inbox.camera_loss = error; });
                   }},
              metrics_, clock),
      encoders_{MakeEncoder(VideoScale::kFull, encoders, metrics),
                MakeEncoder(VideoScale::kHalf, encoders, metrics),
                MakeEncoder(VideoScale::kQuarter, encoders, metrics)} {
  health_.SetUnhealthy(Health::Part::kStream, "the stream has not been started");
  const MutexLock lock(mutex_);
  bitrate_bps_ = full_size_encoder().Complete(config_.video, format_).bitrate_bps;
}

TrackEncoder CameraStream::MakeEncoder(VideoScale scale, const EncoderFactory& encoders,
                                       Metrics& metrics) {
  return TrackEncoder(name(), scale, config_.video, video(scale),
                      {.encoders = encoders,
                       .frames = frames_,
                       .on_watched_changed =
                           [this] { Post([](Inbox& inbox) { inbox.has_watched_changed = true; }); },
                       .health = health_,
                       .metrics = metrics,
                       .clock = clock_});
}

CameraStream::~CameraStream() { Stop(); }

Result<VideoFormat> CameraStream::Start() {
  auto format = OpenCamera();
  if (!format) {
    return format;
  }
  if (const auto prepared = full_size_encoder().Prepare(*format); !prepared) {
    StopCamera();
    camera_.reset();
    return tl::unexpected(prepared.error());
  }
  OnCameraStarted(*format);
  StartThreads();
  return format;
}

void CameraStream::StartUnavailable(const Error& error) {
  BecomeUnavailable(error);
  StartThreads();
}

void CameraStream::StartInBackground() {
  health_.SetUnhealthy(Health::Part::kCamera, "the camera is being opened");
  next_attempt_ = clock_.Now();
  StartThreads();
}

void CameraStream::StartThreads() {
  health_.SetHealthy(Health::Part::kStream);
  full_size_encoder().Start();
  thread_ = std::thread([this] { Run(); });
}

void CameraStream::Reconfigure(const CameraStreamConfig& config,
                               std::unique_ptr<CameraSource> source) {
  Post([&](Inbox& inbox) {
    // A source that was not adopted yet is not lost.
    if (!source && inbox.reconfiguration) {
      source = std::move(inbox.reconfiguration->source);
    }
    inbox.reconfiguration = Reconfiguration{config, std::move(source)};
  });
}

void CameraStream::Stop() {
  if (thread_.joinable()) {
    Post([](Inbox& inbox) { inbox.stop = true; });
    thread_.join();
    health_.SetUnhealthy(Health::Part::kStream, "the stream has been stopped");
  }
}

VideoFormat CameraStream::format() const {
  const MutexLock lock(mutex_);
  return format_;
}

int64_t CameraStream::bitrate_bps() const {
  const MutexLock lock(mutex_);
  return bitrate_bps_;
}

int64_t CameraStream::sufficient_bitrate_bps(VideoScale scale) const {
  return encoders_[static_cast<size_t>(scale)].SufficientBitrate(format());
}

// Here and not by the supervisor, which may learn of the frame after the camera's loss.
void CameraStream::OnFirstFrame() {
  health_.SetHealthy(Health::Part::kCamera);
  Post([](Inbox& inbox) { inbox.has_first_frame = true; });
}

template <typename Put>
void CameraStream::Post(Put put) {
  {
    const MutexLock lock(mutex_);
    put(inbox_);
  }
  posted_.NotifyOne();
}

CameraStream::Inbox CameraStream::AwaitCommands(SteadyTime deadline) {
  const MutexLock lock(mutex_);
  clock_.WaitUntil(mutex_, posted_, deadline, {},
                   [this]() PISTREAM_REQUIRES(mutex_) { return !inbox_.IsEmpty(); });
  return std::exchange(inbox_, {});
}

void CameraStream::Run() {
  SetThreadName("stream-" + name());
  for (;;) {
    Inbox commands = AwaitCommands(NextDeadline());
    if (commands.stop) {
      break;
    }
    NoteWatched();
    if (commands.camera_loss || !commands.reconfiguration) {
      Handle(commands.camera_loss);
    }
    if (commands.reconfiguration) {
      Apply(*std::move(commands.reconfiguration));
      // Whoever came meanwhile may have to wake the camera.
      Handle(std::nullopt);
    }
  }
  StopCamera();
  camera_.reset();
  for (TrackEncoder& encoder : encoders_) {
    encoder.Stop();
  }
}

SteadyTime CameraStream::NextDeadline() const {
  switch (state_) {
    case State::kStreaming:
      return unwatched_since_ ? std::min(SilentFrom(), *unwatched_since_ + config_.grace)
                              : SilentFrom();
    case State::kStandby:
      return SteadyTime::max();
    case State::kUnavailable:
      return next_attempt_;
  }
  std::abort();  // not an enumerator
}

SteadyTime CameraStream::SilentFrom() const {
  const FrameRate framerate = format().framerate;
  return frames_.last_sign_of_life() +
         (frames_.has_delivered() ? CameraTimeout(framerate) : FirstFrameTimeout(framerate));
}

bool CameraStream::is_watched() const {
  return std::ranges::any_of(encoders_, [](const auto& encoder) { return encoder.is_watched(); });
}

void CameraStream::NoteWatched() {
  for (TrackEncoder& encoder : encoders_) {
    if (encoder.is_watched()) {
      encoder.Start();
    }
  }
  if (is_watched()) {
    unwatched_since_.reset();
  } else if (!unwatched_since_) {
    unwatched_since_ = clock_.Now();
  }
}

void CameraStream::Handle(const std::optional<Error>& camera_loss) {
  switch (state_) {
    case State::kStreaming:
      return HandleStreaming(camera_loss);
    case State::kStandby:
      return unwatched_since_ ? void() : LeaveStandby();
    case State::kUnavailable:
      return clock_.Now() >= next_attempt_ ? TryToReopen() : void();
  }
}

void CameraStream::HandleStreaming(const std::optional<Error>& camera_loss) {
  const SteadyTime now = clock_.Now();
  if (camera_loss) {
    LoseCamera(*camera_loss);
  } else if (now >= SilentFrom()) {
    LoseCamera({fmt::format("no frame from {} for {:.1f} s", source_->Name(),
                            Seconds(now - frames_.last_sign_of_life()))});
  } else if (unwatched_since_ && now >= *unwatched_since_ + config_.grace) {
    EnterStandby();
  }
}

void CameraStream::Apply(Reconfiguration reconfiguration) {
  const CameraStreamConfig before = std::exchange(config_, std::move(reconfiguration.config));
  const bool is_other_camera = std::exchange(requested_camera_, config_.camera) != config_.camera;
  if (!is_other_camera && !reconfiguration.source) {
    config_.camera = before.camera;  // which may be another one, if the camera has refused it
  }
  if (config_.video != before.video) {
    {
      const MutexLock lock(mutex_);
      bitrate_bps_ = full_size_encoder().Complete(config_.video, format_).bitrate_bps;
    }
    for (TrackEncoder& encoder : encoders_) {
      encoder.SetConfig(config_.video);
    }
  }
  const bool is_open = camera_ != nullptr;
  if (reconfiguration.source) {
    StopCamera();
    camera_.reset();
    source_ = std::move(reconfiguration.source);
    back_off_.Reset();
    log::Info("stream {}: the camera is {} now", name(), source_->Name());
  }
  if (state_ == State::kUnavailable || (is_open && !camera_)) {
    TryToReopen();
  } else if (config_.camera != before.camera) {
    // In standby too, as at the start of the program (docs/decisions/0002): only the camera knows
    // the size that the next viewer gets first. The grace time stops it again.
    RestartCamera(before.camera);
  }
}

Result<VideoFormat> CameraStream::OpenCamera() {
  auto camera = source_->Open();
  if (!camera) {
    return tl::unexpected(std::move(camera).error());
  }
  camera_ = *std::move(camera);
  auto format = StartCamera();
  if (format) {
    metrics_.camera_opens.Increment();
    announced_.reset();
  } else {
    camera_.reset();
  }
  return format;
}

// The application has warned about the format that was requested.
void CameraStream::Announce(const VideoFormat& format) {
  if (announced_ == format) {
    return;
  }
  announced_ = format;
  log::Info("stream {}: camera {}: {} at {} frames a second", name(), source_->Name(),
            ToString(format.size), ToString(format.framerate));
  if (format != config_.camera.format) {
    if (const auto warning = full_size_encoder().Warning(config_.video, format)) {
      log::Warning("stream {}: {}", name(), *warning);
    }
  }
}

Result<VideoFormat> CameraStream::StartCamera() {
  frames_.OnCameraStarting();
  return camera_->Start(config_.camera, frames_);
}

void CameraStream::OnCameraStarted(const VideoFormat& format) {
  Announce(format);
  state_ = State::kStreaming;
  if (unwatched_since_ || !is_watched()) {
    unwatched_since_ = clock_.Now();
  }
  for (TrackEncoder& encoder : encoders_) {
    encoder.SetFormat(format);
  }
  const EncoderConfig encoding = full_size_encoder().Complete(config_.video, format);
  const MutexLock lock(mutex_);
  format_ = format;
  bitrate_bps_ = encoding.bitrate_bps;
}

// Frames that are still out come back later; nothing of them is encoded.
void CameraStream::StopCamera() {
  if (camera_) {
    camera_->Stop();
  }
  for (TrackEncoder& encoder : encoders_) {
    encoder.Pause();
  }
  const MutexLock lock(mutex_);
  // Of the run that has just ended.
  inbox_.camera_loss.reset();
  inbox_.has_first_frame = false;
}

// Only the camera finds out that it has not some control, or refuses a size: then a stream that
// works goes on as before. If that fails too, the fault is not in the settings.
void CameraStream::RestartCamera(const CameraConfig& before) {
  StopCamera();
  announced_.reset();
  if (frames_.has_delivered()) {
    back_off_.Reset();
  }
  const auto format = StartCamera();
  if (format) {
    return OnCameraStarted(*format);
  }
  const CameraConfig wanted = std::exchange(config_.camera, before);
  if (const auto format_before = StartCamera()) {
    log::Error("stream {} keeps its camera settings: {}", name(), format.error().message);
    return OnCameraStarted(*format_before);
  }
  config_.camera = wanted;
  camera_.reset();
  BecomeUnavailable(format.error());
}

void CameraStream::LoseCamera(const Error& error) {
  metrics_.camera_losses.Increment();
  log::Warning("stream {}: camera lost: {}", name(), error.message);
  StopCamera();
  camera_.reset();
  // After the stop: a first frame may have come until then.
  health_.SetUnhealthy(Health::Part::kCamera,
                       fmt::format("the camera was lost: {}", error.message));
  if (frames_.has_delivered()) {
    back_off_.Reset();
  }
  state_ = State::kUnavailable;
  next_attempt_ = clock_.Now() + back_off_.Next();
}

void CameraStream::TryToReopen() {
  const auto format = OpenCamera();
  if (format) {
    return OnCameraStarted(*format);
  }
  BecomeUnavailable(format.error());
}

// Precondition: there is no camera.
void CameraStream::BecomeUnavailable(const Error& error) {
  log::Warning("stream {}: the camera is unavailable: {}", name(), error.message);
  health_.SetUnhealthy(Health::Part::kCamera,
                       fmt::format("the camera is unavailable: {}", error.message));
  state_ = State::kUnavailable;
  next_attempt_ = clock_.Now() + back_off_.Next();
}

void CameraStream::EnterStandby() {
  StopCamera();
  state_ = State::kStandby;
  for (const auto part :
       {Health::Part::kEncoder, Health::Part::kHalfEncoder, Health::Part::kQuarterEncoder}) {
    health_.SetHealthy(part);
  }
  log::Info("stream {}: nobody watches: camera off", name());
}

void CameraStream::LeaveStandby() {
  log::Info("stream {}: somebody watches: camera on", name());
  if (const auto format = StartCamera()) {
    OnCameraStarted(*format);
  } else {
    LoseCamera(format.error());
  }
}

}  // namespace pistream
