#include "src/camera/libcamera/session.h"

#include <libcamera/camera.h>
#include <libcamera/control_ids.h>
#include <libcamera/framebuffer.h>
#include <libcamera/request.h>

#include <cstring>
#include <utility>

#include "src/camera/libcamera/clock.h"
#include "src/camera/libcamera/log.h"

namespace pistream {
namespace {

// A camera starts with a few frames marked as not to be used; one that delivers no others is
// broken.
constexpr int kMostFailuresInARow = 60;

// libcamera learns of it from udevd, which may be busy.
constexpr Duration kDisconnectionTimeout = std::chrono::milliseconds(200);

// (In 0.4 the metadata of a const request cannot be read.)
FrameReport ReportOf(libcamera::Request& request, const libcamera::FrameBuffer& buffer) {
  const auto sensor_stamp = request.metadata().get(libcamera::controls::SensorTimestamp);
  const auto duration_us = request.metadata().get(libcamera::controls::FrameDuration);
  const int64_t stamp = sensor_stamp.value_or(0) > 0
                            ? *sensor_stamp
                            : static_cast<int64_t>(buffer.metadata().timestamp);
  FrameReport report;
  report.camera_sequence = buffer.metadata().sequence;
  report.captured = SteadyTimeOfStamp(stamp, ReadClocks());
  if (duration_us) {
    report.frame_duration = std::chrono::microseconds(*duration_us);
  }
  return report;
}

}  // namespace

LibcameraSession::LibcameraSession(LibcameraStream stream, FrameSink& sink, Clock& clock,
                                   std::shared_ptr<RequestQueue> requests)
    : id_(stream.device->id()),
      sink_(sink),
      clock_(clock),
      requests_(std::move(requests)),
      device_(std::move(stream.device)),
      signals_(CameraSignals::Of(*device_)),
      pacing_(
          CameraPacer(stream.frame_time, stream.throttle),
          [this](int64_t missed) { OnDeadline(missed); }, clock) {}

LibcameraSession::~LibcameraSession() = default;

Result<std::shared_ptr<LibcameraSession>> LibcameraSession::Make(LibcameraStream stream,
                                                                 FrameSink& sink, Clock& clock) {
  auto requests = RequestQueue::Make(stream, clock);
  if (!requests) {
    return tl::unexpected(std::move(requests.error()));
  }
  return std::shared_ptr<LibcameraSession>(
      new LibcameraSession(std::move(stream), sink, clock, *std::move(requests)));
}

Result<void> LibcameraSession::Begin(const libcamera::ControlList& controls) {
  signals_->SetListener(weak_from_this());
  if (const int error = device_->start(&controls); error < 0) {
    return Fail("camera '{}' does not start: {}", id_, strerror(-error));
  }
  {
    MutexLock lock(mutex_);
    if (state_ != State::kPrepared) {
      return Fail("camera '{}' was disconnected", id_);
    }
    state_ = State::kStreaming;
    SetCameraRuns(true);
    requests_->Open(controls, pacing_.is_throttled());
  }
  pacing_.Start();
  return {};
}

std::optional<AbandonedCamera> LibcameraSession::End(bool devices_gone) {
  StopDelivery();
  pacing_.Stop();
  {
    MutexLock calls_under_way(calls_);
  }
  // No driver gives back the buffers of a device that was removed, and libcamera (0.7.1) aborts
  // when it stops a camera that still has some, unless it knows of the removal. Only its handler of
  // USB cameras does.
  if (devices_gone && !AwaitDisconnected()) {
    return AbandonedCamera(std::move(device_), requests_);
  }
  // Both wait for libcamera's thread. Of a disconnected camera the first does nothing.
  device_->stop();
  device_->release();
  signals_->SetListener({});
  requests_->FreeRequests();
  device_.reset();
  MutexLock lock(mutex_);
  state_ = State::kEnded;
  return std::nullopt;
}

void LibcameraSession::OnRequestCompleted(libcamera::Request& request) {
  MutexLock call(calls_);
  if (!IsStreaming()) {
    return;
  }
  const auto slot = static_cast<int>(request.cookie());
  const libcamera::FrameBuffer& buffer = *request.buffers().begin()->second;
  // Errors, cancelled ones, and frames of the start-up that libcamera calls unfit to be shown.
  if (request.status() != libcamera::Request::RequestComplete ||
      buffer.metadata().status != libcamera::FrameMetadata::FrameSuccess) {
    DropFailed(slot);
    return;
  }
  failures_ = 0;
  FrameReport report = ReportOf(request, buffer);
  const bool is_wanted = pacing_.Accept(report.captured);
  if (pacing_.is_throttled()) {
    requests_->Throttle();
    report.camera_sequence.reset();
    report.frame_duration.reset();
  }
  if (!is_wanted) {
    requests_->Return(slot);
    return;
  }
  sink_.OnFrame(requests_->MakeFrame(slot, Number(report)));
}

void LibcameraSession::DropFailed(int slot) {
  {
    MutexLock lock(mutex_);
    counter_.CountLost();
  }
  if (++failures_ < kMostFailuresInARow) {
    requests_->Return(slot);
    return;
  }
  ReportLost(fmt::format("camera '{}' fails: {} requests in a row completed without a picture", id_,
                         kMostFailuresInARow));
}

void LibcameraSession::OnDevicesGone() {
  MutexLock call(calls_);
  ReportLost(fmt::format("the devices of camera '{}' are gone", id_));
}

void LibcameraSession::OnDisconnected() {
  MutexLock call(calls_);
  ReportLost(fmt::format("camera '{}' was disconnected", id_));
  MutexLock lock(mutex_);
  if (state_ != State::kEnded) {
    state_ = State::kDisconnected;
  }
  disconnected_.NotifyAll();
}

void LibcameraSession::ReportLost(const std::string& reason) {
  if (StopDelivery()) {
    sink_.OnCameraLost({reason});
  }
}

bool LibcameraSession::StopDelivery() {
  MutexLock lock(mutex_);
  if (state_ != State::kStreaming) {
    return false;
  }
  state_ = State::kQuiet;
  requests_->Close();
  SetCameraRuns(false);
  return true;
}

bool LibcameraSession::IsStreaming() const {
  MutexLock lock(mutex_);
  return state_ == State::kStreaming;
}

bool LibcameraSession::AwaitDisconnected() {
  MutexLock lock(mutex_);
  const auto is_disconnected = [this]() PISTREAM_REQUIRES(mutex_) {
    return state_ == State::kDisconnected;
  };
  return clock_.WaitUntil(mutex_, disconnected_, clock_.Now() + kDisconnectionTimeout, {},
                          is_disconnected);
}

FrameCounter::Numbered LibcameraSession::Number(const FrameReport& report) {
  MutexLock lock(mutex_);
  return counter_.Number(report);
}

void LibcameraSession::OnDeadline(int64_t missed) {
  const auto queued = requests_->QueueOne();
  // A camera that keeps a slower rate of its own loses nothing while it has buffers.
  const bool lost = queued == RequestQueue::Queued::kStarved ||
                    (queued == RequestQueue::Queued::kAllAtCamera && pacing_.is_free_running());
  MutexLock lock(mutex_);
  counter_.CountLost(missed + (lost ? 1 : 0));
}

}  // namespace pistream
