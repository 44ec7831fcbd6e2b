#include "src/base/sequence_checker.h"

#ifndef NDEBUG

#include <cstdio>
#include <cstdlib>

#include "src/base/thread_name.h"

namespace pistream {

uint64_t SequenceChecker::ThisThread() {
  static std::atomic<uint64_t> last = 0;
  thread_local uint64_t self = ++last;
  return self;
}

void SequenceChecker::Detach() { owner_.store(0, std::memory_order_relaxed); }

void SequenceChecker::BindOrAbort(const std::source_location& where) const {
  const std::lock_guard lock(binding_);
  uint64_t nobody = 0;
  if (owner_.compare_exchange_strong(nobody, ThisThread(), std::memory_order_relaxed)) {
    owner_name_ = ThreadName();
    return;
  }
  std::fprintf(stderr,
               "%s:%u: %s was called on thread '%s', but its object belongs to thread '%s'\n",
               where.file_name(), static_cast<unsigned>(where.line()), where.function_name(),
               ThreadName().c_str(), owner_name_.c_str());
  std::abort();
}

}  // namespace pistream

#endif
