#include "src/convert/i420_pool.h"

#include <memory>
#include <set>

#include "gtest/gtest.h"

namespace pistream {
namespace {

constexpr Size kSize{162, 122};

TEST(I420Pool, AllTaken_NothingUntilOneIsReleased) {
  I420Pool pool(kSize, 2);
  const auto first = pool.Take();
  const auto second = pool.Take();
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
  EXPECT_EQ(pool.Take(), std::nullopt);
  pool.Release(*second);
  EXPECT_EQ(pool.Take(), second);
}

TEST(I420Pool, Planes_DoNotOverlap) {
  I420Pool pool(kSize, 2);
  uint8_t value = 0;
  for (int slot = 0; slot < 2; ++slot) {
    const auto planes = pool.Writable(slot);
    for (size_t plane = 0; plane < 3; ++plane) {
      const int rows = plane == 0 ? kSize.height : kSize.height / 2;
      std::fill_n(planes[plane].data, planes[plane].stride * rows, ++value);
    }
  }
  value = 0;
  for (int slot = 0; slot < 2; ++slot) {
    const auto planes = pool.Readable(slot);
    for (size_t plane = 0; plane < 3; ++plane) {
      const int rows = plane == 0 ? kSize.height : kSize.height / 2;
      const std::set<uint8_t> values(planes[plane].data,
                                     planes[plane].data + planes[plane].stride * rows);
      EXPECT_EQ(values, std::set<uint8_t>{++value}) << "slot " << slot << " plane " << plane;
    }
  }
}

TEST(I420Pool, FrameDies_PictureIsFreeAgain) {
  const auto pool = std::make_shared<I420Pool>(kSize, 1);
  {
    const Frame frame({.size = kSize, .planes = pool->Readable(0), .sequence = 0, .captured = {}},
                      pool, pool->Take().value());
    EXPECT_EQ(pool->Take(), std::nullopt);
  }
  EXPECT_TRUE(pool->Take());
}

}  // namespace
}  // namespace pistream
