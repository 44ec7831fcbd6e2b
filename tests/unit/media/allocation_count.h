// How often memory was allocated: by operator new, in any of its forms, or aligned_alloc, which is
// what Asio allocates its handlers with.
#pragma once

#include <cstdint>

namespace pistream {

// Linking this replaces the complete set of operator new and delete, so that none of them meets
// memory of a sanitizer's own.

// By all threads, since the program began. Thread-safe.
uint64_t AllocationCount();

// By the calling thread.
uint64_t ThreadAllocationCount();

}  // namespace pistream
