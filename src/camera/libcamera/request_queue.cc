#include "src/camera/libcamera/request_queue.h"

#include <libcamera/camera.h>
#include <libcamera/framebuffer.h>
#include <libcamera/framebuffer_allocator.h>
#include <libcamera/request.h>
#include <libcamera/stream.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "src/base/log.h"
#include "src/camera/libcamera/format.h"

namespace pistream {
namespace {

std::vector<BufferPart> PartsOf(const libcamera::FrameBuffer& buffer, PixelLayout layout) {
  std::vector<BufferPart> parts;
  for (const auto& plane : buffer.planes()) {
    parts.push_back({plane.fd.get(), plane.offset, plane.length});
  }
  return static_cast<int>(parts.size()) == PlaneCount(layout) ? parts : JoinAdjacent(parts);
}

std::vector<size_t> LengthsOf(const std::vector<BufferPart>& parts) {
  std::vector<size_t> lengths;
  lengths.reserve(parts.size());
  for (const BufferPart& part : parts) {
    lengths.push_back(part.length);
  }
  return lengths;
}

}  // namespace

RequestQueue::RequestQueue(LibcameraStream stream, Clock& clock)
    : FramePool(kMostBuffers), stream_(std::move(stream)), failures_log_(clock) {}

RequestQueue::~RequestQueue() = default;

Result<std::shared_ptr<RequestQueue>> RequestQueue::Make(const LibcameraStream& stream,
                                                         Clock& clock) {
  std::shared_ptr<RequestQueue> queue(new RequestQueue(stream, clock));
  if (auto prepared = queue->Prepare(); !prepared) {
    return tl::unexpected(std::move(prepared.error()));
  }
  return queue;
}

Result<void> RequestQueue::Prepare() {
  allocator_ = std::make_unique<libcamera::FrameBufferAllocator>(stream_.device);
  if (const int error = allocator_->allocate(stream_.stream); error < 0) {
    return Fail("camera '{}' cannot allocate buffers: {}", stream_.device->id(), strerror(-error));
  }
  const auto& buffers = allocator_->buffers(stream_.stream);
  if (buffers.size() > kMostBuffers) {
    return Fail("camera '{}' has {} buffers, more than {}", stream_.device->id(), buffers.size(),
                kMostBuffers);
  }
  for (const auto& buffer : buffers) {
    auto slot = MakeSlot(*buffer, slots_.size());
    if (!slot) {
      return tl::unexpected(std::move(slot.error()));
    }
    slots_.push_back(*std::move(slot));
  }
  return {};
}

Result<RequestQueue::Slot> RequestQueue::MakeSlot(libcamera::FrameBuffer& buffer,
                                                  uint64_t cookie) const {
  const std::vector<BufferPart> parts = PartsOf(buffer, stream_.layout);
  const auto places = PlacePlanes(stream_.layout, stream_.size, stream_.stride, LengthsOf(parts));
  if (!places) {
    return tl::unexpected(places.error());
  }
  auto memory = MappedBuffer::Map(parts);
  if (!memory) {
    return tl::unexpected(std::move(memory.error()));
  }
  Slot slot;
  for (size_t plane = 0; plane < places->size(); ++plane) {
    const PlanePlace& place = (*places)[plane];
    slot.planes[plane] = {memory->part(place.part) + place.offset, place.stride};
  }
  slot.memory = *std::move(memory);
  slot.request = stream_.device->createRequest(cookie);
  if (!slot.request || slot.request->addBuffer(stream_.stream, &buffer) < 0) {
    return Fail("camera '{}' cannot create requests", stream_.device->id());
  }
  return slot;
}

void RequestQueue::Open(const libcamera::ControlList& controls, bool throttled) {
  MutexLock lock(mutex_);
  first_controls_ = std::make_unique<libcamera::ControlList>(controls);
  mode_ = throttled ? Mode::kThrottled : Mode::kQueuesAtOnce;
  for (Slot& slot : slots_) {
    ReturnSlot(slot);
  }
}

void RequestQueue::Throttle() {
  MutexLock lock(mutex_);
  if (mode_ == Mode::kQueuesAtOnce) {
    mode_ = Mode::kThrottled;
  }
}

RequestQueue::Queued RequestQueue::QueueOne() {
  MutexLock lock(mutex_);
  const auto free = std::ranges::find(slots_, Holder::kNobody, &Slot::holder);
  if (free != slots_.end()) {
    if (mode_ != Mode::kClosed) {
      Queue(*free);
    }
    return Queued::kYes;
  }
  const bool starved = std::ranges::find(slots_, Holder::kCamera, &Slot::holder) == slots_.end();
  return starved ? Queued::kStarved : Queued::kAllAtCamera;
}

void RequestQueue::Close() {
  MutexLock lock(mutex_);
  mode_ = Mode::kClosed;
}

void RequestQueue::FreeRequests() {
  MutexLock lock(mutex_);
  for (Slot& slot : slots_) {
    slot.request.reset();
    if (slot.holder != Holder::kFrame) {
      slot.memory.reset();
    }
  }
  allocator_.reset();
  // Frames that are still out keep this queue, and no camera may outlive libcamera's manager.
  stream_.device.reset();
}

Frame RequestQueue::MakeFrame(int slot, const FrameCounter::Numbered& numbered) {
  const FrameInfo info{.size = stream_.size,
                       .layout = stream_.layout,
                       .color_space = stream_.color_space,
                       .sequence = numbered.sequence,
                       .captured = numbered.captured};
  Slot& lent = slots_[static_cast<size_t>(slot)];
  {
    MutexLock lock(mutex_);
    lent.holder = Holder::kFrame;
  }
  return Lend(slot, info, lent.planes);
}

void RequestQueue::BeginRead(int slot) noexcept {
  slots_[static_cast<size_t>(slot)].memory->BeginCpuAccess();
}

void RequestQueue::EndRead(int slot) noexcept {
  slots_[static_cast<size_t>(slot)].memory->EndCpuAccess();
}

void RequestQueue::Return(int slot) {
  MutexLock lock(mutex_);
  ReturnSlot(slots_[static_cast<size_t>(slot)]);
}

void RequestQueue::Release(int slot) noexcept {
  MutexLock lock(mutex_);
  Slot& released = slots_[static_cast<size_t>(slot)];
  ReturnSlot(released);
  if (!released.request) {
    released.memory.reset();
  }
}

void RequestQueue::ReturnSlot(Slot& slot) {
  slot.holder = Holder::kNobody;
  if (mode_ == Mode::kQueuesAtOnce) {
    Queue(slot);
  }
}

void RequestQueue::Queue(Slot& slot) {
  slot.request->reuse(libcamera::Request::ReuseBuffers);
  slot.holder = Holder::kCamera;
  if (first_controls_) {
    slot.request->controls().merge(*first_controls_);
    first_controls_.reset();
  }
  const int error = stream_.device->queueRequest(slot.request.get());
  if (error == 0) {
    return;
  }
  slot.holder = Holder::kNobody;
  if (const auto times = failures_log_.Pass()) {
    log::Warning("camera '{}' rejects requests ({} times): {}", stream_.device->id(), *times,
                 strerror(-error));
  }
}

}  // namespace pistream
