// For LD_PRELOAD: /dev/udmabuf where the kernel has none, so that libcamera's virtual camera finds
// memory for its buffers under qemu's user emulation.
//
// Opening it gives some file descriptor; UDMABUF_CREATE on that gives the memfd itself in place of
// a dma-buf made of it: it can be mapped, which is all the virtual camera and its users do.
// DMA_BUF_IOCTL_SYNC then has nothing to do but is counted, so that a test can tell whether all
// reading was done between a start and an end.
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/udmabuf.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include <atomic>
#include <cstdarg>
#include <string_view>

namespace {

std::atomic<int> starts;
std::atomic<int> ends;

template <typename Function>
Function* Real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

int OpenAs(const char* name, const char* path, int flags, mode_t mode) {
  if (std::string_view(path) == "/dev/udmabuf") {
    return eventfd(0, EFD_CLOEXEC);
  }
  return Real<int(const char*, int, ...)>(name)(path, flags, mode);
}

mode_t ModeOf(va_list arguments, int flags) {
  const bool creates = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  return creates ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(arguments, flags);
  va_end(arguments);
  return OpenAs("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(arguments, flags);
  va_end(arguments);
  return OpenAs("open64", path, flags, mode);
}

using IoctlRequest = unsigned long;  // NOLINT(google-runtime-int): the C library's

int ioctl(int fd, IoctlRequest request, ...) noexcept {
  va_list arguments;
  va_start(arguments, request);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  if (request == UDMABUF_CREATE) {
    const auto* const create = static_cast<const udmabuf_create*>(argument);
    return fcntl(static_cast<int>(create->memfd), F_DUPFD_CLOEXEC, 0);
  }
  if (request == DMA_BUF_IOCTL_SYNC) {
    const auto flags = static_cast<const dma_buf_sync*>(argument)->flags;
    ++((flags & DMA_BUF_SYNC_END) != 0 ? ends : starts);
    return 0;
  }
  return Real<int(int, IoctlRequest, ...)>("ioctl")(fd, request, argument);
}

// Reads begun, and those of them that have not ended. For dlsym.
int UdmabufShimReadsBegun() { return starts; }
int UdmabufShimReadsOpen() { return starts - ends; }

}  // extern "C"
