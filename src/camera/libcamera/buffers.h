// A camera's buffer as memory: mapped once, made coherent around each reading.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/base/result.h"

namespace pistream {

// One part of a buffer: `length` bytes at `offset` of a dma-buf. Parts may share one dma-buf.
struct BufferPart {
  int fd = -1;  // borrowed
  size_t offset = 0;
  size_t length = 0;
};

// Parts that follow one another in the same dma-buf, as one.
std::vector<BufferPart> JoinAdjacent(std::span<const BufferPart> parts);

// Move-only; owns its mappings and duplicates of the file descriptors, so that it stays valid after
// libcamera has freed the buffer.
class MappedBuffer {
 public:
  // Maps for reading. Each dma-buf is mapped once, however many parts it holds.
  static Result<MappedBuffer> Map(std::span<const BufferPart> parts);

  MappedBuffer(MappedBuffer&&) noexcept = default;
  MappedBuffer& operator=(MappedBuffer&&) noexcept = default;
  MappedBuffer(const MappedBuffer&) = delete;
  MappedBuffer& operator=(const MappedBuffer&) = delete;
  ~MappedBuffer() = default;

  const uint8_t* part(int index) const { return parts_[static_cast<size_t>(index)]; }

  // What the camera wrote is visible to the CPU between these two (DMA_BUF_IOCTL_SYNC; on the Pi
  // the camera writes past the CPU's caches). Memory that is not a dma-buf needs neither.
  void BeginCpuAccess() const noexcept;
  void EndCpuAccess() const noexcept;

 private:
  // One dma-buf.
  class Mapping {
   public:
    static Result<Mapping> Make(int fd, size_t length);
    Mapping(Mapping&& other) noexcept;
    Mapping& operator=(Mapping&& other) noexcept;
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping();

    int fd() const { return fd_; }
    const uint8_t* data() const { return static_cast<const uint8_t*>(address_); }

   private:
    Mapping(int fd, void* address, size_t length) : fd_(fd), address_(address), length_(length) {}

    int fd_;
    void* address_;
    size_t length_;
  };

  MappedBuffer() = default;

  std::vector<Mapping> mappings_;
  std::vector<const uint8_t*> parts_;
};

}  // namespace pistream
