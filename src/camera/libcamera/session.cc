#include "src/camera/libcamera/session.h"

#include <libcamera/camera.h>
#include <libcamera/control_ids.h>
#include <libcamera/framebuffer.h>
#include <libcamera/framebuffer_allocator.h>
#include <libcamera/request.h>
#include <libcamera/stream.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "src/base/log.h"
#include "src/base/thread_name.h"
#include "src/camera/libcamera/clock.h"
#include "src/camera/libcamera/format.h"
#include "src/camera/libcamera/log.h"

namespace pistream {
namespace {

// A camera starts with a few frames marked as not to be used; one that never gives another is
// broken.
constexpr int kFailuresThatProve = 60;

// libcamera is told by udevd, which may be busy.
constexpr Duration kUntilDisconnected = std::chrono::milliseconds(200);

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
      failures_log_(clock),
      pacer_(stream_.frame_time, stream_.hold) {}

LibcameraSession::~LibcameraSession() = default;

Result<std::shared_ptr<LibcameraSession>> LibcameraSession::Make(LibcameraStream stream,
                                                                 FrameSink& sink, Clock& clock) {
  std::shared_ptr<LibcameraSession> session(new LibcameraSession(std::move(stream), sink, clock));
  if (auto prepared = session->Prepare(); !prepared) {
    return tl::unexpected(std::move(prepared.error()));
  }
  return session;
}

Result<void> LibcameraSession::Prepare() {
  allocator_ = std::make_unique<libcamera::FrameBufferAllocator>(stream_.device);
  if (const int error = allocator_->allocate(stream_.stream); error < 0) {
    return Fail("camera '{}' gives no buffers: {}", stream_.device->id(), strerror(-error));
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
  stream_.device->requestCompleted.connect(this, &LibcameraSession::OnRequestCompleted);
  stream_.device->disconnected.connect(this, &LibcameraSession::OnDisconnected);
  if (const int error = stream_.device->start(&controls); error < 0) {
    return Fail("camera '{}' does not start: {}", stream_.device->id(), strerror(-error));
  }
  SetCameraRuns(true);
  {
    std::lock_guard lock(mutex_);
    running_ = true;
    // Some cameras (vimc) take controls only with a request.
    first_controls_ = std::make_unique<libcamera::ControlList>(controls);
    for (Slot& slot : slots_) {
      BecomeFree(slot);
    }
  }
  pace_ = std::jthread([this](std::stop_token stop) { Pace(std::move(stop)); });
  return {};
}

bool LibcameraSession::End(bool devices_gone) {
  {
    std::lock_guard lock(mutex_);
    Cease();
  }
  pace_ = std::jthread();
  {
    std::lock_guard calls_under_way(calls_);
  }
  // No driver takes back the buffers of a device that has gone, and libcamera (0.7.1) ends the
  // process when it stops a camera that still has some; not so once it knows of a disconnection,
  // but only its handler of USB cameras learns of those.
  if (devices_gone && !AwaitDisconnected()) {
    return false;
  }
  // Both wait for libcamera's thread; a camera that was disconnected takes only the second.
  stream_.device->stop();
  stream_.device->release();
  stream_.device->requestCompleted.disconnect(this);
  stream_.device->disconnected.disconnect(this);
  FreeRequests();
  // Frames that are still out keep this session, and no camera may outlive libcamera's manager.
  stream_.device.reset();
  return true;
}

bool LibcameraSession::AwaitDisconnected() {
  std::unique_lock lock(mutex_);
  return disconnection_.wait_for(lock, kUntilDisconnected, [this] { return disconnected_; });
}

void LibcameraSession::Abandon() {
  FreeRequests();
  // One that runs has threads of its own, and a destructor that does not end them.
  static auto* const kAbandoned = new std::vector<std::shared_ptr<libcamera::Camera>>;
  kAbandoned->push_back(std::move(stream_.device));
}

void LibcameraSession::FreeRequests() {
  std::lock_guard lock(mutex_);
  for (Slot& slot : slots_) {
    slot.request.reset();
    if (slot.state != State::kInFrame) {
      slot.memory.reset();
    }
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
  if (request->status() != libcamera::Request::RequestComplete ||
      buffer.metadata().status != libcamera::FrameMetadata::FrameSuccess) {
    DropFailed(slot);
    return;
  }
  FrameReport report = ReportOf(*request, buffer);
  {
    std::lock_guard lock(mutex_);
    if (!running_) {
      return;
    }
    failures_ = 0;
    if (!pacer_.Accept(report.captured)) {
      BecomeFree(slots_[static_cast<size_t>(slot)]);
      holding_.notify_all();
      return;
    }
    if (pacer_.holding()) {
      report.camera_sequence.reset();
      report.frame_duration.reset();
    }
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
    std::lock_guard lock(mutex_);
    if (!running_) {
      return;
    }
    counter_.CountLost();
    if (++failures_ < kFailuresThatProve) {
      BecomeFree(slots_[static_cast<size_t>(slot)]);
      return;
    }
  }
  ReportLost({fmt::format("camera '{}' fails: {} requests in a row came back without a picture",
                          stream_.device->id(), kFailuresThatProve)});
}

void LibcameraSession::OnDevicesGone() {
  std::lock_guard call(calls_);
  ReportLost({fmt::format("the devices of camera '{}' are gone", stream_.device->id())});
}

void LibcameraSession::OnDisconnected() {
  std::lock_guard call(calls_);
  {
    std::lock_guard lock(mutex_);
    disconnected_ = true;
  }
  disconnection_.notify_all();
  ReportLost({fmt::format("camera '{}' was disconnected", stream_.device->id())});
}

void LibcameraSession::ReportLost(Error error) {
  {
    std::lock_guard lock(mutex_);
    if (!Cease()) {
      return;
    }
  }
  sink_.OnCameraLost(error);
}

void LibcameraSession::Pace(std::stop_token stop) {
  SetThreadName("camera-pacer");
  std::unique_lock lock(mutex_);
  while (holding_.wait(lock, stop, [this] { return pacer_.holding(); })) {
    const SteadyTime deadline = pacer_.NextDeadline();
    lock.unlock();
    const bool reached = clock_.SleepUntil(deadline, stop);
    lock.lock();
    if (!reached || !running_) {
      return;
    }
    counter_.CountLost(pacer_.Pass(clock_.Now()));
    QueueOneFree();
  }
}

bool LibcameraSession::Cease() {
  const bool ran = std::exchange(running_, false);
  if (ran) {
    SetCameraRuns(false);
  }
  return ran;
}

void LibcameraSession::BecomeFree(Slot& slot) {
  slot.state = State::kFree;
  if (running_ && !pacer_.holding()) {
    Queue(slot);
  }
}

void LibcameraSession::Queue(Slot& slot) {
  slot.request->reuse(libcamera::Request::ReuseBuffers);
  slot.state = State::kAtCamera;
  if (first_controls_) {
    slot.request->controls().merge(*first_controls_);
    first_controls_.reset();
  }
  const int error = stream_.device->queueRequest(slot.request.get());
  if (error == 0) {
    return;
  }
  slot.state = State::kFree;
  if (const auto times = failures_log_.Pass()) {
    log::Warning("camera '{}' refuses requests ({} times): {}", stream_.device->id(), *times,
                 strerror(-error));
  }
}

void LibcameraSession::QueueOneFree() {
  const auto free = std::ranges::find(slots_, State::kFree, &Slot::state);
  if (free != slots_.end()) {
    Queue(*free);
    return;
  }
  // A camera that keeps a slower time of its own loses nothing while it has buffers.
  const bool starved = std::ranges::find(slots_, State::kAtCamera, &Slot::state) == slots_.end();
  if (starved || pacer_.is_unpaced()) {
    counter_.CountLost();
  }
}

}  // namespace pistream
