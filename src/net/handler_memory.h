// Reusable memory for one handler at a time, so that waking a network thread from another one
// allocates nothing. (Asio's own cache serves only threads that run an io_context.)
#pragma once

#include <array>
#include <cstddef>
#include <new>

namespace pistream {

// Not thread-safe: the user must make sure that the previous handler has run.
class HandlerMemory {
 public:
  void* Allocate(size_t bytes) {
    if (is_used_ || bytes > storage_.size()) {
      return ::operator new(bytes);
    }
    is_used_ = true;
    return storage_.data();
  }

  void Free(void* pointer) {
    if (pointer == storage_.data()) {
      is_used_ = false;
    } else {
      ::operator delete(pointer);
    }
  }

 private:
  alignas(std::max_align_t) std::array<std::byte, 256> storage_{};
  bool is_used_ = false;
};

// A standard allocator on this memory, for boost::asio::bind_allocator.
template <typename T>
class HandlerAllocator {
 public:
  using value_type = T;

  explicit HandlerAllocator(HandlerMemory& memory) : memory_(&memory) {}
  template <typename U>                               // implicit, as the standard wants it
  HandlerAllocator(const HandlerAllocator<U>& other)  // NOLINT(google-explicit-constructor)
      : memory_(other.memory()) {}

  T* allocate(size_t count) { return static_cast<T*>(memory_->Allocate(count * sizeof(T))); }
  void deallocate(T* pointer, size_t) { memory_->Free(pointer); }

  HandlerMemory* memory() const { return memory_; }
  template <typename U>
  bool operator==(const HandlerAllocator<U>& other) const {
    return memory_ == other.memory();
  }

 private:
  HandlerMemory* memory_;
};

}  // namespace pistream
