#include "tests/unit/media/allocation_count.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <new>
#include <thread>
#include <vector>

namespace pistream {
namespace {

constexpr std::align_val_t kAlignment{64};

struct Form {
  const char* name;
  std::function<void*()> allocate;
  std::function<void(void*)> free;
};

// Each form of new with each form of delete that the language may pair it with.
std::vector<Form> Forms() {
  const auto& nothrow = std::nothrow;
  return {
      {"new", [] { return ::operator new(8); }, [](void* p) { ::operator delete(p); }},
      {"new, sized", [] { return ::operator new(8); }, [](void* p) { ::operator delete(p, 8); }},
      {"new[]", [] { return ::operator new[](8); }, [](void* p) { ::operator delete[](p); }},
      {"new[], sized", [] { return ::operator new[](8); },
       [](void* p) { ::operator delete[](p, 8); }},
      {"nothrow", [&] { return ::operator new(8, nothrow); },
       [&](void* p) { ::operator delete(p, nothrow); }},
      {"nothrow, plain delete", [&] { return ::operator new(8, nothrow); },
       [](void* p) { ::operator delete(p); }},
      {"nothrow[]", [&] { return ::operator new[](8, nothrow); },
       [&](void* p) { ::operator delete[](p, nothrow); }},
      {"aligned", [] { return ::operator new(8, kAlignment); },
       [](void* p) { ::operator delete(p, kAlignment); }},
      {"aligned, sized", [] { return ::operator new(8, kAlignment); },
       [](void* p) { ::operator delete(p, 8, kAlignment); }},
      {"aligned[]", [] { return ::operator new[](8, kAlignment); },
       [](void* p) { ::operator delete[](p, kAlignment); }},
      {"aligned[], sized", [] { return ::operator new[](8, kAlignment); },
       [](void* p) { ::operator delete[](p, 8, kAlignment); }},
      {"aligned nothrow", [&] { return ::operator new(8, kAlignment, nothrow); },
       [&](void* p) { ::operator delete(p, kAlignment, nothrow); }},
      {"aligned nothrow[]", [&] { return ::operator new[](8, kAlignment, nothrow); },
       [&](void* p) { ::operator delete[](p, kAlignment, nothrow); }},
      {"aligned_alloc", [] { return ::aligned_alloc(64, 64); }, [](void* p) { ::free(p); }},
  };
}

TEST(AllocationCountTest, EachForm_IsCountedOnceAndFreed) {
  for (const Form& form : Forms()) {
    SCOPED_TRACE(form.name);
    const uint64_t before = AllocationCount();
    void* const memory = form.allocate();
    EXPECT_EQ(AllocationCount(), before + 1);
    ASSERT_NE(memory, nullptr);
    form.free(memory);
    EXPECT_EQ(AllocationCount(), before + 1);
  }
}

TEST(AllocationCountTest, Aligned_IsAligned) {
  for (const size_t alignment : {1U, 16U, 64U, 4096U}) {
    void* const memory = ::operator new(8, std::align_val_t{alignment});
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % alignment, 0U) << alignment;
    ::operator delete(memory, std::align_val_t{alignment});
  }
}

TEST(AllocationCountTest, ThreadAllocationCount_AnotherThreadAllocates_IsTheSame) {
  uint64_t others = 0;
  const uint64_t own = ThreadAllocationCount();
  std::thread thread([&] {
    ::operator delete(::operator new(8));
    others = ThreadAllocationCount();
  });
  const uint64_t started = ThreadAllocationCount();  // to start a thread allocates
  thread.join();
  EXPECT_GT(started, own);
  EXPECT_EQ(ThreadAllocationCount(), started);
  EXPECT_EQ(others, 1U);
}

}  // namespace
}  // namespace pistream
