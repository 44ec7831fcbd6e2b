// In the steady state nothing is allocated: not by the encoder's thread that hands a picture over,
// not by the network thread that sends it to each viewer.

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "tests/integration/server/server_test_base.h"
#include "tests/unit/media/allocation_count.h"

namespace pistream {
namespace {

class AllocationTest : public ServerTestBase {
 protected:
  // Publishes pictures that were made beforehand and waits until all viewers have them. Returns how
  // often that allocated, on this thread in the encoder's place and on any of the server's; what
  // the viewers allocate on this thread is theirs.
  uint64_t PublishAll(const std::vector<PicturePtr>& pictures) {
    const uint64_t before = OfOtherThreads();
    uint64_t publishing = 0;
    for (const auto& picture : pictures) {
      const uint64_t before_publishing = ThreadAllocationCount();
      track().Publish(picture);
      publishing += ThreadAllocationCount() - before_publishing;
      for (auto& viewer : viewers_) {
        viewer.ReadBinary();
      }
    }
    return publishing + OfOtherThreads() - before;
  }

  static uint64_t OfOtherThreads() { return AllocationCount() - ThreadAllocationCount(); }

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
  StartServer();
  for (int i = 0; i < 20; ++i) {
    viewers_.push_back(JoinedViewer(i % 2 == 0 ? "" : "Sec-WebSocket-Protocol: pistream.v1\r\n"));
  }
  for (int i = 0; i < 10; ++i) {
    viewers_.push_back(JoinedHttpViewer());
  }
  const auto pictures = MakePictures(240, 4000);
  PublishAll(MakePictures(48, 4000));  // until every container has its size
  EXPECT_EQ(PublishAll(pictures), 0U);
}

}  // namespace
}  // namespace pistream
