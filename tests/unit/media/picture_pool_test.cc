#include "src/media/picture_pool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "tests/unit/media/allocation_count.h"

namespace pistream {
namespace {

TEST(PicturePoolTest, Make_FirstPicture_IsEmpty) {
  PicturePool pool;
  const auto picture = pool.Make();
  ASSERT_NE(picture, nullptr);
  EXPECT_TRUE(picture->bytes.empty());
}

TEST(PicturePoolTest, Make_AfterOneDied_UsesItsMemoryAgain) {
  PicturePool pool;
  const uint8_t* memory = nullptr;
  {
    const auto picture = pool.Make();
    picture->bytes.resize(10'000);
    memory = picture->bytes.data();
  }
  const auto next = pool.Make();
  EXPECT_TRUE(next->bytes.empty());
  EXPECT_GE(next->bytes.capacity(), 10'000U);
  next->bytes.resize(10'000);
  EXPECT_EQ(next->bytes.data(), memory);
}

TEST(PicturePoolTest, Make_AfterOneDied_KeepsNothingOfItsLife) {
  PicturePool pool;
  {
    const auto picture = pool.Make();
    picture->type = PictureType::kPredicted;
    picture->size = {640, 480};
    picture->sequence = 7;
    picture->encoded = SteadyTime(std::chrono::seconds(1));
  }
  const auto next = pool.Make();
  EXPECT_EQ(next->type, PictureType::kIntra);
  EXPECT_EQ(next->size, Size());
  EXPECT_EQ(next->sequence, 0U);
  EXPECT_EQ(next->encoded, SteadyTime());
}

TEST(PicturePoolTest, Make_WhileOthersLive_GivesAnother) {
  PicturePool pool;
  const auto first = pool.Make();
  const auto second = pool.Make();
  EXPECT_NE(first, second);
}

TEST(PicturePoolTest, Picture_OutlivesThePool_StaysValid) {
  std::optional<PicturePool> pool(std::in_place);
  const auto picture = pool->Make();
  picture->bytes.assign(1000, 42);
  pool.reset();
  EXPECT_EQ(picture->bytes[999], 42);
}

TEST(PicturePoolTest, Make_SteadyState_AllocatesNothing) {
  constexpr int kAlive = 30;  // about a second's pictures are out at any time
  PicturePool pool;
  std::vector<PicturePtr> alive(kAlive);
  const auto make = [&](size_t i) {
    auto picture = pool.Make();
    picture->bytes.resize(5'000);
    alive[i % kAlive] = std::move(picture);
  };
  for (size_t i = 0; i < 3 * kAlive; ++i) {
    make(i);
  }
  const uint64_t before = AllocationCount();
  for (size_t i = 0; i < 100 * kAlive; ++i) {
    make(i);
  }
  EXPECT_EQ(AllocationCount(), before);
}

TEST(PicturePoolTest, AllocationCount_SomethingAllocated_Rises) {
  const uint64_t before = AllocationCount();
  const auto picture = std::make_shared<Picture>();
  EXPECT_GT(AllocationCount(), before);
}

TEST(PicturePoolTest, Pictures_DieInOtherThreads_ComeBack) {
  PicturePool pool;
  for (int round = 0; round < 100; ++round) {
    PicturePtr picture = pool.Make();
    std::thread one([copy = picture] {});
    std::thread other([copy = std::move(picture)] {});
    const auto next = pool.Make();
    next->bytes.resize(100);
    one.join();
    other.join();
  }
  const uint64_t before = AllocationCount();
  {
    const auto picture = pool.Make();
  }
  EXPECT_EQ(AllocationCount(), before);
}

}  // namespace
}  // namespace pistream
