// On memfds: they map like dma-bufs, but know nothing of synchronisation.

#include "src/camera/libcamera/buffers.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pistream {
namespace {

using testing::HasSubstr;

class Memory {
 public:
  explicit Memory(const std::string& text) : fd_(memfd_create("test", MFD_CLOEXEC)) {
    EXPECT_EQ(write(fd_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { Close(); }
  void Close() {
    if (fd_ >= 0) {
      close(std::exchange(fd_, -1));
    }
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

// How many mappings of memfds this process has.
int CountMappings() {
  int count = 0;
  FILE* const maps = fopen("/proc/self/maps", "r");
  char line[4096];
  while (fgets(line, sizeof line, maps) != nullptr) {
    count += std::string(line).find("memfd:test") != std::string::npos ? 1 : 0;
  }
  fclose(maps);
  return count;
}

TEST(MappedBuffer, PartsOfOneFile_MappedOnce) {
  const Memory memory("lumacbcr");
  const BufferPart parts[] = {{memory.fd(), 0, 4}, {memory.fd(), 4, 2}, {memory.fd(), 6, 2}};
  const auto buffer = MappedBuffer::Map(parts);
  ASSERT_TRUE(buffer) << buffer.error().message;
  EXPECT_EQ(std::string(buffer->part(0), buffer->part(0) + 4), "luma");
  EXPECT_EQ(std::string(buffer->part(1), buffer->part(1) + 2), "cb");
  EXPECT_EQ(std::string(buffer->part(2), buffer->part(2) + 2), "cr");
  EXPECT_EQ(buffer->part(2) - buffer->part(0), 6);
  EXPECT_EQ(CountMappings(), 1);
}

TEST(MappedBuffer, PartsOfTwoFiles_EachItsOwn) {
  const Memory first("luma");
  const Memory second("--chroma");
  const BufferPart parts[] = {{first.fd(), 0, 4}, {second.fd(), 2, 6}};
  const auto buffer = MappedBuffer::Map(parts);
  ASSERT_TRUE(buffer) << buffer.error().message;
  EXPECT_EQ(std::string(buffer->part(0), buffer->part(0) + 4), "luma");
  EXPECT_EQ(std::string(buffer->part(1), buffer->part(1) + 6), "chroma");
}

TEST(MappedBuffer, FileClosedByItsOwner_StaysMapped) {
  Memory memory("luma");
  const BufferPart parts[] = {{memory.fd(), 0, 4}};
  const auto buffer = MappedBuffer::Map(parts);
  ASSERT_TRUE(buffer);
  memory.Close();
  EXPECT_EQ(std::string(buffer->part(0), buffer->part(0) + 4), "luma");
  buffer->BeginCpuAccess();
  buffer->EndCpuAccess();
}

TEST(MappedBuffer, MovedAndDestroyed_UnmappedOnce) {
  const Memory memory("luma");
  const BufferPart parts[] = {{memory.fd(), 0, 4}};
  {
    auto buffer = MappedBuffer::Map(parts);
    ASSERT_TRUE(buffer);
    std::optional<MappedBuffer> other(*std::move(buffer));
    other = std::move(*MappedBuffer::Map(parts));
    EXPECT_EQ(CountMappings(), 1);
    EXPECT_EQ(std::string(other->part(0), other->part(0) + 4), "luma");
  }
  EXPECT_EQ(CountMappings(), 0);
}

TEST(MappedBuffer, BadFile_FailsWithTheReason) {
  const BufferPart parts[] = {{-1, 0, 4}};
  const auto buffer = MappedBuffer::Map(parts);
  ASSERT_FALSE(buffer);
  EXPECT_THAT(buffer.error().message, HasSubstr("cannot map"));
}

TEST(MappedBuffer, NoDescriptorLeft_FailsWithTheReasonAndUnmaps) {
  const Memory memory("luma");
  const BufferPart parts[] = {{memory.fd(), 0, 4}};
  rlimit files{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
  const rlimit none{.rlim_cur = 3, .rlim_max = files.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto buffer = MappedBuffer::Map(parts);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &files), 0);
  ASSERT_FALSE(buffer);
  EXPECT_THAT(buffer.error().message, HasSubstr("cannot keep"));
  EXPECT_EQ(CountMappings(), 0);
}

TEST(JoinAdjacent, OneAfterAnother_OnePart) {
  const BufferPart parts[] = {{3, 0, 100}, {3, 100, 50}};
  const auto joined = JoinAdjacent(parts);
  ASSERT_EQ(joined.size(), 1U);
  EXPECT_EQ(joined[0].length, 150U);
}

TEST(JoinAdjacent, AGapOrAnotherFile_StaysApart) {
  const BufferPart gap[] = {{3, 0, 100}, {3, 128, 50}};
  EXPECT_EQ(JoinAdjacent(gap).size(), 2U);
  const BufferPart other[] = {{3, 0, 100}, {4, 100, 50}};
  EXPECT_EQ(JoinAdjacent(other).size(), 2U);
}

}  // namespace
}  // namespace pistream
