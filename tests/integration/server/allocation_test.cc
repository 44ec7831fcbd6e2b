// In the steady state nothing is allocated: not by the encoder's thread that hands a picture over,
// not by the network thread that sends it to each viewer.

#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

#include "gtest/gtest.h"
#include "tests/integration/server/server_test_base.h"

namespace {

// Counted while a thread's own switch, or the one for all other threads, is on.
std::atomic<bool> counts_other_threads = false;
std::atomic<int> allocations = 0;
thread_local bool is_test_thread = false;
thread_local bool counts_this_thread = false;

void Count() {
  if (is_test_thread ? counts_this_thread : counts_other_threads.load()) {
    ++allocations;
  }
}

void* Allocate(size_t size) {
  Count();
  void* const memory = std::malloc(size);
  if (memory == nullptr) {
    std::abort();
  }
  return memory;
}

}  // namespace

void* operator new(size_t size) { return Allocate(size); }
void* operator new[](size_t size) { return Allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }

// What Asio allocates its handlers with.
extern "C" void* aligned_alloc(size_t alignment, size_t size) noexcept {
  Count();
  void* memory = nullptr;
  return ::posix_memalign(&memory, alignment, size) == 0 ? memory : nullptr;
}

namespace pistream {
namespace {

class AllocationTest : public ServerTestBase {
 protected:
  // Publishes pictures that were made beforehand and waits until all viewers have them.
  void PublishAll(const std::vector<PicturePtr>& pictures) {
    for (const auto& picture : pictures) {
      counts_this_thread = counts_other_threads;
      broadcaster_.Publish(picture);
      counts_this_thread = false;
      for (auto& viewer : viewers_) {
        viewer.ReadBinary();
      }
    }
  }

  static std::vector<PicturePtr> MakePictures(int count, size_t bytes) {
    std::vector<PicturePtr> pictures;
    for (int i = 0; i < count; ++i) {
      auto picture = std::make_shared<Picture>();
      picture->bytes.resize(bytes);
      picture->type = i % 12 == 0 ? PictureType::kIntra : PictureType::kPredicted;
      picture->size = kSize;
      pictures.push_back(picture);
    }
    return pictures;
  }

  std::vector<TestClient> viewers_;
};

TEST_F(AllocationTest, SteadyState_NothingIsAllocated) {
  is_test_thread = true;
  StartServer();
  for (int i = 0; i < 20; ++i) {
    viewers_.push_back(JoinedViewer(i % 2 == 0 ? "" : "Sec-WebSocket-Protocol: pistream.v1\r\n"));
  }
  const auto pictures = MakePictures(240, 4000);
  PublishAll(MakePictures(48, 4000));  // until every container has its size
  counts_other_threads = true;
  PublishAll(pictures);
  counts_other_threads = false;
  EXPECT_EQ(allocations, 0);
}

}  // namespace
}  // namespace pistream
