// Mistakes that the compiler must reject, each in a macro: for a compile_failure_test.

#include "src/base/mutex.h"
#include "src/base/result.h"
#include "src/base/sequence_checker.h"

namespace pistream {

Result<int> Halve(int number);
Result<int> Halve(int number) {
  if (number % 2 != 0) {
    return Fail("{} is odd", number);
  }
  return number / 2;
}

Result<void> Check(int number);
Result<void> Check(int number) {
  if (const auto half = Halve(number); !half) {
    return tl::unexpected(half.error());
  }
#if defined(DROPS_A_RESULT)
  Halve(number);
#elif defined(DROPS_A_RESULT_OF_NOTHING)
  Check(number);
#elif defined(DROPS_A_MAPPED_RESULT)
  Halve(number).map([](int half) { return half + 1; });
#endif
  return {};
}

class Counter {
 public:
  void Add() {
    MutexLock lock(mutex_);
    ++count_;
#if defined(LOCKS_TWICE)
    MutexLock again(mutex_);
#endif
  }

  int AwaitOne() {
    MutexLock lock(mutex_);
    changed_.Wait(mutex_, [this]() PISTREAM_REQUIRES(mutex_) { return count_ > 0; });
    return count_;
  }

#if defined(READS_WITHOUT_THE_MUTEX)
  int count() const { return count_; }
#elif defined(WAITS_WITHOUT_THE_MUTEX)
  void Wait() {
    changed_.Wait(mutex_, [] { return true; });
  }
#elif defined(LEAVES_IT_LOCKED)
  void Lock() { mutex_.Lock(); }
#endif

 private:
  Mutex mutex_;
  ConditionVariable changed_;
  int count_ PISTREAM_GUARDED_BY(mutex_) = 0;
};

class Viewer {
 public:
  void Send() {
    thread_.Check();
    ++sent_;
    Flush();
  }

#if defined(READS_WITHOUT_THE_CHECK)
  int sent() const { return sent_; }
#elif defined(CALLS_WITHOUT_THE_CHECK)
  void Close() { Flush(); }
#endif

 private:
  void Flush() PISTREAM_REQUIRES(thread_) { sent_ = 0; }

  SequenceChecker thread_;
  int sent_ PISTREAM_GUARDED_BY(thread_) = 0;
};

}  // namespace pistream
