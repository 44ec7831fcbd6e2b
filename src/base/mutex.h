// A mutex, a lock and a condition variable with annotations: the compiler rejects access to data
// annotated with PISTREAM_GUARDED_BY without its mutex.
//
//   void Add(int number) {
//     MutexLock lock(mutex_);
//     numbers_.push_back(number);
//     changed_.NotifyAll();
//   }
//   void AwaitFirst() {
//     MutexLock lock(mutex_);
//     changed_.Wait(mutex_, [this]() PISTREAM_REQUIRES(mutex_) { return !numbers_.empty(); });
//   }
//   Mutex mutex_;
//   ConditionVariable changed_;
//   std::vector<int> numbers_ PISTREAM_GUARDED_BY(mutex_);
//
// To wait with a deadline, use Clock (clock.h), so that tests need not wait for time.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

#include "src/base/thread_annotations.h"

namespace pistream {

// Not recursive. Prefer MutexLock to Lock() and Unlock().
class PISTREAM_CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  ~Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() PISTREAM_ACQUIRE() { mutex_.lock(); }
  void Unlock() PISTREAM_RELEASE() { mutex_.unlock(); }
  // True if it is locked now.
  bool TryLock() PISTREAM_TRY_ACQUIRE(true) { return mutex_.try_lock(); }

  // Declares to the analysis that this thread holds the mutex. Checks nothing.
  void AssertHeld() const PISTREAM_ASSERT_CAPABILITY(this) {}

 private:
  friend class Clock;
  friend class ConditionVariable;
  template <typename StdConditionVariable>
  friend class BasicConditionVariable;

  std::mutex mutex_;
};

// Holds a mutex for its lifetime, except between Unlock() and Lock().
class PISTREAM_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) PISTREAM_ACQUIRE(mutex) : mutex_(mutex) { mutex_.Lock(); }
  ~MutexLock() PISTREAM_RELEASE() {
    if (is_held_) {
      mutex_.Unlock();
    }
  }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void Unlock() PISTREAM_RELEASE() {
    mutex_.Unlock();
    is_held_ = false;
  }
  void Lock() PISTREAM_ACQUIRE() {
    mutex_.Lock();
    is_held_ = true;
  }

 private:
  Mutex& mutex_;
  bool is_held_ = true;
};

// Thread-safe. `ready` is called with `mutex` held, which guards the data that it reads, and must
// not throw. Code that changes this data must notify.
template <typename StdConditionVariable>
class BasicConditionVariable {
 public:
  void NotifyOne() { changed_.notify_one(); }
  void NotifyAll() { changed_.notify_all(); }

  // Blocks until ready() returns true.
  template <typename Ready>
  void Wait(Mutex& mutex, Ready ready) PISTREAM_REQUIRES(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    changed_.wait(lock, std::move(ready));
    lock.release();
  }

 protected:
  StdConditionVariable changed_;
};

// For the hot path: notifying is one system call. std::condition_variable_any, which the one below
// needs, notifies with a lock of its own held, and the woken thread waits for that.
using PlainConditionVariable = BasicConditionVariable<std::condition_variable>;

class ConditionVariable : public BasicConditionVariable<std::condition_variable_any> {
 public:
  using BasicConditionVariable::Wait;

  // Blocks until ready() returns true or `stop` is requested; returns ready().
  template <typename Ready>
  bool Wait(Mutex& mutex, std::stop_token stop, Ready ready) PISTREAM_REQUIRES(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    const bool is_ready = changed_.wait(lock, std::move(stop), std::move(ready));
    lock.release();
    return is_ready;
  }

 private:
  friend class Clock;
};

}  // namespace pistream
