// Checks that a class that belongs to one thread is used on that thread only.
//
//   class Viewer {
//    public:
//     void Send(Picture picture) {
//       thread_.Check();  // aborts on another thread
//       queue_.push_back(std::move(picture));
//       Flush();
//     }
//    private:
//     void Flush() PISTREAM_REQUIRES(thread_);
//     SequenceChecker thread_;
//     std::deque<Picture> queue_ PISTREAM_GUARDED_BY(thread_);
//   };
//
// The compiler makes sure that no function reaches `queue_` without the check, or without being
// called by one that made it; the check makes sure at run time. It is a load and a comparison in
// builds without NDEBUG, that is in tests and sanitizers, and nothing in an optimised build.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <source_location>
#include <string>

#include "src/base/thread_annotations.h"

namespace pistream {

#ifdef NDEBUG

class PISTREAM_CAPABILITY("thread") SequenceChecker {
 public:
  void Check() const PISTREAM_ASSERT_CAPABILITY(this) {}
  void Detach() {}
};

#else

class PISTREAM_CAPABILITY("thread") SequenceChecker {
 public:
  SequenceChecker() = default;
  ~SequenceChecker() = default;
  SequenceChecker(const SequenceChecker&) = delete;
  SequenceChecker& operator=(const SequenceChecker&) = delete;

  // The first call binds to the calling thread, so that an object may be created on another thread
  // than the one that uses it. On any other thread, aborts the program with a message with both
  // names.
  void Check(std::source_location where = std::source_location::current()) const
      PISTREAM_ASSERT_CAPABILITY(this) {
    if (owner_.load(std::memory_order_relaxed) != ThisThread()) {
      BindOrAbort(where);
    }
  }

  // The next Check() binds again. For an object that moves to another thread.
  void Detach();

 private:
  // Unlike the system's thread identifiers, these are never reused. 0 is not the identifier of any
  // thread.
  static uint64_t ThisThread();

  void BindOrAbort(const std::source_location& where) const;

  mutable std::atomic<uint64_t> owner_ = 0;
  mutable std::mutex binding_;
  mutable std::string owner_name_;  // guarded by binding_
};

#endif

}  // namespace pistream
