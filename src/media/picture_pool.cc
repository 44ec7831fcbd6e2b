#include "src/media/picture_pool.h"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace pistream {

// The free pictures, and the free control blocks of the shared_ptrs around them.
class PicturePool::Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  ~Store() {
    for (const Block& block : blocks_) {
      ::operator delete(block.memory);
    }
  }

  std::unique_ptr<Picture> Take() {
    std::lock_guard lock(mutex_);
    if (pictures_.empty()) {
      return std::make_unique<Picture>();
    }
    auto picture = std::move(pictures_.back());
    pictures_.pop_back();
    return picture;
  }

  void GiveBack(std::unique_ptr<Picture> picture) {
    std::vector<uint8_t> bytes = std::move(picture->bytes);
    bytes.clear();  // keeps its capacity
    *picture = Picture();
    picture->bytes = std::move(bytes);
    std::lock_guard lock(mutex_);
    pictures_.push_back(std::move(picture));
  }

  void* TakeBlock(size_t bytes) {
    std::lock_guard lock(mutex_);
    if (!blocks_.empty() && blocks_.back().bytes == bytes) {
      void* const memory = blocks_.back().memory;
      blocks_.pop_back();
      return memory;
    }
    return ::operator new(bytes);
  }

  void GiveBackBlock(void* memory, size_t bytes) {
    std::lock_guard lock(mutex_);
    blocks_.push_back({memory, bytes});
  }

 private:
  struct Block {
    void* memory;
    size_t bytes;
  };

  std::mutex mutex_;
  std::vector<std::unique_ptr<Picture>> pictures_;
  std::vector<Block> blocks_;
};

namespace {

template <typename T, typename Store>
struct BlockAllocator {
  using value_type = T;

  explicit BlockAllocator(std::shared_ptr<Store> blocks) : store(std::move(blocks)) {}
  template <typename U>
  BlockAllocator(const BlockAllocator<U, Store>& other)  // NOLINT(google-explicit-constructor)
      : store(other.store) {}

  T* allocate(size_t count) { return static_cast<T*>(store->TakeBlock(count * sizeof(T))); }
  void deallocate(T* memory, size_t count) { store->GiveBackBlock(memory, count * sizeof(T)); }
  template <typename U>
  bool operator==(const BlockAllocator<U, Store>& other) const {
    return store == other.store;
  }

  std::shared_ptr<Store> store;
};

}  // namespace

PicturePool::PicturePool() : store_(std::make_shared<Store>()) {}

std::shared_ptr<Picture> PicturePool::Make() {
  auto give_back = [store = store_](Picture* picture) {
    store->GiveBack(std::unique_ptr<Picture>(picture));
  };
  return {store_->Take().release(), std::move(give_back), BlockAllocator<Picture, Store>(store_)};
}

}  // namespace pistream
