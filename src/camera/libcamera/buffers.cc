#include "src/camera/libcamera/buffers.h"

#include <fcntl.h>
#include <linux/dma-buf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace pistream {
namespace {

void Sync(int fd, uint64_t flags) {
  const dma_buf_sync sync{.flags = flags};
  // The kernel may be interrupted while it waits for the device to be done.
  while (ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync) != 0 && (errno == EINTR || errno == EAGAIN)) {
  }
}

}  // namespace

std::vector<BufferPart> JoinAdjacent(std::span<const BufferPart> parts) {
  std::vector<BufferPart> joined;
  for (const BufferPart& part : parts) {
    if (!joined.empty() && joined.back().fd == part.fd &&
        joined.back().offset + joined.back().length == part.offset) {
      joined.back().length += part.length;
    } else {
      joined.push_back(part);
    }
  }
  return joined;
}

Result<MappedBuffer::Mapping> MappedBuffer::Mapping::Make(int fd, size_t length) {
  void* const address = mmap(nullptr, length, PROT_READ, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) {
    return Fail("cannot map the camera's buffer of {} bytes: {}", length, strerror(errno));
  }
  const int own_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (own_fd < 0) {
    const int error = errno;
    munmap(address, length);
    return Fail("cannot keep the camera's buffer open: {}", strerror(error));
  }
  return Mapping(own_fd, address, length);
}

MappedBuffer::Mapping::Mapping(Mapping&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      address_(std::exchange(other.address_, nullptr)),
      length_(other.length_) {}

MappedBuffer::Mapping& MappedBuffer::Mapping::operator=(Mapping&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(address_, other.address_);
  std::swap(length_, other.length_);
  return *this;
}

MappedBuffer::Mapping::~Mapping() {
  if (address_ != nullptr) {
    munmap(address_, length_);
  }
  if (fd_ >= 0) {
    close(fd_);
  }
}

Result<MappedBuffer> MappedBuffer::Map(std::span<const BufferPart> parts) {
  MappedBuffer buffer;
  std::vector<int> fds;  // of the mappings, as they were given
  for (const BufferPart& part : parts) {
    const auto same = std::ranges::find(fds, part.fd);
    const auto index = static_cast<size_t>(same - fds.begin());
    if (same == fds.end()) {
      size_t length = 0;
      for (const BufferPart& other : parts) {
        length = other.fd == part.fd ? std::max(length, other.offset + other.length) : length;
      }
      auto mapping = Mapping::Make(part.fd, length);
      if (!mapping) {
        return tl::unexpected(std::move(mapping.error()));
      }
      fds.push_back(part.fd);
      buffer.mappings_.push_back(*std::move(mapping));
    }
    buffer.parts_.push_back(buffer.mappings_[index].data() + part.offset);
  }
  return buffer;
}

void MappedBuffer::BeginCpuAccess() const noexcept {
  for (const Mapping& mapping : mappings_) {
    Sync(mapping.fd(), DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
  }
}

void MappedBuffer::EndCpuAccess() const noexcept {
  for (const Mapping& mapping : mappings_) {
    Sync(mapping.fd(), DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ);
  }
}

}  // namespace pistream
