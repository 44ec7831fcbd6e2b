#include "tests/unit/media/allocation_count.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<uint64_t> allocations = 0;
thread_local uint64_t thread_allocations = 0;

void Count() {
  allocations.fetch_add(1, std::memory_order_relaxed);
  ++thread_allocations;
}

void* Allocate(size_t size, size_t alignment = sizeof(void*)) noexcept {
  Count();
  void* memory = nullptr;
  return ::posix_memalign(&memory, alignment, size > 0 ? size : 1) == 0 ? memory : nullptr;
}

size_t Bytes(std::align_val_t alignment) {
  // Of less than a pointer's, posix_memalign makes nothing.
  return static_cast<size_t>(alignment) < sizeof(void*) ? sizeof(void*)
                                                        : static_cast<size_t>(alignment);
}

void* OrAbort(void* memory) {
  if (memory == nullptr) {
    std::abort();
  }
  return memory;
}

}  // namespace

// All 8 forms of new and all 12 of delete: [new.delete]. Those that are left out would be the
// standard library's, or a sanitizer's, and free what another has allocated.
// NOLINTBEGIN(cppcoreguidelines-no-malloc)
void* operator new(size_t size) { return OrAbort(Allocate(size)); }
void* operator new[](size_t size) { return OrAbort(Allocate(size)); }
void* operator new(size_t size, const std::nothrow_t& /*tag*/) noexcept { return Allocate(size); }
void* operator new[](size_t size, const std::nothrow_t& /*tag*/) noexcept { return Allocate(size); }
void* operator new(size_t size, std::align_val_t alignment) {
  return OrAbort(Allocate(size, Bytes(alignment)));
}
void* operator new[](size_t size, std::align_val_t alignment) {
  return OrAbort(Allocate(size, Bytes(alignment)));
}
void* operator new(size_t size, std::align_val_t alignment,
                   const std::nothrow_t& /*tag*/) noexcept {
  return Allocate(size, Bytes(alignment));
}
void* operator new[](size_t size, std::align_val_t alignment,
                     const std::nothrow_t& /*tag*/) noexcept {
  return Allocate(size, Bytes(alignment));
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t /*size*/) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t /*size*/) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t& /*tag*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t /*alignment*/) noexcept { std::free(memory); }
void operator delete(void* memory, size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t /*alignment*/,
                     const std::nothrow_t& /*tag*/) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::align_val_t /*alignment*/,
                       const std::nothrow_t& /*tag*/) noexcept {
  std::free(memory);
}
// NOLINTEND(cppcoreguidelines-no-malloc)

extern "C" void* aligned_alloc(size_t alignment, size_t size) noexcept {
  return Allocate(size, Bytes(std::align_val_t{alignment}));
}

namespace pistream {

uint64_t AllocationCount() { return allocations.load(std::memory_order_relaxed); }

uint64_t ThreadAllocationCount() { return thread_allocations; }

}  // namespace pistream
