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

LibcameraSession::LibcameraSession(LibcameraStream stream, FrameSink& sink, Clock& clock)
    : FramePool(kMostBuffers),
      stream_(std::move(stream)),
      sink_(sink),
      clock_(clock),
      requests_(std::move(requests)),
      device_(std::move(stream.device)),
      signals_(CameraSignals::Of(*device_)),
      frames_(std::move(frames)),
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
  auto frames = FrameMaker::Make(stream, *requests);
  if (!frames) {
    return tl::unexpected(std::move(frames.error()));
  }
  const auto& buffers = allocator_->buffers(stream_.stream);
  if (buffers.size() > kMostBuffers) {
    return Fail("camera '{}' has {} buffers, more than {}", stream_.device->id(), buffers.size(),
                kMostBuffers);
  }
  for (size_t slot = 0; slot < buffers.size(); ++slot) {
    const auto made = MakeSlot(*buffers[slot])
                          .map([&](Slot&& of_buffer) { slots_.push_back(std::move(of_buffer)); })
                          .and_then([&] { return MakeRequest(slot, buffers[slot].get()); });
    if (!made) {
      return made;
    }
  }
  return {};
}

Result<LibcameraSession::Slot> LibcameraSession::MakeSlot(
    const libcamera::FrameBuffer& buffer) const {
  std::vector<BufferPart> parts;
  for (const auto& plane : buffer.planes()) {
    parts.push_back({plane.fd.get(), plane.offset, plane.length});
  }
  if (static_cast<int>(parts.size()) != PlaneCount(stream_.layout)) {
    parts = JoinAdjacent(parts);
  }
  std::vector<size_t> lengths;
  lengths.reserve(parts.size());
  for (const BufferPart& part : parts) {
    lengths.push_back(part.length);
  }
  auto places = PlacePlanes(stream_.layout, stream_.size, stream_.stride, lengths);
  if (!places) {
    return tl::unexpected(std::move(places.error()));
  }
  return MappedBuffer::Map(parts).map([&](MappedBuffer&& memory) {
    Slot slot;
    for (size_t plane = 0; plane < places->size(); ++plane) {
      const PlanePlace& place = (*places)[plane];
      slot.planes[plane] = {memory.part(place.part) + place.offset, place.stride};
    }
    slot.memory = std::move(memory);
    return slot;
  });
}

Result<void> LibcameraSession::MakeRequest(size_t slot, libcamera::FrameBuffer* buffer) {
  auto request = stream_.device->createRequest(slot);
  if (!request || request->addBuffer(stream_.stream, buffer) < 0) {
    return Fail("camera '{}' takes no requests", stream_.device->id());
  }
  slots_[slot].request = std::move(request);
  return {};
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
  allocator_.reset();
}

void LibcameraSession::Release(int slot) noexcept {
  std::lock_guard lock(mutex_);
  Slot& released = slots_[static_cast<size_t>(slot)];
  BecomeFree(released);
  if (!released.request) {
    released.memory.reset();
  }
}

// A frame is out: its slot stays as it is.
void LibcameraSession::BeginRead(int slot) noexcept {
  slots_[static_cast<size_t>(slot)].memory->BeginCpuAccess();
}

void LibcameraSession::EndRead(int slot) noexcept {
  slots_[static_cast<size_t>(slot)].memory->EndCpuAccess();
}

void LibcameraSession::OnRequestCompleted(libcamera::Request* request) {
  std::lock_guard call(calls_);
  const auto slot = static_cast<int>(request->cookie());
  const libcamera::FrameBuffer& buffer = *request->buffers().begin()->second;
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
  Deliver(slot, report);
}

void LibcameraSession::Deliver(int slot, const FrameReport& report) {
  FrameInfo info{
      .size = stream_.size, .layout = stream_.layout, .color_space = stream_.color_space};
  Planes planes;
  {
    std::lock_guard lock(mutex_);
    Slot& delivered = slots_[static_cast<size_t>(slot)];
    delivered.state = State::kInFrame;
    planes = delivered.planes;
    const auto numbered = counter_.Number(report);
    info.sequence = numbered.sequence;
    info.captured = numbered.captured;
  }
  sink_.OnFrame(Lend(slot, info, planes));
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
