#include "src/media/frame.h"

#include <atomic>
#include <cstddef>

#include "src/base/mutex.h"

namespace pistream {

struct Frame::Record {
  std::atomic<int> owners = 0;
  int slot = 0;
  FrameInfo info;
  Planes planes;
  std::shared_ptr<FramePool> pool;  // while the frame is out
  Mutex mutex;
  int readers PISTREAM_GUARDED_BY(mutex) = 0;
};

Frame::Frame(const Frame& other) noexcept : record_(other.record_) {
  if (record_ != nullptr) {
    record_->owners.fetch_add(1, std::memory_order_relaxed);
  }
}

Frame::~Frame() {
  // Release and acquire: what any owner has read, it has read before the buffer is filled again.
  if (record_ != nullptr && record_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    FramePool::TakeBack(*record_);
  }
}

const FrameInfo& Frame::info() const { return record_->info; }

FramePool::FramePool(int slots)
    : records_(std::make_unique<Frame::Record[]>(static_cast<size_t>(slots))) {
  for (int slot = 0; slot < slots; ++slot) {
    records_[static_cast<size_t>(slot)].slot = slot;
  }
}

FramePool::~FramePool() = default;

Frame FramePool::Lend(int slot, const FrameInfo& info, const Planes& planes) {
  Frame::Record& record = records_[static_cast<size_t>(slot)];
  record.info = info;
  record.planes = planes;
  record.pool = shared_from_this();
  record.owners.store(1, std::memory_order_relaxed);
  return Frame(&record);
}

void FramePool::TakeBack(Frame::Record& record) noexcept {
  // The slot may be lent again within Release: nothing of the record is touched after it.
  const std::shared_ptr<FramePool> pool = std::move(record.pool);
  pool->Release(record.slot);
}

void FramePool::AddReader(Frame::Record& record) noexcept {
  MutexLock lock(record.mutex);
  if (record.readers++ == 0) {
    BeginRead(record.slot);
  }
}

void FramePool::RemoveReader(Frame::Record& record) noexcept {
  MutexLock lock(record.mutex);
  if (--record.readers == 0) {
    EndRead(record.slot);
  }
}

FrameView::FrameView(Frame frame) : frame_(std::move(frame)) {
  frame_.record_->pool->AddReader(*frame_.record_);
}

FrameView::~FrameView() {
  if (frame_) {
    frame_.record_->pool->RemoveReader(*frame_.record_);
  }
}

const Planes& FrameView::planes() const { return frame_.record_->planes; }

}  // namespace pistream
