#include "src/stream/camera_keeper.h"

#include <algorithm>
#include <utility>

namespace pistream {
CameraKeeper::CameraKeeper(CameraConfig config, Duration patience, CameraSource& source,
                           Metrics& metrics, Clock& clock)
    : config_(std::move(config)),
      patience_(patience),
      source_(source),
      metrics_(metrics),
      clock_(clock),
      latest_(clock) {}

CameraKeeper::~CameraKeeper() { Close(); }

Result<VideoFormat> CameraKeeper::Open() {
  auto camera = source_.Open();
  if (!camera) {
    return tl::unexpected(camera.error());
  }
  camera_ = *std::move(camera);
  auto format = Start();
  if (format) {
    metrics_.camera_opens.Increment();
  } else {
    Close();
  }
  return format;
}

Result<VideoFormat> CameraKeeper::Start() {
  last_sequence_.reset();
  last_sign_of_life_ = clock_.Now();
  return camera_->Start(config_, *this);
}

void CameraKeeper::Stop() {
  if (camera_) {
    camera_->Stop();
  }
  latest_.Clear();
  std::lock_guard lock(mutex_);
  loss_.reset();
}

void CameraKeeper::Close() {
  Stop();
  camera_.reset();
}

Result<Frame> CameraKeeper::Take(SteadyTime deadline, const std::stop_token& stop) {
  const SteadyTime silent_from = last_sign_of_life_ + patience_;
  Frame frame = latest_.Take(std::min(deadline, silent_from), stop);
  if (auto loss = Loss()) {
    return tl::unexpected(*std::move(loss));
  }
  if (frame) {
    last_sign_of_life_ = clock_.Now();
  } else if (!stop.stop_requested() && clock_.Now() >= silent_from) {
    return Fail("no frame from {} for {:.1f} s", source_.Name(), Seconds(patience_));
  }
  return frame;
}

void CameraKeeper::OnFrame(Frame frame) noexcept {
  const uint64_t sequence = frame.sequence();
  if (last_sequence_ && sequence > *last_sequence_ + 1) {
    metrics_.frames_lost_in_camera.Increment(static_cast<double>(sequence - *last_sequence_ - 1));
  }
  last_sequence_ = sequence;
  metrics_.frames_captured.Increment();
  if (latest_.Put(std::move(frame))) {
    metrics_.frames_displaced.Increment();
  }
}

void CameraKeeper::OnCameraLost(const Error& error) noexcept {
  {
    std::lock_guard lock(mutex_);
    loss_ = error;
  }
  latest_.Interrupt();
}

std::optional<Error> CameraKeeper::Loss() const {
  std::lock_guard lock(mutex_);
  return loss_;
}

}  // namespace pistream
