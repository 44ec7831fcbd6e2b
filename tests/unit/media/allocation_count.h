// How often operator new was called.
#pragma once

#include <cstdint>

namespace pistream {

// By any thread, since the program began. Linking this replaces operator new and delete.
uint64_t AllocationCount();

}  // namespace pistream
