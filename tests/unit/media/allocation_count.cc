#include "tests/unit/media/allocation_count.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<uint64_t> allocations = 0;

}  // namespace

// The other forms of new and delete, but for over-aligned types, call these.
void* operator new(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* const memory = std::malloc(size > 0 ? size : 1);
  if (memory == nullptr) {
    std::abort();
  }
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t /*size*/) noexcept { std::free(memory); }

namespace pistream {

uint64_t AllocationCount() { return allocations.load(std::memory_order_relaxed); }

}  // namespace pistream
