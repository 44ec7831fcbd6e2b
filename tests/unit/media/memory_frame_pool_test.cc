#include "src/media/memory_frame_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <set>

#include "tests/unit/media/allocation_count.h"

namespace pistream {
namespace {

constexpr Size kSize{162, 122};

int Rows(size_t plane) { return plane == 0 ? kSize.height : kSize.height / 2; }

TEST(MemoryFramePool, AllTaken_NothingUntilOneIsReleased) {
  MemoryFramePool pool(kSize, 2);
  const auto first = pool.Acquire();
  const auto second = pool.Acquire();
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
  EXPECT_EQ(pool.Acquire(), std::nullopt);
  pool.Release(*second);
  EXPECT_EQ(pool.Acquire(), second);
}

TEST(MemoryFramePool, AsManySlotsAsAskedFor) {
  for (const int slots : {1, 4, 31, 32}) {
    MemoryFramePool pool({16, 16}, slots);
    std::set<int> taken;
    while (const auto slot = pool.Acquire()) {
      taken.insert(*slot);
    }
    EXPECT_EQ(static_cast<int>(taken.size()), slots);
  }
}

TEST(MemoryFramePool, Planes_AlignedAndDoNotOverlap) {
  const auto pool = std::make_shared<MemoryFramePool>(kSize, 2);
  uint8_t value = 0;
  for (int slot = 0; slot < 2; ++slot) {
    ASSERT_EQ(pool->Acquire(), slot);
    const MutablePlanes planes = pool->planes(slot);
    for (size_t plane = 0; plane < 3; ++plane) {
      EXPECT_EQ(reinterpret_cast<uintptr_t>(planes[plane].data) % I420Buffer::kAlignment, 0U);
      EXPECT_EQ(planes[plane].stride % I420Buffer::kAlignment, 0);
      EXPECT_GE(planes[plane].stride, plane == 0 ? kSize.width : kSize.width / 2);
      std::fill_n(planes[plane].data, planes[plane].stride * Rows(plane), ++value);
    }
  }
  value = 0;
  for (int slot = 0; slot < 2; ++slot) {
    const FrameView view(pool->Lend(slot, 0, {}));
    for (size_t plane = 0; plane < 3; ++plane) {
      const Plane& read = view.planes()[plane];
      const std::set<uint8_t> values(read.data, read.data + read.stride * Rows(plane));
      EXPECT_EQ(values, std::set<uint8_t>{++value}) << "slot " << slot << " plane " << plane;
    }
  }
}

TEST(MemoryFramePool, Lent_IsAnI420FrameWhoseBufferComesBack) {
  const auto pool = std::make_shared<MemoryFramePool>(kSize, 1);
  const SteadyTime captured(std::chrono::seconds(5));
  {
    const Frame frame = pool->Lend(pool->Acquire().value(), 7, captured);
    EXPECT_EQ(frame.size(), kSize);
    EXPECT_EQ(frame.info().layout, PixelLayout::kI420);
    EXPECT_EQ(frame.info().color_space, ColorSpace());
    EXPECT_EQ(frame.sequence(), 7U);
    EXPECT_EQ(frame.captured(), captured);
    EXPECT_EQ(pool->Acquire(), std::nullopt);
  }
  EXPECT_TRUE(pool->Acquire());
}

TEST(MemoryFramePool, FrameAfterFrame_AllocatesNothing) {
  const auto pool = std::make_shared<MemoryFramePool>(kSize, 2);
  const uint64_t before = AllocationCount();
  for (uint64_t sequence = 0; sequence < 10; ++sequence) {
    const Frame frame = pool->Lend(pool->Acquire().value(), sequence, {});
  }
  EXPECT_EQ(AllocationCount(), before);
}

}  // namespace
}  // namespace pistream
